"""Who reads a header that is not for the fast road?

A process of its own with limits (`worker`), started when the first such file comes. One that hangs, or is killed for
what it takes, costs its one file, which is named; the next file gets a new one.
"""

from __future__ import annotations

import json
import os
import selectors
import struct
import subprocess
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

from fetchers.checks import dicom
from fetchers.holding import Header

if TYPE_CHECKING:
    from typing import Any, Self

MOST = 32 << 20  # bytes of a file that are looked at: a header that is longer is none
SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Broken:
    """Why a header could not be read."""

    reason: str


class Guard:
    """Reads headers in a limited process; a context manager. Use it from one thread at a time."""

    def __init__(self, *, seconds: float = SECONDS) -> None:
        self._seconds = seconds
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()

    def close(self) -> None:
        """End the process, if one was started."""
        process, self._process = self._process, None
        if process is not None:
            process.kill()
            process.wait()
            for pipe in (process.stdin, process.stdout):
                if pipe is not None:
                    pipe.close()

    def read(self, data: bytes) -> Header | Broken:
        """Read the header in the first `MOST` bytes of a file. Raises nothing but `OSError` for this machine."""
        for _ in range(2):
            process = self._started()
            try:
                answer = self._ask(process, data[:MOST])
            except BrokenPipeError:
                self.close()  # it died of an earlier file's remains; this one gets a new process
                continue
            if isinstance(answer, Broken):
                return answer
            return _header(answer)
        return Broken("the reading process ended twice before it took the file")

    def _started(self) -> subprocess.Popen[bytes]:
        if self._process is None:
            self._process = subprocess.Popen(
                [sys.executable, "-m", "fetchers.checks.worker"],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                start_new_session=True,  # Ctrl-C is the parent's to handle
                env={**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)},
            )
        return self._process

    def _ask(self, process: subprocess.Popen[bytes], data: bytes) -> dict[str, Any] | Broken:
        if process.stdin is None or process.stdout is None:
            return Broken("the reading process has no pipes")
        first = process.poll() is None
        process.stdin.write(struct.pack("<Q", len(data)))
        process.stdin.write(data)
        process.stdin.flush()
        with selectors.DefaultSelector() as selector:
            selector.register(process.stdout, selectors.EVENT_READ)
            # The first answer of a process waits for pydicom's import, too.
            if not selector.select(self._seconds + (5.0 if first else 0.0)):
                self.close()
                return Broken(f"the header took more than {self._seconds:.0f} s")
        line = process.stdout.readline()
        if not line.endswith(b"\n"):
            self.close()
            return Broken("the header took more memory than it may, or ended its reader")
        answer: dict[str, Any] = json.loads(line)
        return Broken(str(answer["broken"])) if "broken" in answer else answer


def _header(answer: dict[str, Any]) -> Header:
    """Keep of the answer what is coded; a stranger's free text is not kept."""

    def uid(name: str) -> str | None:
        return dicom.uid(str(answer.get(name) or ""))

    def word(name: str) -> str | None:
        return dicom.word(str(answer.get(name) or "").strip(" \0"))

    def number(name: str) -> int | None:
        value = answer.get(name)
        return value if isinstance(value, int) else None

    return Header(
        sop_class=uid("sop_class"),
        sop_instance=uid("sop_instance"),
        study=uid("study"),
        series=uid("series"),
        modality=word("modality"),
        body_part=word("body_part"),
        transfer_syntax=uid("transfer_syntax"),
        rows=number("rows"),
        columns=number("columns"),
        frames=dicom.frames(str(answer.get("frames") or "").encode("ascii", "replace")),
    )
