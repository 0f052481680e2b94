"""Whether a JSON value is GeoJSON (RFC 7946) or TopoJSON, members of others left alone."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

Holds = Callable[[Any], bool]


def _number(held: Any) -> bool:
    return isinstance(held, int | float) and not isinstance(held, bool)


def _position(held: Any) -> bool:
    return isinstance(held, list) and len(held) >= 2 and all(map(_number, held))


def _all(holds: Holds, least: int = 0) -> Holds:
    return lambda held: isinstance(held, list) and len(held) >= least and all(map(holds, held))


def _ring(held: Any) -> bool:
    """At least four positions, the last of them the first again (3.1.6)."""
    return _all(_position, 4)(held) and held[0] == held[-1]


_SHAPES: dict[str, Holds] = {
    "Point": _position,
    "MultiPoint": _all(_position),
    "LineString": _all(_position, 2),
    "MultiLineString": _all(_all(_position, 2)),
    "Polygon": _all(_ring),
    "MultiPolygon": _all(_all(_ring)),
}


def _bounded(held: dict[str, Any]) -> bool:
    """A bounding box, where there is one, has two corners of two or more numbers (5)."""
    box = held.get("bbox")
    return box is None or (_all(_number, 4)(box) and len(box) % 2 == 0)


def _geometry(held: Any) -> bool:
    if not isinstance(held, dict) or not _bounded(held):
        return False
    kind = held.get("type")
    if kind == "GeometryCollection":
        return _all(_geometry)(held.get("geometries"))
    shape = _SHAPES.get(kind) if isinstance(kind, str) else None
    # An empty array stands for no geometry at all (3.1).
    return shape is not None and (held.get("coordinates") == [] or shape(held.get("coordinates")))


def _feature(held: Any) -> bool:
    return (
        isinstance(held, dict)
        and held.get("type") == "Feature"
        and _bounded(held)
        and "geometry" in held
        and (held["geometry"] is None or _geometry(held["geometry"]))
        and "properties" in held
        and isinstance(held["properties"], dict | None)
        and ("id" not in held or isinstance(held["id"], str) or _number(held["id"]))
    )


def is_geojson(held: Any) -> bool:
    """A geometry, a feature or a collection of features."""
    try:
        if isinstance(held, dict) and held.get("type") == "FeatureCollection":
            return _bounded(held) and _all(_feature)(held.get("features"))
        return _feature(held) or _geometry(held)
    except RecursionError:
        return False


def _index(held: Any) -> bool:
    return isinstance(held, int) and not isinstance(held, bool)


_ARCS: dict[str, Holds] = {
    "LineString": _all(_index),
    "MultiLineString": _all(_all(_index)),
    "Polygon": _all(_all(_index)),
    "MultiPolygon": _all(_all(_all(_index))),
}


def _drawn(held: Any) -> bool:
    """A geometry of TopoJSON: points as positions, everything else by its arcs."""
    kind = held.get("type", "") if isinstance(held, dict) else ""
    if kind == "GeometryCollection":
        return _all(_drawn)(held.get("geometries"))
    if kind in {"Point", "MultiPoint"}:
        return _SHAPES[kind](held.get("coordinates"))
    if not isinstance(held, dict) or (kind is not None and kind not in _ARCS):
        return False
    return kind is None or _ARCS[kind](held.get("arcs"))


def is_topology(held: Any) -> bool:
    """A topology: its objects by name, and the arcs that they share."""
    try:
        return (
            isinstance(held, dict)
            and held.get("type") == "Topology"
            and _bounded(held)
            and isinstance(held.get("objects"), dict)
            and all(map(_drawn, held["objects"].values()))
            and _all(_all(_position))(held.get("arcs"))
            and _placed(held.get("transform"))
        )
    except (RecursionError, TypeError):
        return False


def _placed(held: Any) -> bool:
    if held is None:
        return True
    pair = _all(_number, 2)
    return isinstance(held, dict) and pair(held.get("scale")) and pair(held.get("translate"))
