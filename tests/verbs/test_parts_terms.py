"""The terms of a part count for the whole: what one part does not allow is not allowed of the dataset."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from fetchers.verbs import audit, catalogue, permit, status
from tests.verbs.contexts import context

if TYPE_CHECKING:
    from pathlib import Path

    from fetchers.context import Context

CATALOGUE = """
[datasets.mixed]
title = "Mixed"
access = "open"
licence = "CC0-1.0"
[datasets.mixed.parts.a]
title = "A"
[datasets.mixed.parts.b]
licence = "CC-BY-NC-4.0"
[datasets.asking]
title = "Asking"
access = "open"
licence = "LicenseRef-Asking"
[datasets.asking.parts.a]
title = "A"
[datasets.asking.parts.b]
title = "B"
[licences.LicenseRef-Asking]
name = "Asking"
[licences.LicenseRef-Asking.uses]
commercial = "ask"
"""


@pytest.fixture(name="here")
def _here(tmp_path: Path) -> Context:
    return context(tmp_path / "home", catalogue=CATALOGUE)


def test_show_allows_of_the_whole_what_every_part_allows(here: Context) -> None:
    """The part that forbids it is named; its own page says the same, and the other part's page allows it."""
    whole, a, b = (catalogue.show(here, name).uses["commercial"] for name in ("mixed", "mixed/a", "mixed/b"))
    assert (whole.verdict, a.verdict, b.verdict) == ("forbidden", "allowed", "forbidden")
    assert whole.reason.startswith("mixed/b: ")
    assert catalogue.show(here, "mixed").uses["research"].verdict == "allowed"


def test_a_permission_revoked_for_one_part(here: Context) -> None:
    """It ends there alone, and everybody says so: audit before anything is held, show, and status."""
    permit.run(here, "asking", "commercial", note="by letter")
    permit.run(here, "asking/a", "commercial", revoke=True)
    rows = audit.run(here, ["asking"], uses=["commercial"]).verdicts
    assert {(one.part, one.verdict) for one in rows} == {(None, "allowed"), ("a", "forbidden")}
    assert catalogue.show(here, "asking").uses["commercial"].verdict == "forbidden"
    assert {(one.part, one.state) for one in status.run(here, ()).permissions} == {(None, "active"), ("a", "revoked")}
