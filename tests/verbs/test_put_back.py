"""A copy that was changed is seen although its size and its modification time were put back."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from fetchers.storage.record.manifest import Manifest
from fetchers.verbs import adopt, audit
from tests.verbs.contexts import context

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from fetchers.context import Context

CATALOGUE = '[datasets.one]\ntitle = "One"\naccess = "open"\nlicence = "CC0-1.0"\n'


@pytest.fixture(name="here")
def _here(tmp_path: Path) -> Context:
    here = context(tmp_path / "home", catalogue=CATALOGUE)
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.txt").write_text("what was brought")
    assert adopt.run(here, "one", [tmp_path / "in"]).exit == 0
    return here


def _in_place(copy: Path) -> None:
    copy.write_text("what was changed")


def _by_another(copy: Path) -> None:
    copy.with_name("other").write_text("what was changed")
    copy.with_name("other").replace(copy)


@pytest.mark.parametrize("change", [_in_place, _by_another])
def test_a_changed_copy_whose_size_and_time_were_put_back(here: Context, change: Callable[[Path], None]) -> None:
    """The file system's own clock, and the file's identity, cannot be put back."""
    copy = here.store / "one" / "a.txt"
    before = copy.stat()
    change(copy)
    os.utime(copy, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert (copy.stat().st_size, copy.stat().st_mtime_ns) == (before.st_size, before.st_mtime_ns)
    assert [one.rule for one in audit.run(here).findings] == ["copy-modified"]


def test_a_restored_copy_is_hashed_once(here: Context, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same bytes under another inode are no change, and the next audit need not read them again."""
    copy = here.store / "one" / "a.txt"
    copy.with_name("restored").write_bytes(copy.read_bytes())
    copy.with_name("restored").replace(copy)
    assert audit.run(here).findings == ()
    with Manifest.open(here.store, write=False) as manifest:
        (held,) = manifest.files()
    assert (held.mtime_ns, held.ctime_ns) == (copy.stat().st_mtime_ns, copy.stat().st_ctime_ns)
    monkeypatch.setattr("fetchers.inspection.store_check.sha256_of", pytest.fail)
    assert audit.run(here).findings == ()
