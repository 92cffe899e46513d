"""Decode images where a bomb cannot hurt: the limited process behind `pixel_process`.

On stdin a JSON line for each image: its kind, and a descriptor of the process that asks. On stdout a JSON line: the
SHA-256 of its pixels, or why there is none. Pixels are hashed as numbers of 32 bits with their shape, so that the same
picture has one hash as DICOM, PNG or TIFF, compressed without loss or not at all.
"""

from __future__ import annotations

import hashlib
import json
import resource
import signal
import sys
import warnings
from typing import Any, BinaryIO

from fetchers.checks.formats.pixel_process import MISSING

MEMORY = 4 << 30  # bytes of address space
SECONDS = 30  # of processor time for one image
_MOST = 1 << 28  # pixels of one image


class _TooMuchError(BaseException):
    """A limit is reached."""


def _late(*_: object) -> None:
    raise _TooMuchError


def main() -> None:
    """Answer until stdin ends."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    signal.signal(signal.SIGPROF, _late)
    warnings.simplefilter("ignore")
    for line in sys.stdin.buffer:
        asked = json.loads(line)
        sys.stdout.write(json.dumps(_answer(asked["kind"], f"/proc/{asked['pid']}/fd/{asked['fd']}")) + "\n")
        sys.stdout.flush()


def _answer(kind: str, path: str) -> dict[str, Any]:
    signal.setitimer(signal.ITIMER_PROF, SECONDS)
    try:
        with open(path, "rb") as file:  # noqa: PTH123 - a name of the kernel's
            return {"pixels": _dicom(file) if kind == "dicom" else _picture(file)}
    except (_TooMuchError, MemoryError):
        return {"why": "it takes more time or memory than an image may"}
    except ImportError:
        return {"why": MISSING}
    except RuntimeError as error:  # pydicom: no decoder for a transfer syntax
        return {"why": MISSING if "missing dependencies" in str(error) or "plugin" in str(error) else "no decoder"}
    except Exception as error:  # noqa: BLE001 - decoders raise many kinds over broken files; each costs one file
        return {"why": f"it cannot be decoded ({type(error).__name__})"}
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)


def _dicom(file: BinaryIO) -> str:
    from pydicom import dcmread

    dataset = dcmread(file, force=True)
    size = int(dataset.get("Rows") or 0) * int(dataset.get("Columns") or 0) * int(dataset.get("NumberOfFrames") or 1)
    if not 0 < size <= _MOST:
        raise ValueError("no pixels")
    return _hashed(dataset.pixel_array)


def _picture(file: BinaryIO) -> str:
    from PIL import Image

    Image.MAX_IMAGE_PIXELS = _MOST
    frames = []
    with Image.open(file) as image:
        for number in range(getattr(image, "n_frames", 1)):
            image.seek(number)
            plain = image.convert("RGB") if image.mode in ("P", "PA", "CMYK", "YCbCr") else image
            frames.append(_array(plain))
    import numpy as np

    return _hashed(frames[0] if len(frames) == 1 else np.stack(frames))


def _array(image: Any) -> Any:  # noqa: ANN401 - numpy may not be installed
    import numpy as np

    return np.asarray(image)


def _hashed(pixels: Any) -> str:  # noqa: ANN401 - numpy may not be installed
    import numpy as np

    if pixels.dtype.kind == "f":
        plain = np.ascontiguousarray(pixels, dtype="<f8")
    else:
        plain = np.ascontiguousarray(pixels, dtype="<i4" if pixels.dtype.itemsize <= 2 else "<i8")  # noqa: PLR2004
    digest = hashlib.sha256(repr(plain.shape).encode())
    digest.update(plain.data.cast("B"))
    return digest.hexdigest()


if __name__ == "__main__":
    main()
