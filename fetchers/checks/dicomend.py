"""Does a DICOM file end exactly where its last element ends?"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from typing import BinaryIO

_LONG = frozenset((b"OB", b"OW", b"OF", b"OD", b"OL", b"OV", b"SQ", b"UN", b"UT", b"UC", b"UR", b"SV", b"UV"))
_UNDEFINED = 0xFFFFFFFF
_MOST = 200_000
_SEQUENCE_END = b"\xfe\xff\xdd\xe0\0\0\0\0"


def ends_whole(stream: BinaryIO, size: int) -> bool:
    """Walk the top-level elements of explicit or implicit little endian; False for whatever is not followed here.

    A last element of undefined length (encapsulated pixel data) is whole when the file ends with its delimiter.
    """
    head = stream.read(132)
    at = 132 if head[128:132] == b"DICM" else 0
    explicit = True
    for count in range(_MOST):
        if at == size:
            return count > 0
        stream.seek(at)
        raw = stream.read(12)
        if len(raw) < 8:  # noqa: PLR2004 - a tag and a length
            return False
        if raw[:2] != b"\x02\x00":
            explicit = raw[4:6].isalpha() and raw[4:6].isupper()
        if explicit and raw[4:6] in _LONG:
            length, start = struct.unpack("<I", raw[8:12].ljust(4, b"\0"))[0], at + 12
        elif explicit:
            length, start = struct.unpack("<H", raw[6:8])[0], at + 8
        else:
            length, start = struct.unpack("<I", raw[4:8])[0], at + 8
        if length == _UNDEFINED:
            stream.seek(max(0, size - 8))
            return stream.read(8) == _SEQUENCE_END
        if start + length > size:
            return False
        at = start + length
    return False
