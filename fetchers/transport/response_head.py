"""Parse the head of a response."""

from __future__ import annotations

from functools import lru_cache
from itertools import takewhile
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_MDTM_DIGITS = 14
_LENGTH_DIGITS = 18  # what has more is beyond 2**63, and libcurl skips it
# What is an encoding at all (the register of HTTP's content codings); servers write much else there for bytes that are
# as they are: identity, none, binary, utf-8, a type, or what S3 keeps of the upload (aws-chunked).
_ENCODINGS = frozenset({"gzip", "x-gzip", "deflate", "br", "zstd", "compress", "x-compress", "exi", "dcb", "dcz"})


class Head(NamedTuple):
    """Status and fields of an HTTP answer; names are in lower case, of repeated fields the first counts.

    `length` is the Content-Length in bytes; -1 where two contradict each other or it is no number.
    """

    status: int
    fields: Mapping[str, str]
    pairs: tuple[tuple[str, str], ...]
    length: int | None

    @property
    def chunked(self) -> bool:
        """True if its last chunk ends it; no other Transfer-Encoding proves an end (RFC 9112, 6.3)."""
        return _chunked(self.fields)

    @property
    def encoding(self) -> str:
        """The Content-Encoding, empty for none."""
        values = self.fields.get("content-encoding", "").lower().split(",")
        return ", ".join(value for one in values if (value := one.strip()) in _ENCODINGS)

    @property
    def location(self) -> str | None:
        """The target of a redirect; servers send UTF-8 there, whatever the standard says."""
        value = self.fields.get("location")
        try:
            return value if value is None or value.isascii() else value.encode("latin-1").decode("utf-8")
        except UnicodeDecodeError:
            return value

    @property
    def cookies(self) -> list[str]:
        """The values of Set-Cookie."""
        return [value for name, value in self.pairs if name == "set-cookie"]


def head(lines: Sequence[bytes]) -> Head:
    """Read the last head of `lines`: a proxy's and those of 1xx stand before it, trailers after it."""
    start = max((index for index, line in enumerate(lines) if line[:5] == b"HTTP/"), default=0)
    status = lines[start].split(None, 2)[1:2] if lines else []
    pairs = tuple(filter(None, map(_field, takewhile(bytes.strip, lines[start + 1 :]))))
    fields = dict(reversed(pairs))
    length = fields.get("content-length")
    if len(fields) < len(pairs) and len({value for name, value in pairs if name == "content-length"}) > 1:
        length = ""  # no number
    return Head(
        status=int(status[0]) if status and status[0].isdigit() else 0,
        fields=fields,
        pairs=pairs,
        length=_length(length) if length is not None and not _chunked(fields) else None,
    )


@lru_cache(256)  # a place says most of its lines again with each file
def _field(line: bytes) -> tuple[str, str] | None:
    name, colon, value = line.decode("latin-1").partition(":")
    return (name.strip().lower(), value.strip()) if colon else None


def _chunked(fields: Mapping[str, str]) -> bool:
    return fields.get("transfer-encoding", "").rpartition(",")[2].strip().lower() == "chunked"


def _length(value: str) -> int:
    return int(value) if value.isdecimal() and len(value) <= _LENGTH_DIGITS else -1


def ftp_facts(lines: Sequence[bytes]) -> tuple[int | None, str | None]:
    """Read size in bytes and time of change from an FTP server's replies (213 to SIZE and to MDTM, RFC 3659)."""
    size: int | None = None
    changed: str | None = None
    for line in lines:
        code, _, text = line.decode("latin-1").strip().partition(" ")
        text = text.strip()
        if code != "213":
            continue
        if len(text.partition(".")[0]) == _MDTM_DIGITS:
            changed = text
        elif text.isdecimal():
            size = int(text)
    return size, changed
