"""DDSM's FTP tree, ftp://figment.csee.usf.edu/pub/DDSM/cases/: anonymous, ten users at once.

Folders are listed through the same client as everything (libcurl speaks FTP: passive, binary, REST to go on, and the
host that PASV names is ignored). The standard library's ftplib knows no proxy and no resuming of a changed file.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import quote

from fetchers.dataset import RemoteFile
from fetchers.errors import CatalogueError
from fetchers.source import Source
from fetchers.sources import answer

if TYPE_CHECKING:
    from collections.abc import Iterator

    import httpx

    from fetchers.dataset import Dataset, Selection

_UNIX = re.compile(
    r"(?P<kind>[-dlbcps])[-rwxsStT]{9}[+@.]?\s+\d+\s+\S+\s+(?:\S+\s+)?(?P<size>\d+)\s+"
    r"[A-Za-z]{3}\s+\d{1,2}\s+(?:\d{1,2}:\d{2}|\d{4})\s(?P<name>.+)"
).fullmatch
_MLSD = re.compile(r"(?P<facts>(?:[A-Za-z.\-]+=[^;]*;)+) (?P<name>.+)").fullmatch
_DEEPEST = 16


class Ftp(Source):
    """A tree of files: `root` in the dataset's options, ending with a slash."""

    connections = 4  # of the ten that DDSM's server gives to all its users together

    def files(self, dataset: Dataset, wanted: Selection, client: httpx.Client) -> Iterator[RemoteFile]:
        """Yield the files below the root, folder after folder as they are listed; a part is a folder below it."""
        del wanted
        root = dataset.options.get("root")
        if not isinstance(root, str) or not root.startswith(("ftp://", "ftps://")):
            raise CatalogueError(f"{dataset.address}: options.root is no address of FTP", hint='root = "ftp://..."')
        base = root if root.endswith("/") else f"{root}/"
        below = f"{dataset.part}/" if dataset.part else ""
        yield from _walk(client, base, below, _DEEPEST)


def _walk(client: httpx.Client, base: str, below: str, deeper: int) -> Iterator[RemoteFile]:
    asked = base + quote(below)
    folders = []
    for name, size in _listing(asked, client.get(asked).text):
        if size is None:
            folders.append(f"{below}{name}/")
        else:
            yield RemoteFile(url=base + quote(below + name), path=below + name, size=size)
    for folder in folders:
        if not deeper:
            raise answer.faulty(asked, f"folders more than {_DEEPEST} deep")
        yield from _walk(client, base, folder, deeper - 1)


def _listing(asked: str, text: str) -> Iterator[tuple[str, int | None]]:
    """Yield (name, bytes or None for a folder) of a listing, Unix style or MLSD; links and the like are passed over."""
    for line in text.splitlines():
        if not line.strip() or line.lower().startswith("total "):
            continue
        unix, mlsd = _UNIX(line.rstrip()), _MLSD(line.rstrip())
        if unix is not None:
            kind, size, name = unix["kind"], int(unix["size"]), unix["name"]
        elif mlsd is not None:
            facts = dict(fact.lower().split("=", 1) for fact in mlsd["facts"].rstrip(";").split(";"))
            kind = {"dir": "d", "file": "-"}.get(facts.get("type", ""), "other")
            size, name = int(facts.get("size", "0")) if facts.get("size", "0").isdecimal() else 0, mlsd["name"]
        else:
            raise answer.faulty(asked, f"a line that is no entry of a listing: {line[:80]!r}")
        if name in (".", ".."):
            continue
        if kind == "d":
            yield name, None
        elif kind == "-":
            yield name, size
