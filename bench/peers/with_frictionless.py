"""Check a CSV file with frictionless and a Table Schema (arguments: file, schema as JSON).

By itself frictionless reads `1.5` as 15 without a word where the decimal mark is a comma; a check
of the text of every number makes it find the same errors as the others.
"""

import re
import sys
from collections.abc import Iterator
from pathlib import Path

from frictionless import Check, Checklist, Resource, Row, Schema, errors, system

NUMBER = re.compile(r"-?[0-9]{1,3}(\.[0-9]{3})*(,[0-9]+)?|-?[0-9]+(,[0-9]+)?")


class Written(Check):
    """A number that is read although it is not written as the schema has it."""

    Errors = [errors.ConstraintError]  # noqa: RUF012 - as frictionless declares it

    def validate_start(self) -> Iterator[errors.ConstraintError]:
        fields = enumerate(self.resource.schema.fields)
        self.numbers = [(number, each.name) for number, each in fields if each.type == "number"]
        yield from ()

    def validate_row(self, row: Row) -> Iterator[errors.ConstraintError]:
        for number, name in self.numbers:
            if not NUMBER.fullmatch(row.cells[number]) and row[name] is not None:
                yield errors.ConstraintError.from_row(row, note="writing", field_name=name)


system.trusted = True
path, schema = Path(sys.argv[1]), Path(sys.argv[2])
resource = Resource(path=str(path), schema=Schema(str(schema)), encoding="utf-8")
report = resource.validate(Checklist(checks=[Written()]), limit_errors=10**9)
sys.stdout.write(f"{sum(len(task.errors) for task in report.tasks)}\n")
