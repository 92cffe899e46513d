"""Read DICOM headers with pydicom where a bomb cannot hurt: the limited process behind `guard`.

On stdin, for each file: its length (8 bytes, little endian) and its bytes. On stdout, one JSON line each: a header's
fields, or `{"broken": reason}`. Limits: memory by the kernel, deflate by ourselves (pydicom inflates without any: 972
KB held it for 281 s), nesting by Python's recursion limit, elements by counting; time is the parent's to watch.
"""

from __future__ import annotations

import json
import resource
import struct
import sys
import warnings
import zlib
from io import BytesIO
from typing import Any

MEMORY = 1 << 30  # bytes of address space: the interpreter with pydicom takes about 200 MiB
INFLATE = 16 << 20
ELEMENTS = 200_000
_DEFLATED = b"1.2.840.10008.1.2.1.99"
_LONG = frozenset((b"OB", b"OW", b"OF", b"OD", b"OL", b"OV", b"SQ", b"UN", b"UT", b"UC", b"UR", b"SV", b"UV"))
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


def main() -> None:
    """Answer until stdin ends."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    warnings.simplefilter("ignore")
    sys.setrecursionlimit(600)
    source, sink = sys.stdin.buffer, sys.stdout.buffer
    while len(size := source.read(8)) == 8:  # noqa: PLR2004 - the length's own length
        body = source.read(struct.unpack("<Q", size)[0])
        try:
            answer = header(body)
        except MemoryError:
            answer = {"broken": f"the header needs more than {MEMORY >> 20} MiB"}
        except RecursionError:
            answer = {"broken": "the header is nested too deeply"}
        except Exception as error:  # noqa: BLE001 - pydicom raises many kinds over mutated files; each costs one file
            answer = {"broken": f"{type(error).__name__}: the header cannot be read"}
        sink.write(json.dumps(answer).encode() + b"\n")
        sink.flush()


def header(body: bytes) -> dict[str, Any]:
    """Read one header; raises what pydicom raises."""
    from pydicom import dcmread  # noqa: PLC0415 - the limits stand before it is loaded

    dataset = dcmread(
        BytesIO(bounded(body)),
        stop_before_pixels=True,
        force=True,
        specific_tags=[*_KEYWORDS.values(), "TransferSyntaxUID"],
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
            answer[name] = _text(value)
    if answer["sop_class"] is None and meta:
        answer["sop_class"] = _text(meta.get("MediaStorageSOPClassUID"))
    answer["transfer_syntax"] = _text(meta.get("TransferSyntaxUID") if meta else None)
    return answer


def _text(value: object) -> str | None:
    """Give a value as text; of several, the first."""
    if value is None or value == "":
        return None
    if not isinstance(value, str) and hasattr(value, "__getitem__") and hasattr(value, "__len__"):
        value = value[0] if len(value) else None
    return None if value is None else str(value)


def bounded(body: bytes) -> bytes:
    """Inflate a deflated data set ourselves, 16 MiB at most, and hand it on as what is inside; raises `ValueError`."""
    if _DEFLATED not in body:
        return body
    syntax, start = _meta(body)
    if syntax is None:
        # What pydicom would make of it is not foreseen here, and pydicom inflates without a limit.
        raise ValueError("a deflated header that does not say so in its place")
    if syntax != _DEFLATED:
        return body
    inflater = zlib.decompressobj(-15)
    plain = inflater.decompress(body[start:], INFLATE)
    if inflater.unconsumed_tail:
        raise ValueError("more than 16 MiB come out of the deflated header")
    # Explicit little endian, its UID padded to the same length, is what the deflated stream holds: PS3.5, A.5.
    return body[:start].replace(_DEFLATED, b"1.2.840.10008.1.2.1\0\0\0") + plain


def _meta(body: bytes) -> tuple[bytes | None, int]:
    """Give the transfer syntax that group 0002 names, and where the group ends; None where it is no ordinary one."""
    at = 132 if body[128:132] == b"DICM" else 0
    syntax = None
    while body[at : at + 2] == b"\x02\0":
        vr, length, start = body[at + 4 : at + 6], int.from_bytes(body[at + 6 : at + 8], "little"), at + 8
        if not (vr.isalpha() and vr.isupper()):
            return None, at
        if vr in _LONG:
            length, start = int.from_bytes(body[at + 8 : at + 12], "little"), at + 12
        if start + length > len(body):
            return None, at
        if body[at + 2 : at + 4] == b"\x10\0":
            syntax = body[start : start + length].strip(b" \0")
        at = start + length
    return syntax, at


if __name__ == "__main__":
    main()
