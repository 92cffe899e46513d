"""Which container a file's name promises."""

from __future__ import annotations

import re

ARCHIVES = {
    ".zip": "zip",
    ".tar": "tar",
    ".tar.gz": "gzip",
    ".tgz": "gzip",
    ".tar.bz2": "bz2",
    ".tbz2": "bz2",
    ".tar.xz": "xz",
    ".txz": "xz",
    ".tar.zst": "zstd",
}
_ENDINGS = tuple(ARCHIVES)
_LETTERS = 2  # of an ending as `split` makes it: aa, ab ...
_ZIP_PIECE = re.compile(r"(?P<stem>.+)\.[zZ][0-9]{2,3}").fullmatch
_PIECE = re.compile(r"(?P<whole>.+)\.(?:[0-9]{3}|(?!gz|xz|bz|lz|md|py|js|sh|ps|pl|rb)[a-z]{2})").fullmatch


def archive_kind(path: str) -> str | None:
    """Return the container that a file's name promises, where it is an archive to unpack."""
    lower = path.lower()
    if not lower.endswith(_ENDINGS):
        return None
    return next((kind for suffix, kind in ARCHIVES.items() if lower.endswith(suffix)), None)


def split_whole(path: str) -> str | None:
    """Return the name of the whole that a file is a piece of: `x.zip` of `x.z01`, `x.tar.gz` of `x.tar.gz.aa`."""
    ending = path[path.rfind(".") + 1 :]
    if not (ending.isdigit() or len(ending) == _LETTERS or ending[:1] in ("z", "Z")):
        return None  # nearly always, and asked of each file several times
    if found := _ZIP_PIECE(path):
        return f"{found['stem']}.zip"
    found = _PIECE(path)
    return found["whole"] if found and archive_kind(found["whole"]) else None


def stem(path: str) -> str:
    """Return an archive's name without the endings that say what it is, and never nothing."""
    lower = path.lower()
    ending = next((suffix for suffix in ARCHIVES if lower.endswith(suffix)), "")
    kept = path[: len(path) - len(ending)]
    return kept if kept.rpartition("/")[2] else f"{path}_"


def held_as_archive(path: str, kind: str) -> bool:
    """Return True if this is an archive that stays packed (`--keep-archives`, `--no-unpack`), and so is no image."""
    return kind in ARCHIVES.values() and archive_kind(path) is not None
