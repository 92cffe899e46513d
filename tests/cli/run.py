"""Run a command in a process of its own, as a person does."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from pathlib import Path


class Outcome(NamedTuple):
    """What a command left on its two streams, and its status."""

    status: int
    out: str
    err: str

    @property
    def document(self) -> Any:  # noqa: ANN401 - JSON has no narrower type
        """Parse stdout as the one JSON document that it must be."""
        import json

        return json.loads(self.out)


def fetch(*words: str, home: Path, stdin: str | None = None, **environ: str) -> Outcome:
    """Run `fetch` with these words in this home."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("FETCH_")}
    done = subprocess.run(
        [sys.executable, "-m", "fetchers", *words],
        env={**kept, "FETCH_HOME": str(home), **environ},
        input=stdin or "",
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    return Outcome(done.returncode, done.stdout, done.stderr)
