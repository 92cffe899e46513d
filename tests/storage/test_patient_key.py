"""Patients are recognised again, and never named."""

from __future__ import annotations

import stat
from typing import TYPE_CHECKING

import pytest

from fetchers.errors import StoreError
from fetchers.storage.patient_key import FILE, keyed, patient_key

if TYPE_CHECKING:
    from pathlib import Path


def test_the_key_is_made_once_and_is_private(tmp_path: Path) -> None:
    """The same home gives the same hash, another home another one; nobody else can read the key."""
    key = patient_key(tmp_path)
    assert key is not None
    assert patient_key(tmp_path) == key
    assert stat.S_IMODE((tmp_path / FILE).stat().st_mode) == 0o600
    assert patient_key(tmp_path / "other") != key
    assert keyed(key, "P1") == keyed(key, "P1") != keyed(key, "P2")


def test_a_home_that_cannot_be_written_has_no_key(tmp_path: Path) -> None:
    """Then no patient is recorded, and the download goes on."""
    (tmp_path / "file").write_text("")
    assert patient_key(tmp_path / "file" / "home") is None


@pytest.mark.parametrize("case", ["wide", "link", "words"])
def test_a_key_that_is_none_is_refused(tmp_path: Path, case: str) -> None:
    """A key that others read, that lies elsewhere, or that is no key would spoil every hash."""
    path = tmp_path / FILE
    path.write_text("00" * 32)
    path.chmod(0o644 if case == "wide" else 0o600)
    if case == "link":
        path.rename(tmp_path / "elsewhere")
        path.symlink_to(tmp_path / "elsewhere")
    if case == "words":
        path.write_text("secret")
    with pytest.raises(StoreError):
        patient_key(tmp_path)
