"""The notebook of the documentation runs as it is."""

from __future__ import annotations

from pathlib import Path

import pytest

NOTEBOOK = Path(__file__).parent.parent / "docs" / "walkthrough.ipynb"


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
def test_every_cell_runs(tmp_path: Path) -> None:
    """Twelve cells on the demo's data: find, fetch, verify, audit, table, view, lock, statement."""
    nbformat = pytest.importorskip("nbformat")
    nbclient = pytest.importorskip("nbclient")
    pytest.importorskip("ipykernel")
    notebook = nbformat.read(NOTEBOOK, as_version=4)
    assert len(notebook.cells) == 12
    assert not any(cell.get("outputs") for cell in notebook.cells)
    client = nbclient.NotebookClient(notebook, timeout=120, resources={"metadata": {"path": str(tmp_path)}})
    client.execute()
    said = "".join(str(cell.get("outputs", "")) for cell in notebook.cells)
    for words in ("modality-wrong", "forbidden", "form", "## Data"):
        assert words in said
