"""What stands behind the pixel data is answered from the first bytes as it is by the walk over all elements."""

from __future__ import annotations

import io
import struct
from pathlib import Path

import pytest
from pydicom.data import get_testdata_file

from fetchers.checks.dicom import end_of_file, fast_header

_PADDING = struct.pack("<HH2sHI", 0xFFFC, 0xFFFC, b"OB", 0, 600) + bytes(600)


def _body() -> bytes:
    body = Path(str(get_testdata_file("CT_small.dcm", download=False))).read_bytes()
    return body[: body.rindex(b"\xfc\xff\xfc\xff")]


@pytest.mark.parametrize(
    ("behind", "state", "trailing"),
    [
        (b"", "whole", 0),
        (bytes(2), "whole", 2),
        (bytes(500), "whole", 500),
        (b"\x08\x00\x16\x00UI\x02\x00ab", "whole", 10),
        (_PADDING, "whole", 0),
        (_PADDING[:-1], "cut", 0),
        (b"any text that a transfer left here", "whole", 34),
    ],
    ids=["nothing", "two zeros", "zeros", "an element of another file", "padding", "cut padding", "text"],
)
@pytest.mark.parametrize("kept", [1 << 16, 39_000], ids=["in the first bytes", "behind them"])
def test_both_ways_say_the_same(behind: bytes, state: str, trailing: int, kept: int) -> None:
    """Also where the first bytes end within the pixel data."""
    whole = _body() + behind
    head = whole[:kept]
    walked = fast_header.walked(head, whole=len(head) == len(whole))
    quick = end_of_file.ending(io.BytesIO(whole), len(whole), head, walked)
    assert (quick.state, quick.trailing) == (state, trailing)
    assert quick == end_of_file.ending(io.BytesIO(whole), len(whole), head)


@pytest.mark.parametrize("behind", [b"", bytes(500), _PADDING])
def test_few_bytes_are_read_for_it(behind: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    """No walk over the whole file."""
    monkeypatch.setattr(end_of_file, "_slow", None)
    whole = _body() + behind
    walked = fast_header.walked(whole, whole=True)
    assert end_of_file.ending(io.BytesIO(whole), len(whole), whole, walked).state == "whole"
