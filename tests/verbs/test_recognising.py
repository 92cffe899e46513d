"""What has its final name and no row is not brought again."""

from __future__ import annotations

import hashlib
import multiprocessing
from typing import TYPE_CHECKING

import pytest

from fetchers.acquire.recover import recognised
from fetchers.dataset import RemoteFile
from fetchers.storage import layout
from fetchers.storage.partial import inventory, ownership
from fetchers.storage.partial.partial import SMALL, STRIDE, Partial
from fetchers.storage.safe_folder import SafeFolder

if TYPE_CHECKING:
    from pathlib import Path

BODY = bytes(range(251)) * 60_000
SHA256 = hashlib.sha256(BODY).hexdigest()


@pytest.fixture
def store(tmp_path: Path) -> Path:
    """Make a store with one dataset."""
    layout.prepare(tmp_path)
    (tmp_path / "set").mkdir()
    return tmp_path


def _died_after_its_rename(store: Path, count: int) -> None:
    def work() -> None:
        partial = Partial(store, lambda: "key")
        partial.note('"v1"', count)
        partial.write(BODY[:count])
        partial.finish()
        partial.path.rename(store / "set" / "a")

    process = multiprocessing.get_context("fork").Process(target=work)
    process.start()
    process.join()


def _look(store: Path, **promises: object) -> Partial | None:
    remote = RemoteFile(url="https://data.example.org/a", path="a", **promises)  # type: ignore[arg-type]
    with SafeFolder(store) as folder:
        return recognised(folder, "set", remote, lambda: "key", ownership.left_behind(store).get("key", []))


@pytest.mark.parametrize("count", [3 * STRIDE + 10, SMALL + 5])
def test_what_a_dead_run_had_published(store: Path, count: int) -> None:
    """The hash that it noted vouches for it; nothing of the dead run is left."""
    _died_after_its_rename(store, count)
    found = _look(store)
    assert found is not None
    assert (found.whole, found.offset, found.validator, found.total) == (True, count, '"v1"', count)
    assert found.sha256 == hashlib.sha256(BODY[:count]).hexdigest()
    found.discard()
    assert not inventory.anything(store)
    assert (store / "set" / "a").read_bytes() == BODY[:count]


def test_a_promised_checksum_vouches_too(store: Path) -> None:
    """As where the record was lost."""
    (store / "set" / "a").write_bytes(BODY)
    found = _look(store, checksum=f"sha256:{SHA256}")
    assert found is not None
    assert found.sha256 == SHA256


@pytest.mark.parametrize(
    "promises", [{}, {"checksum": "sha256:" + "ab" * 32}, {"checksum": f"sha256:{SHA256}", "size": 3}]
)
def test_other_files_are_not_recovered(store: Path, promises: dict[str, object]) -> None:
    """A file without a promise, another file, another size: they are left as they are."""
    (store / "set" / "a").write_bytes(BODY)
    assert _look(store, **promises) is None
    assert not inventory.anything(store)
    assert (store / "set" / "a").read_bytes() == BODY


def test_what_was_changed_since_is_not_taken(store: Path) -> None:
    """The dead run's hash is another."""
    _died_after_its_rename(store, SMALL + 5)
    (store / "set" / "a").write_bytes(BODY[1 : SMALL + 6])
    assert _look(store) is None
    assert (store / "set" / "a").read_bytes() == BODY[1 : SMALL + 6]


def test_a_link_is_not_followed(store: Path, tmp_path_factory: pytest.TempPathFactory) -> None:
    """What stands under the name is a file, or nothing."""
    outside = tmp_path_factory.mktemp("outside") / "a"
    outside.write_bytes(BODY)
    (store / "set" / "a").symlink_to(outside)
    assert _look(store, checksum=f"sha256:{SHA256}") is None
