"""Under which identifier is a place's own word on the licence recorded?"""

from __future__ import annotations

import pytest

from fetchers.sources.licence_ids import identifier_of

CC_BY_3 = "Creative Commons Attribution 3.0 Unported License"


@pytest.mark.parametrize(
    ("name", "page", "identifier"),
    [
        (CC_BY_3, "http://creativecommons.org/licenses/by/3.0/", "CC-BY-3.0"),
        ("cc-by-4.0", None, "CC-BY-4.0"),
        ("CC BY-NC 4.0", None, "CC-BY-NC-4.0"),
        (None, None, None),
        ("", "", None),
        ("An agreement of its own", None, "LicenseRef-An-agreement-of-its-own"),
        (None, "https://x.example/terms?a=1", "LicenseRef-x.example-terms-a-1"),
        ("§§§", None, "LicenseRef-unrecognised"),
        # Name and page speak of two licences: neither is believed, and it is not passed over either.
        (CC_BY_3, "http://creativecommons.org/licenses/by-nc/4.0/", f"LicenseRef-{CC_BY_3.replace(' ', '-')}"),
    ],
)
def test_what_is_said_is_recorded(name: str | None, page: str | None, identifier: str | None) -> None:
    """Recognised words get SPDX's name, others one of their own: the dataset's licence never takes their place."""
    assert identifier_of(name, page) == identifier
