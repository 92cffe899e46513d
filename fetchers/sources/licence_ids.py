"""Choose the identifier under which an archive's own words on a licence are recorded."""

from __future__ import annotations

from fetchers.checks.terms.licence_names import recognise


def identifier_of(name: str | None, page: str | None, record: str = "place") -> str | None:
    """Return the licence expression; a `LicenseRef-` for words that are not recognised; None where nothing is said.

    An unrecognised licence is never skipped: the dataset's own would take its place, and allow what this one
    perhaps does not. It is named after the `record` that it was said of (`zenodo-162231`).
    """
    return recognise(name, page, record=record)
