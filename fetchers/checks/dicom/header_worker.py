"""Read DICOM headers with pydicom where a bomb cannot hurt: the limited process behind `guard`.

On stdin, for each file: its length (8 bytes, little endian) and its bytes. On stdout, one JSON line each: a header's
fields, or `{"broken": reason}`. Limits: memory by the kernel; processor time by a signal; deflate by ourselves (pydicom
inflates without any: 972 KB held it for 281 s); nesting by Python's recursion limit; elements by counting what is read.
The parent watches the clock on the wall, and ends a worker that a signal does not wake.
"""

from __future__ import annotations

import json
import signal
import struct
import sys
import warnings
import zlib
from io import BytesIO
from typing import TYPE_CHECKING, Any

from fetchers import system_process
from fetchers.checks.dicom.vr import LONG

if TYPE_CHECKING:
    from types import FrameType

MEMORY = 256 << 20  # bytes of address space: the interpreter with pydicom, without numpy, takes 60 MiB of it
SECONDS = 2.0  # of processor time for one header
INFLATE = 16 << 20
ELEMENTS = 200_000  # and items of sequences
_HEAD = 8  # bytes in which a tag and a length are read, for elements and items alike
# Where pydicom may stop: at pixels, and at sequences that come after all that is wanted and may have a million items:
# functional groups (5200), contours (3006).
_ENOUGH = frozenset((0x7FE00008, 0x7FE00009, 0x7FE00010, 0x52009229, 0x52009230, 0x30060039))
_DEFLATED = b"1.2.840.10008.1.2.1.99"
_KEYWORDS = {
    "sop_class": "SOPClassUID",
    "sop_instance": "SOPInstanceUID",
    "study": "StudyInstanceUID",
    "series": "SeriesInstanceUID",
    "modality": "Modality",
    "body_part": "BodyPartExamined",
    "rows": "Rows",
    "columns": "Columns",
    "frames": "NumberOfFrames",
}
# Handed on byte by byte, as the fast path reads them, whatever their VR or character set makes of them.
_BYTES = {
    "patient_id": "PatientID",
    "thickness": "SliceThickness",
    "imager_spacing": "ImagerPixelSpacing",
    "pixel_spacing": "PixelSpacing",
}


class _TooMuchError(BaseException):
    """A limit is reached. No `Exception`: pydicom catches those on its way."""


class _RefusedError(ValueError):
    """The bytes are of a kind that is not handed on to pydicom; the text is ours, with no value of the file's."""


class _Counted(BytesIO):
    """Bytes of which a bounded number of elements can be read."""

    left = ELEMENTS

    def read(self, size: int | None = -1, /) -> bytes:
        """Read, and count the heads of elements."""
        if size == _HEAD:
            self.left -= 1
            if self.left < 0:
                raise _TooMuchError(f"the header has more than {ELEMENTS:,} elements")
        return super().read(size)


def _late(_signal: int, _frame: FrameType | None) -> None:
    raise _TooMuchError(f"the header needs more than {SECONDS:.0f} s")


def main() -> None:
    """Answer until stdin ends."""
    sys.modules["numpy"] = None  # type: ignore[assignment]  # headers need none; its threads' stacks fill the limit
    signal.signal(signal.SIGPROF, _late)
    system_process.limit_memory(MEMORY)
    warnings.simplefilter("ignore")
    sys.setrecursionlimit(600)
    source, sink = sys.stdin.buffer, sys.stdout.buffer
    while len(size := source.read(8)) == 8:  # noqa: PLR2004 - the length's own length
        body = source.read(struct.unpack("<Q", size)[0])
        answer = _answer(body)
        sink.write(json.dumps(answer).encode() + b"\n")
        sink.flush()


def _answer(body: bytes) -> dict[str, Any]:
    try:
        signal.setitimer(signal.ITIMER_PROF, SECONDS, SECONDS)
        try:
            return header(body)
        finally:
            signal.setitimer(signal.ITIMER_PROF, 0)
    except (_TooMuchError, _RefusedError) as error:
        return {"broken": str(error)}
    except MemoryError:
        return {"broken": f"the header needs more than {MEMORY >> 20} MiB"}
    except RecursionError:
        return {"broken": "the header is nested too deeply"}
    except Exception as error:  # noqa: BLE001 - pydicom raises many kinds over mutated files; each costs one file
        if isinstance(error.__context__, _TooMuchError):  # pydicom catches everything where it reads an item's tag
            return {"broken": str(error.__context__)}
        return {"broken": f"{type(error).__name__}: the header cannot be read"}


def header(body: bytes) -> dict[str, Any]:
    """Read one header; raises what pydicom raises."""
    from pydicom.filereader import read_partial
    from pydicom.tag import Tag

    dataset = read_partial(
        _Counted(bounded(body)),
        stop_when=lambda tag, _vr, _length: tag in _ENOUGH,
        force=True,
        specific_tags=[Tag(keyword) for keyword in (*_KEYWORDS.values(), *_BYTES.values(), "TransferSyntaxUID")],
    )
    meta = getattr(dataset, "file_meta", None)
    if "SOPClassUID" not in dataset and body[128:132] != b"DICM":
        return {"broken": "no SOP Class UID is found"}
    if not len(dataset) and not meta:
        return {"broken": "no element can be read"}
    answer: dict[str, Any] = {}
    for name, keyword in _KEYWORDS.items():
        value = dataset.get(keyword)
        if name in ("rows", "columns"):
            answer[name] = value if isinstance(value, int) else None
        else:
            several = name == "modality" and not isinstance(value, str) and hasattr(value, "__len__")
            answer[name] = "\\".join(map(str, value)) if several else _text(value)
    if answer["sop_class"] is None and meta:
        answer["sop_class"] = _text(meta.get("MediaStorageSOPClassUID"))
    for name, keyword in _BYTES.items():
        raw = getattr(dataset.get_item(keyword), "value", None)
        answer[name] = raw.decode("latin-1") if isinstance(raw, bytes) else None
    answer["transfer_syntax"] = _text(meta.get("TransferSyntaxUID") if meta else None)
    return answer


def _text(value: object) -> str | None:
    """Return a value as text; of several, the first."""
    if value is None or value == "":
        return None
    if not isinstance(value, str) and hasattr(value, "__getitem__") and hasattr(value, "__len__"):
        value = value[0] if len(value) else None
    return None if value is None else str(value)


def bounded(body: bytes) -> bytes:
    """Inflate a deflated data set ourselves, 16 MiB at most, and hand it on as what is inside; raise `ValueError`."""
    if _DEFLATED not in body:
        return body
    syntax, start = _meta(body)
    if syntax is None:
        # What pydicom would make of it is not foreseen here, and pydicom inflates without a limit.
        raise _RefusedError("a deflated header that does not say so in its place")
    if syntax != _DEFLATED:
        return body
    inflater = zlib.decompressobj(-15)
    plain = inflater.decompress(body[start:], INFLATE)
    if inflater.unconsumed_tail:
        raise _RefusedError("more than 16 MiB come out of the deflated header")
    # Explicit little endian, its UID padded to the same length, is what the deflated stream holds: PS3.5, A.5.
    return body[:start].replace(_DEFLATED, b"1.2.840.10008.1.2.1\0\0\0") + plain


def _meta(body: bytes) -> tuple[bytes | None, int]:
    """Return the transfer syntax that group 0002 names, and where the group ends; None where it is no ordinary one."""
    at = 132 if body[128:132] == b"DICM" else 0
    syntax = None
    while body[at : at + 2] == b"\x02\0":
        vr, length, start = body[at + 4 : at + 6], int.from_bytes(body[at + 6 : at + 8], "little"), at + 8
        if not (vr.isalpha() and vr.isupper()):
            return None, at
        if vr in LONG:
            length, start = int.from_bytes(body[at + 8 : at + 12], "little"), at + 12
        if start + length > len(body):
            return None, at
        if body[at + 2 : at + 4] == b"\x10\0":
            syntax = body[start : start + length].strip(b" \0")
        at = start + length
    return syntax, at


if __name__ == "__main__":
    main()
