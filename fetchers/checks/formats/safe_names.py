"""Check and clean file names that come from outside.

Addresses, members of archives, S3 keys and UIDs come from strangers. What could lead out, or would be another name on
another file system, is refused and not repaired: repairing is what makes two names one (`zipfile.extractall` turns
`(tmp)moo`, `/(tmp)moo` and `tmp/../../moo` into the same `tmp/moo`). A person's own files, which nobody can rename for
them at the source, get a portable name instead, and that is said.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from typing import TYPE_CHECKING

from fetchers.errors import ContentError

if TYPE_CHECKING:
    from collections.abc import Sequence

_COMPONENT = 200  # bytes; file systems end at 255, and we add endings
_PATH = 1000
_DEPTH = 32
_PLAIN = re.compile(r"[A-Za-z0-9_+=,@~^()\[\]{}!#$%&'-][A-Za-z0-9_+=,@~^()\[\]{}!#$%&'. /-]*").fullmatch
_FORBIDDEN = re.compile(r'[\x00-\x1f\x7f-\x9f<>:"|?*\\]')
# Windows takes these for devices whatever their ending; the superscript digits too (Apache commons-io, IO-860).
_RESERVED = re.compile(
    r"(?i)(con|prn|aux|nul|clock\$|conin\$|conout\$|(com|lpt)[0-9\u00b9\u00b2\u00b3]) *(\..*)?"
).fullmatch
_DRIVE = re.compile(r"[A-Za-z]:").match
_UID = re.compile(r"[0-9]+(\.[0-9]+)*").fullmatch
_UID_LONGEST = 64  # PS3.5, 9.1


def safe_path(name: str) -> str:
    """Return the relative path if it may be used as it is; raise `ContentError` with the reason."""
    reason = _fault(name)
    if reason is not None:
        raise ContentError(f"the name {name[:200]!r} is refused: {reason}")
    return name


def member_path(name: str) -> tuple[str, str | None]:
    """Return the path of an archive's member, and why it is not its own name.

    Raises `ContentError` for a name that leads out of its folder, or that readers take for different ones.
    """
    reason = _fault(name)
    if reason is None:
        return name, None
    if name.startswith("/") or "\0" in name or ".." in name.split("/") or _DRIVE(name):
        raise ContentError(f"the name {name[:200]!r} is refused: {reason}")
    path, _ = local_name(name)
    if not path:
        raise ContentError(f"the name {name[:200]!r} is refused: {reason}")
    return path, reason


def encoding_of(names: Sequence[bytes]) -> str:
    """Return the encoding that names which are no UTF-8 look like."""
    from fetchers.checks.formats.name_encoding import guessed

    return guessed(names)


def local_name(name: str) -> tuple[str, bool]:
    """Return a portable path for a person's own file, and whether it differs from `name`."""
    parts = [_portable(part) for part in name.split("/") if part not in ("", ".", "..")]
    path = "/".join(parts)
    if len(parts) > _DEPTH or len(path.encode()) > _PATH:
        digest = hashlib.sha256(path.encode()).hexdigest()[:16]  # two long paths may differ only in what is left out
        kept = parts[-(_DEPTH - 1) :]
        while len("/".join((digest, *kept)).encode()) > _PATH:
            kept = kept[1:]
        path = "/".join((digest, *kept))
    return path, path != name


def shown(path: str) -> str:
    """Return a visible name for a folder that would be hidden: hidden folders of the store are under way."""
    if path[:1] != "." and "/." not in path:
        return path
    *folders, last = path.split("/")
    return "/".join([*(f"_{folder}" if folder.startswith(".") else folder for folder in folders), last])


def fold(path: str) -> str:
    """Return what is the same for two names that some file system holds for one."""
    return path.lower() if path.isascii() else unicodedata.normalize("NFC", path).casefold()


def uid_name(uid: str) -> str:
    """Return a UID as a file's name; what is no UID becomes a hash."""
    if len(uid) <= _UID_LONGEST and _UID(uid):
        return uid
    return hashlib.sha256(uid.encode("utf-8", "surrogatepass")).hexdigest()[:32]


def _fault(name: str) -> str | None:  # noqa: C901, PLR0911 - one line for each reason
    if not name or name.startswith("/"):
        return "it is empty" if not name else "it is absolute"
    if not _PLAIN(name):
        found = _FORBIDDEN.search(name)
        if found:
            what = {"\\": "a backslash", ":": "a colon, which is a drive or a stream on Windows"}.get(found.group())
            return f"it holds {what or ascii(found.group())}"
        try:
            name.encode()
        except UnicodeEncodeError:
            return "it is no Unicode text"
    parts = name.split("/")
    if len(parts) > _DEPTH or len(name.encode()) > _PATH:
        return f"it is too long or too deep ({len(name.encode())} bytes, {len(parts)} levels)"
    for part in parts:
        if part in ("", ".", ".."):
            return "it has an empty component" if not part else f"it has a component {part!r}"
        if part[-1] in ". ":
            return f"{part!r} ends with a dot or a space, which Windows drops"
        if len(part) > _COMPONENT // 4 and len(part.encode()) > _COMPONENT:
            return f"a component has more than {_COMPONENT} bytes"
        if part[0] in "cCpPaAnNlL" and _RESERVED(part):
            return f"{part!r} is a device's name on Windows"
    return None


def _portable(part: str) -> str:
    text = unicodedata.normalize("NFC", part.encode("utf-8", "surrogateescape").decode("utf-8", "replace"))
    text = _FORBIDDEN.sub(lambda found: "".join(f"%{byte:02X}" for byte in found.group().encode()), text)
    if text[-1] in ". ":
        text = f"{text[:-1]}%{ord(text[-1]):02X}"
    if _RESERVED(text):
        text = f"_{text}"
    body = text.encode()
    if len(body) > _COMPONENT:
        stem, dot, ending = text.rpartition(".")
        ending = dot + ending if stem and len(ending) <= 16 else ""  # noqa: PLR2004 - an ending, not a sentence
        digest = hashlib.sha256(body).hexdigest()[:16]
        room = _COMPONENT - len(digest) - len(ending.encode()) - 1
        text = body[:room].decode("utf-8", "ignore") + "~" + digest + ending
    return text
