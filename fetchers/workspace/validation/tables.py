"""Check the keys and values of a table by the schema."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fetchers.workspace.validation.validators import shown

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from fetchers.workspace.diagnostics import Diagnostics
    from fetchers.workspace.toml import Table
    from fetchers.workspace.toml_lines import Where
    from fetchers.workspace.validation.schema import Keys


def walk(
    where: Where, table: Mapping[str, object], keys: Keys, faults: Diagnostics, also: tuple[str, ...] = ()
) -> None:
    """Note each key of `table` that is neither in `keys` nor in `also`, and each value that its check refuses."""
    for key, value in table.items():
        check = keys.get(key)
        if check is None:
            if key not in also:
                dot = "; a name with a dot in it is written in quotes" if isinstance(value, dict) else ""
                faults.add((*where, key), f"unknown key{_near(key, (*keys, *also))}{dot}")
        elif fault := check(value):
            faults.add((*where, key), fault)


def missing(where: Where, table: Mapping[str, object], wanted: Iterable[str], faults: Diagnostics) -> None:
    """Note each key that must be there and is not."""
    for key in wanted:
        if key not in table:
            faults.add(where, f'"{key}" is missing')


def table_in(where: Where, table: Table, key: str, faults: Diagnostics) -> Table:
    """Return the table under `key`, an empty one where there is none; something else is a fault."""
    value = table.get(key, {})
    if isinstance(value, dict):
        return value
    faults.add((*where, key), f"expected a table, found {shown(value)}")
    return {}


def tables_in(where: Where, table: Table, faults: Diagnostics) -> Iterable[tuple[str, Table]]:
    """Yield the tables of a table of tables; what is none is a fault."""
    for key, value in table.items():
        if isinstance(value, dict):
            yield key, value
        else:
            faults.add((*where, key), f"expected a table, found {shown(value)}")


def rows_in(where: Where, table: Table, key: str, faults: Diagnostics) -> list[Table]:
    """Return the rows of an array of tables, an empty one in place of each that is no table."""
    value = table.get(key, [])
    if not isinstance(value, list):
        faults.add((*where, key), f"expected a list of tables, found {shown(value)}")
        return []
    for number, row in enumerate(value):
        if not isinstance(row, dict):
            faults.add((*where, key, number), f"expected a table, found {shown(row)}")
    return [row if isinstance(row, dict) else {} for row in value]


def _near(key: str, known: Iterable[str]) -> str:
    from difflib import get_close_matches

    near = get_close_matches(key, list(known), n=1)
    return f', did you mean "{near[0]}"?' if near else ""
