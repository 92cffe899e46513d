"""The demo runs as described, on this machine alone."""

from __future__ import annotations

import http.client
import json
from typing import TYPE_CHECKING

import pytest

from fetchers.errors import StoreError
from fetchers.verbs.demo import run
from fetchers.verbs.demo.pictures import radiograph
from fetchers.verbs.demo.places import COLLECTION, archive, nbia
from fetchers.verbs.demo.replica import OPEN_FILE, running
from fetchers.verbs.demo.story import ACTS

if TYPE_CHECKING:
    from pathlib import Path


@pytest.mark.slow
def test_the_story_goes_as_told(tmp_path: Path) -> None:
    """Every command ends as the story says, asks the network only where it says so, and the home is left as a home."""
    heard: list[str] = []
    told = run(keep=tmp_path / "home", environ={"PATH": "/usr/bin:/bin"}, end=lambda step: heard.append(step.command))
    for step in told.steps:
        assert step.as_told, f"{step.command}: exit {step.exit}, {step.asked} requests\n{step.output}"
        assert "Traceback" not in step.output
    assert told.exit == 0
    assert heard == [step.command for step in told.steps]
    assert len(told.steps) == len(ACTS)
    assert (tmp_path / "home" / "cache" / "shenzhen").is_dir()
    assert str(tmp_path) == str(tmp_path.resolve())


def test_a_folder_in_use_is_left_alone(tmp_path: Path) -> None:
    """The demo writes into no folder that holds something."""
    (tmp_path / "thesis.tex").touch()
    with pytest.raises(StoreError, match="not empty"):
        run(keep=tmp_path, environ={})
    assert [path.name for path in tmp_path.iterdir()] == ["thesis.tex"]


def test_the_replica_goes_on_from_where_a_client_was() -> None:
    """A range is answered with the rest; what is not there is said; every request is counted."""
    with running() as replica:
        line = http.client.HTTPConnection("127.0.0.1", replica.server_address[1], timeout=10)
        line.request("GET", OPEN_FILE)
        whole = line.getresponse().read()
        line.request("GET", OPEN_FILE, headers={"Range": "bytes=100-"})
        rest = line.getresponse()
        assert rest.status == 206
        assert rest.read() == whole[100:]
        line.request("GET", "/nowhere")
        assert line.getresponse().status == 404
        line.close()
        assert replica.asked == 3


@pytest.mark.parametrize(
    ("query", "listed"),
    [
        (f"Collection={COLLECTION}", ["CT", "MR", "CT"]),
        (f"Collection={COLLECTION}&Modality=MR", ["MR"]),
        ("Collection=Other", []),
    ],
)
def test_the_archive_lists_as_nbia_does(query: str, listed: list[str]) -> None:
    """Rows as JSON; no rows are an empty body."""
    answered = nbia(archive(), "/nbia/nbia-api/services/v4/getSeries", query)
    assert answered is not None
    rows = json.loads(answered[1]) if answered[1] else []
    assert [row["Modality"] for row in rows] == listed


def test_pictures_are_png_and_differ() -> None:
    """Drawn, reproducible, and no two of them the same file."""
    pictures = [radiograph(number, ill=ill) for number in range(1, 6) for ill in (False, True)]
    assert all(picture.startswith(b"\x89PNG\r\n\x1a\n") for picture in pictures)
    assert len(set(pictures)) == len(pictures)
    assert radiograph(1, ill=True) == radiograph(1, ill=True)
