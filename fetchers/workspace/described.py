"""Write down the dataset of an address, and read it back.

As the catalogue's own table: `fetch add` writes it into `catalogue.toml`, the record keeps it with the day on which the
place said so. What is read back is checked as if a stranger had written it, by the rules of the catalogue.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from fetchers.dataset import ACCESS
from fetchers.workspace.diagnostics import Diagnostics
from fetchers.workspace.loader import dataset_of
from fetchers.workspace.redact_text import showable
from fetchers.workspace.validation import schema, validators
from fetchers.workspace.validation.tables import missing, rows_in, table_in, walk

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import date

    from fetchers.dataset import Dataset, Description
    from fetchers.workspace.toml import Table

_PLAIN = ("title", "source", "access", "container", "licence", "licence_words", "version", "origin", "link", "images")
_LONGEST = 2000  # characters of one text


def table_of(dataset: Dataset) -> Table:
    """Return the table of a dataset that has no files of its own listed: values that TOML and JSON can both say.

    Secrets are left out of the addresses.
    """
    table: Table = {}
    for key in (*_PLAIN, "patients"):
        value = getattr(dataset, key)
        if value not in (None, "", ()) and not (key == "container" and value == "mixed"):
            table[key] = showable(value)[:_LONGEST] if isinstance(value, str) else value
    if dataset.modalities:
        table["modalities"] = list(dataset.modalities)
    if dataset.options:
        table["options"] = _shown(dataset.options)
    if dataset.steps:
        table["steps"] = [_row(step._asdict()) for step in dataset.steps]
    if dataset.citations:
        table["citations"] = [_row(citation._asdict()) for citation in dataset.citations]
    return table


def dataset_from(name: str, table: object, on: date | None) -> Dataset | None:
    """Return the dataset of a table that was kept; None where it breaks a rule of the catalogue."""
    if not isinstance(table, dict) or validators.name(name) is not None:
        return None
    faults = Diagnostics(Path(name), "")
    walk((), table, schema.DATASET, faults, also=("options", "steps", "citations"))
    missing((), table, ("title", "access", "source"), faults)
    if fault := validators.free(table_in((), table, "options", faults)):
        faults.add(("options",), fault)
    for key in ("steps", "citations"):
        keys, wanted = schema.ROWS[key]
        for number, row in enumerate(rows_in((), table, key, faults)):
            walk((key, number), row, keys, faults)
            missing((key, number), row, wanted, faults)
    if faults or table["access"] not in ACCESS:
        return None
    return dataset_of(name, dict(table) | ({} if on is None else {"checked_on": on}))


def with_description(dataset: Dataset, told: Description) -> Dataset:
    """Return a dataset with what its place says of it; what a catalogue says by itself stays.

    A dataset that only an address named has the place's own title, access and steps.
    """
    addressed = dataset.origin is not None
    part = dataset.part is not None and told.title is not None  # of which the catalogue tells what holds for the whole
    known = {citation.doi.lower() for citation in dataset.citations if citation.doi}
    new = tuple(one for one in told.citations if one.doi is None or one.doi.lower() not in known)
    cited = told.citations if addressed else (*new, *dataset.citations) if part else dataset.citations
    return dataset._replace(
        title=(told.title if addressed or part else None) or dataset.title,
        version=told.version or dataset.version,
        licence=dataset.licence if dataset.licence is not None and not addressed else told.licence or dataset.licence,
        licence_words=told.licence_words or dataset.licence_words,
        citations=cited or told.citations or dataset.citations,
        link=(told.link if addressed or part else None) or dataset.link or told.link,
        access=told.access if addressed and told.access != "open" else dataset.access,
        steps=told.steps if addressed and told.steps else dataset.steps,
        images=dataset.images if dataset.images is not None else told.images,
        patients=dataset.patients if dataset.patients is not None else told.patients,
        options={**dataset.options, **told.pinned},
    )


def same_place(one: Mapping[str, object], other: Mapping[str, object]) -> bool:
    """Return True where two datasets' options mean one thing at the place, whatever their versions."""
    return {**_shown(one), "version": 0, "revision": 0} == {**_shown(other), "version": 0, "revision": 0}


def _shown(options: Mapping[str, object]) -> Table:
    return {key: showable(value) if isinstance(value, str) else value for key, value in options.items()}


def _row(fields: Mapping[str, object]) -> Table:
    return {
        key: list(value) if isinstance(value, tuple) else value for key, value in fields.items() if value is not None
    }
