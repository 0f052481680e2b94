"""What templates cost: one in each format, and those of every entry."""

from __future__ import annotations

from pathlib import Path

from bench.harness import compare, in_process


def run(folder: Path, runs: int) -> None:
    from iocsl.catalog import open_catalogue
    from iocsl.catalog.templates import write_template

    catalogue = open_catalogue()
    prices = catalogue.dataset("KDL-M-016")

    def one(ending: str) -> None:
        write_template(
            catalogue, prices, folder / f"mau.{ending}", unit=prices.unit, period="2026-10"
        )

    def every() -> None:
        for each in catalogue.datasets():
            path = folder / "mau" / f"{each.code}.xlsx"
            write_template(catalogue, each, path, unit=each.responsible, period=None)

    compare(
        "Templates",
        {
            "one CSV": in_process(lambda: one("csv")),
            "one XML with XSD": in_process(lambda: one("xml")),
            "one XLSX": in_process(lambda: one("xlsx")),
            f"all {len(catalogue.datasets())} as XLSX": in_process(every),
        },
        min(runs, 3),
    )
