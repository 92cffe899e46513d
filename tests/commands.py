"""Run `fetch` as a person would: a process of its own, in a folder of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class Ran:
    """What came of one command."""

    status: int
    out: str
    err: str

    @property
    def document(self) -> Any:  # noqa: ANN401 - whatever the contract says of the verb
        """The one JSON document on stdout."""
        return json.loads(self.out)


def fetch(home: Path, *words: str, environ: Mapping[str, str] | None = None, timeout: float = 60) -> Ran:
    """Run `fetch WORDS` with `home` as its workspace."""
    clean = {name: value for name, value in os.environ.items() if not name.startswith("FETCH_")}
    done = subprocess.run(
        [sys.executable, "-m", "fetchers", *words],
        env={**clean, "FETCH_HOME": str(home), **(environ or {})},
        capture_output=True,
        text=True,
        timeout=timeout,
        check=False,
        stdin=subprocess.DEVNULL,
    )
    return Ran(done.returncode, done.stdout, done.stderr)
