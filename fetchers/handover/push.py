"""Send what is held of some datasets to a bucket, and say what lies there already.

Every object is named like the file that it is a copy of, below the prefix that was asked for. The terms go with the
data. Nothing is overwritten: an object that is there with other bytes is named and left alone.
"""

from __future__ import annotations

import os
from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from itertools import islice
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import urlsplit

from fetchers.errors import CatalogueError, ContentError, FetchError, TransferError, unforeseen
from fetchers.storage import layout

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator
    from io import BufferedReader
    from pathlib import Path

    from fetchers.context import Progress
    from fetchers.inspection.scope import Subject
    from fetchers.storage.record.manifest import Manifest
    from fetchers.transport.object_store import ObjectStore, Stored

AT_ONCE = 16  # objects under way; small ones wait for the store's answer most of the time
_AHEAD = 4  # pieces that wait, for each one under way: a million files are never a list in memory


class Destination(NamedTuple):
    """A bucket and the beginning of the keys in it; `prefix` is empty or ends with `/`."""

    bucket: str
    prefix: str

    @property
    def address(self) -> str:
        """Return the address as a person types it, without a slash at its end."""
        return f"s3://{self.bucket}/{self.prefix}".rstrip("/")


class Outgoing(NamedTuple):
    """One file that is to lie in the bucket under `key`."""

    path: Path
    key: str
    size: int
    sha256: str
    dataset: str
    part: str | None


@dataclass(slots=True)
class Sent:
    """What came of it. `files` and `bytes` count what lies in the bucket, `uploaded_*` what this run brought there."""

    files: int = 0
    bytes: int = 0
    uploaded_files: int = 0
    uploaded_bytes: int = 0
    failures: list[tuple[Outgoing, FetchError]] = field(default_factory=list)


def destination(address: str) -> Destination:
    """Read `s3://BUCKET/PREFIX`; raise `CatalogueError` for anything else."""
    found = urlsplit(address)
    if found.scheme != "s3" or not found.netloc or found.query or found.fragment or "@" in found.netloc:
        raise CatalogueError(
            f"expected s3://BUCKET/PREFIX, found {address!r}", hint="fetch push NAME s3://BUCKET/PREFIX"
        )
    prefix = found.path.strip("/")
    return Destination(found.netloc, f"{prefix}/" if prefix else "")


def outgoing(store: Path, manifest: Manifest, subjects: Iterable[Subject], to: Destination) -> Iterator[Outgoing]:
    """Yield the held files of `subjects`, then the texts of their terms."""
    names = []
    for one in subjects:
        name, part = one.dataset.name, one.dataset.part
        names.append(name)
        root = layout.root(store, name, part)
        for row in manifest.files(name, part):
            path = root / row.path
            key = f"{to.prefix}{path.relative_to(store).as_posix()}"
            yield Outgoing(path, key, row.size, row.sha256, name, part)
    for name in dict.fromkeys(names):
        texts = {row.text_path: row.text_sha256 for row in manifest.terms(name)}
        for text, sha256 in texts.items():
            if text is not None and sha256 is not None:
                path = store / text
                size = path.stat().st_size if path.exists() else 0
                yield Outgoing(path, f"{to.prefix}{text}", size, sha256, name, None)


def send(files: Iterable[Outgoing], store: ObjectStore, there: frozenset[str], progress: Progress, jobs: int) -> Sent:
    """Upload what is missing, `jobs` objects at once; what fails is in the result, and the others go on."""
    sent = Sent()
    waiting = iter(files)
    with ThreadPoolExecutor(max_workers=jobs) as threads:
        try:
            under_way = {threads.submit(_one, one, store, there): one for one in islice(waiting, jobs * _AHEAD)}
            while under_way:
                done, _ = wait(under_way, return_when=FIRST_COMPLETED)
                for future in done:
                    one = under_way.pop(future)
                    _settle(sent, one, future.result, progress)
                    under_way |= {threads.submit(_one, more, store, there): more for more in islice(waiting, 1)}
        except BaseException:
            threads.shutdown(wait=False, cancel_futures=True)
            raise
    return sent


def _settle(sent: Sent, one: Outgoing, result: Callable[[], bool], progress: Progress) -> None:
    try:
        uploaded = result()
    except FetchError as error:
        sent.failures.append((one, error))
        return
    except Exception as error:  # noqa: BLE001 - what the other files brought is to be told
        sent.failures.append((one, unforeseen(error)))
        return
    sent.files += 1
    sent.bytes += one.size
    sent.uploaded_files += uploaded
    sent.uploaded_bytes += one.size if uploaded else 0
    progress.advance(one.size, files=1)


def _one(one: Outgoing, store: ObjectStore, there: frozenset[str]) -> bool:
    """Upload one file; return False where the same bytes lie there already."""
    if one.key not in there:
        try:
            with open_held(one) as body:
                if store.put(one.key, body, one.size, one.sha256):
                    return True
        except OSError as error:
            raise ContentError(
                f"{one.path}: cannot be read: {error.strerror}", hint=f"fetch verify {one.dataset}"
            ) from error
    found = store.head(one.key)
    if found is None:
        raise TransferError(f"{one.key}: the store said that it is there, and it is not", hint="try again later")
    same = compare(one, found)
    if not same:
        what = "other bytes lie there" if same is False else "there is an object of this size, without a checksum"
        raise ContentError(f"{one.key}: {what}; nothing is overwritten", hint="choose another prefix")
    return False


def compare(one: Outgoing, found: Stored) -> bool | None:
    """Return whether an object has the held file's bytes; None where the store knows no more than its size."""
    with open_held(one) as body:
        return found.same(body, one.size, one.sha256)


def open_held(one: Outgoing) -> BufferedReader:
    """Open a held file to be read; a link in its place is not followed."""
    return os.fdopen(os.open(one.path, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC), "rb")
