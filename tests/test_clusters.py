"""The scripts of docs/clusters.md run, on a real Slurm of one node."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from fetchers.checks.dicom.samples import CT, scanner_file
from tests import slurm
from tests.cli.run import fetch
from tests.faultd import Answer, Faultd
from tests.verbs.contexts import context
from tests.verbs.holdings import hold

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.skipif(slurm.missing() is not None, reason=slurm.missing() or "")
DOC = Path(__file__).parent.parent / "docs" / "clusters.md"


def script(name: str) -> str:
    """Return a script of the page."""
    found = re.search(rf"<!-- runs in tests: {name} -->\n```bash\n(.*?)```", DOC.read_text(encoding="utf-8"), re.DOTALL)
    assert found is not None
    return found[1]


@pytest.fixture(scope="module")
def environ(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, str]]:
    """Run Slurm, with `fetch` and `dask` of this environment on the path."""
    with slurm.slurm(tmp_path_factory.mktemp("slurm") / "daemons") as made:
        yield {**made, "PATH": f"{Path(sys.executable).parent}:{made['PATH']}"}


def test_an_array_fetches_the_whole(tmp_path: Path, environ: dict[str, str]) -> None:
    """Four jobs into one store: each file is there, and each was asked for once."""
    names = [f"{number:02}.bin" for number in range(24)]
    home = tmp_path / "home"
    home.mkdir()
    with Faultd() as server:
        urls = [server.on(f"/{name}", Answer(name.encode() * 100)) for name in names]
        rows = "".join(f'[[datasets.lungs.files]]\nurl = "{url}"\n' for url in urls)
        head = '[datasets.lungs]\ntitle = "Lungs"\naccess = "open"\ncontainer = "mixed"\n'
        (home / "catalogue.toml").write_text(head + rows, encoding="utf-8")
        slurm.run(script("array"), {**environ, "FETCH_HOME": str(home)}, tmp_path)
        assert sorted(asked.path for asked in server.asked) == [f"/{name}" for name in names]
    done = fetch("verify", "--json", home=home)
    assert (done.status, done.document["checked_files"]) == (0, len(names)), done.err


def test_a_job_verifies_with_dask(tmp_path: Path, environ: dict[str, str]) -> None:
    """A scheduler and workers inside one job check a store; a changed file is found by them."""
    catalogue = '[datasets.lungs]\ntitle = "L"\naccess = "open"\ncontainer = "dicom"\nmodalities = ["CT"]\n'
    here = context(tmp_path / "home", catalogue=catalogue)
    root = hold(here, "lungs", {f"{number}.dcm": scanner_file(CT) for number in range(30)})
    environ = {**environ, "FETCH_HOME": str(here.workspace.home), "FETCH_TIMEOUT": "120", "FETCH_JSON": "1"}
    assert '"checked_files": 30' in slurm.run(script("dask"), environ, tmp_path)
    (root / "7.dcm").write_bytes(os.urandom((root / "7.dcm").stat().st_size))
    with pytest.raises(AssertionError, match="hash-mismatch"):
        slurm.run(script("dask"), environ, tmp_path)
