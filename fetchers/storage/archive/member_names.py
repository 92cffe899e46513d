"""Turn the names in an archive into names on this disk, and say what was made of them.

What leads out refuses the archive. What is only no name on every system is held under a portable one. Bytes that are
no UTF-8, and not said to be, are read in the encoding that all of them look like.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple, Protocol

from fetchers.errors import ContentError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from fetchers.storage.archive.safe_tree import Member

_MOST = 2000  # names by which an encoding is guessed
_FALLBACK = "cp437"  # what APPNOTE says that names without the flag are


class Naming(Protocol):
    """The rules for names from strangers, as `checks.formats.safe_names` has them."""

    def member_path(self, name: str, /) -> tuple[str, str | None]:
        """Return the name as it may be used, and why it is another; raise `ContentError` for one that leads out."""

    def encoding_of(self, names: Sequence[bytes], /) -> str:
        """Return the encoding that names look like."""

    def fold(self, path: str, /) -> str:
        """Return what is the same for names that some file system takes for the same."""


class Named(NamedTuple):
    """One name: `path` is empty for the archive's own folder; `renamed` and `guessed` as `Member` has them."""

    path: str
    renamed: str | None = None
    guessed: str | None = None


class MemberNames:
    """The names of one archive."""

    def __init__(self, naming: Naming) -> None:
        self._naming = naming
        self._encoding: str | None = None

    def guess(self, names: Iterable[str]) -> None:
        """Look at all names at once, where they are known beforehand."""
        strange = []
        for name in names:
            if not name.isascii() and (raw := _no_unicode(name)) is not None:
                strange.append(raw)
                if len(strange) == _MOST:
                    break
        if strange:
            self._encoding = self._naming.encoding_of(strange)

    def take(self, name: str) -> Named:
        """Return the name that a member has; raise `ContentError` where that leads out."""
        guessed = None
        if not name.isascii() and (raw := _no_unicode(name)) is not None:
            name, guessed = self._decoded(raw)
        plain = _plain(name)
        if not plain:
            return Named("")
        path, why = self._naming.member_path(plain)
        return Named(path, f"held under this name, not as {plain!r}: {why}" if why else None, guessed)

    def target(self, name: str) -> str:
        """Return the name of the member that a hard link means; empty where it can mean none."""
        try:
            return self.take(name).path if name else ""
        except ContentError:
            return ""

    def _decoded(self, raw: bytes) -> tuple[str, str]:
        if self._encoding is None:
            self._encoding = self._naming.encoding_of([raw])
        try:
            return raw.decode(self._encoding), self._encoding
        except UnicodeDecodeError:
            return raw.decode(_FALLBACK), _FALLBACK

    @staticmethod
    def said(member: Member, name: Named) -> Member:
        """Add to a member what its name was made of."""
        if name.renamed is None and name.guessed is None:
            return member
        return member._replace(renamed=member.renamed or name.renamed, guessed=name.guessed)


def _no_unicode(name: str) -> bytes | None:
    """Return the bytes of a name that is no UTF-8, None for one that is."""
    try:
        name.encode()
    except UnicodeEncodeError:
        return name.encode("utf-8", "surrogateescape")
    return None


def _plain(name: str) -> str:
    """Take off what `tar .` writes: `./` in front, a folder's last slash. Backslashes of Windows part folders."""
    name = name.replace("\\", "/")
    while name.startswith("./"):
        name = name[2:]
    name = name.removesuffix("/")
    return "" if name == "." else name
