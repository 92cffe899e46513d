"""Decode a response that came encoded although nobody asked for that.

Only identity is asked for. A server that sends gzip or deflate all the same is decoded, piece by piece, so that no
small answer becomes a large memory; the end of the stream proves the end of the file. Files that are gzip by their
name are taken as they come: their servers say `Content-Encoding: gzip` and mean the file.
"""

from __future__ import annotations

import zlib
from typing import TYPE_CHECKING

from fetchers.errors import TransferError

if TYPE_CHECKING:
    from collections.abc import Iterator

_GZIP_NAMES = (".gz", ".tgz", ".svgz")
_GZIP = ("gzip", "x-gzip")
_PIECE = 1 << 20


def as_it_comes(encoding: str, path: str) -> bool:
    """Return True if the encoding is what the file's own name says."""
    return encoding in _GZIP and path.lower().endswith(_GZIP_NAMES)


class ContentDecoder:
    """Decodes one answer; raise `TransferError` for an encoding that is not spoken and for a broken stream."""

    def __init__(self, encoding: str, shown: str) -> None:
        if encoding not in (*_GZIP, "deflate"):
            raise TransferError(
                f"{shown}: sent as {encoding} although it was asked for as it is", hint="report it to the archive"
            )
        self._shown = shown
        self._begun = self._plain = False
        self._bits = 47 if encoding in _GZIP else zlib.MAX_WBITS  # 47: gzip or zlib, by itself
        self._inflate = zlib.decompressobj(self._bits)

    @property
    def ended(self) -> bool:
        """True if the stream has come to its own end; bytes that are not encoded have none of their own."""
        return self._plain or self._inflate.eof

    def decode(self, data: bytes) -> Iterator[bytes]:
        """Yield the decoded bytes of `data`, at most 1 MiB at a time; all members of a gzip (RFC 1952, 2.2)."""
        if not self._begun and data:
            self._begin(data)
        if self._plain:
            yield data
            return
        try:
            while data:
                if self._inflate.eof:
                    data = data.lstrip(b"\0")  # a last block may be filled up with them
                    if not data:
                        return
                    self._inflate = zlib.decompressobj(self._bits)
                yield self._inflate.decompress(data, _PIECE)
                data = self._inflate.unused_data if self._inflate.eof else self._inflate.unconsumed_tail
        except zlib.error as error:
            raise TransferError(f"{self._shown}: its encoding is broken: {error}", hint="try again later") from error

    def _begin(self, data: bytes) -> None:
        """See by the first bytes whether they are encoded as it was said: some servers say gzip of what is none."""
        self._begun = True
        zlib_head = len(data) > 1 and data[0] & 15 == 8 and int.from_bytes(data[:2], "big") % 31 == 0  # noqa: PLR2004 - RFC 1950
        if self._bits > zlib.MAX_WBITS:
            self._plain = not (data[:1] == b"\x1f" or zlib_head)
        elif not zlib_head:
            self._bits = -zlib.MAX_WBITS  # the bare stream, as many send for deflate
            self._inflate = zlib.decompressobj(self._bits)
