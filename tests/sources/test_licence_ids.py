"""Words on licences get an identifier."""

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
        ("An agreement of its own", None, "LicenseRef-zenodo-1-said-An-agreement-of-its-own"),
        (None, "https://x.example/terms?a=1", "LicenseRef-zenodo-1-said-x.example-terms-a-1"),
        ("Other (specified in description)", None, "LicenseRef-zenodo-1"),
        ("other-nc", None, "LicenseRef-zenodo-1-other-nc"),
        ("§§§", None, "LicenseRef-zenodo-1-said-09cd4719"),
        # Name and page speak of two licences: neither is believed, and it is not passed over either.
        ("CC BY 3.0", "http://creativecommons.org/licenses/by-nc/4.0/", "LicenseRef-zenodo-1-said-CC-BY-3.0-b581f1e2"),
    ],
)
def test_what_is_said_is_recorded(name: str | None, page: str | None, identifier: str | None) -> None:
    """Recognised words get SPDX's name, others one of their own: the dataset's licence never takes their place."""
    assert identifier_of(name, page, "zenodo-1") == identifier
