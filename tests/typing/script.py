"""A user's script, as `mypy --strict` sees it: what it says of the types is checked, nothing of it is run."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import assert_type

import fetchers


def tell(update: fetchers.ProgressUpdate) -> None:
    """Be told how far it is."""
    print(update.label, update.done_bytes, update.bytes)  # noqa: T201 - it is a script


def script() -> None:
    """Use each kind of function once."""
    report = fetchers.get("shenzhen", "oasis/2", home="data", include="*.zip", max_size="20G", progress=tell)
    for result in report.datasets:
        assert_type(result.files, int)
        assert_type(result.terms.licence, str | None)
        for finding in result.findings:
            assert_type(finding.hint, str | None)
    assert_type(fetchers.fetch(["shenzhen"], home=Path("data")), list[Path])
    assert_type(fetchers.verify(check=True).checked_files, int)
    assert_type(fetchers.tasks()[0].due, date | None)
    assert_type(fetchers.tasks("adni", done="account", evidence="mail.pdf").state, str)
    assert_type(fetchers.grant("adni", until="2027-01-01", note="by mail").granted_on, date | None)
    assert_type(fetchers.list(modality="CT")[0].title, str)
    lab = fetchers.Workspace("data", offline=True, mirror={"https://a/": "http://127.0.0.1/"})
    assert_type(lab.verify("shenzhen", quick=True).exit, int)
    assert_type(lab.cite("shenzhen").bibtex, str)
    assert_type(lab.licence("CC BY 4.0").licence, str | None)
    try:
        fetchers.release("shenzhen", yes=True, reason="over")
    except fetchers.FetchError as error:
        assert_type(error.hint, str | None)
