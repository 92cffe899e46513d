"""Run fuzz targets: `python -m tests.fuzz.run [--seconds N] [NAME...]`, all of them where none is named.

Coverage-guided by atheris, each target in a process of its own. What finds something is left in `tests/fuzz/found/`,
and belongs into `tests/fuzz/known/` once it is mended: the tests read that again.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
import time
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

FOUND = Path(__file__).parent / "found"
KNOWN = Path(__file__).parent / "known"
SLOW = 5.0  # seconds of the processor for one input
_DONE = re.compile(r"#(\d+)\s+\S+ .*?cov: (\d+)")


class Run(NamedTuple):
    """What came of one target. `coverage` counts the edges of our code that were reached."""

    executions: int
    coverage: int
    fault: str


def names() -> list[str]:
    """Name the targets."""
    from tests.fuzz.targets import TARGETS

    return list(TARGETS)


def one(name: str, data: bytes) -> None:
    """Give bytes to a target; raises what is not among its lawful answers, and `TimeoutError` for a slow one."""
    from tests.fuzz.targets import TARGETS

    target = TARGETS[name]
    start = time.process_time()
    try:
        target.read(data)
    except target.lawful:
        return
    finally:
        spent = time.process_time() - start
    if spent > SLOW:
        raise TimeoutError(f"{name}: {spent:.1f} s for {len(data)} bytes")


def possible() -> bool:
    """Return True if atheris is there; it has no wheel for some Pythons."""
    return find_spec("atheris") is not None


def fuzz(name: str, seconds: int) -> Run:
    """Fuzz one target in a process of its own."""
    FOUND.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as corpus:
        words = [f"-max_total_time={seconds}", "-rss_limit_mb=2048", "-timeout=30", "-max_len=20000"]
        words += ["-print_final_stats=1", f"-artifact_prefix={FOUND}/{name}-", corpus]
        program = "import sys; from tests.fuzz.run import guided; guided(sys.argv.pop(1), sys.argv[-1])"
        done = subprocess.run(
            [sys.executable, "-c", program, name, *words], capture_output=True, text=True, check=False, errors="replace"
        )
    lines = _DONE.findall(done.stderr)
    executions, coverage = (int(lines[-1][0]), max(int(line[1]) for line in lines)) if lines else (0, 0)
    return Run(executions, coverage, done.stderr[-3000:] if done.returncode else "")


def guided(name: str, corpus: str) -> None:
    """Be the process: instrument our code as it is imported, lay down the seeds, and hand over to libFuzzer."""
    import atheris

    with atheris.instrument_imports(include=["fetchers"]):
        from tests.fuzz.targets import TARGETS

        for number, seed in enumerate(TARGETS[name].seeds()):
            Path(corpus, str(number)).write_bytes(seed)
            one(name, seed)
    atheris.Setup(sys.argv, lambda data: one(name, data))
    atheris.Fuzz()


def main() -> int:
    """Fuzz what is named, and print a line for each."""
    words, seconds = sys.argv[1:], 600
    if words[:1] == ["--seconds"]:
        seconds, words = int(words[1]), words[2:]
    if not possible():
        print("atheris is not installed here: pip install --group fuzz")  # noqa: T201 - it is a command
        return 2
    faults = 0
    for name in words or names():
        run = fuzz(name, seconds)
        faults += bool(run.fault)
        said = "FAULT" if run.fault else "ok"
        print(f"| {name} | {seconds} | {run.executions:,} | {run.coverage:,} | {said} |", flush=True)  # noqa: T201 - the same
        sys.stderr.write(run.fault)
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())
