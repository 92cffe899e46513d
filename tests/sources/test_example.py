"""The example of docs/adding-a-source.md works, built and installed as its readers would."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

from tests.sources.places import running

DOCS = Path(__file__).parent.parent.parent / "docs"
NAME = "hand-1.txt"
BODY = b"not a bone, but bytes\n"


def test_the_example_is_built_installed_and_fetched(tmp_path: Path) -> None:
    """A wheel is made of it without a network, laid out as pip does, found by its entry point, and `fetch` brings."""
    package = shutil.copytree(DOCS / "example-source", tmp_path / "package")
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path / "dist")]
    subprocess.run(build, cwd=package, check=True, capture_output=True)
    (wheel,) = (tmp_path / "dist").glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tmp_path / "site")
    its_own = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "tests"]
    paths = {"PYTHONPATH": f"{tmp_path / 'site'}{os.pathsep}{DOCS.parent}"}
    tested = subprocess.run(
        its_own, cwd=package, env={**os.environ, **paths}, capture_output=True, text=True, check=False, timeout=60
    )
    assert tested.returncode == 0, tested.stdout
    home = tmp_path / "home"
    (home / "cache").mkdir(parents=True)
    text = (package / "catalogue.toml").read_text().replace('container = "png"', 'container = "mixed"')
    row = {"name": NAME, "bytes": len(BODY), "sha256": hashlib.sha256(BODY).hexdigest()}
    with running({f"/files/{NAME}": BODY}) as place:
        place.answers["/api/list.json"] = json.dumps([{**row, "url": place.url(f"/files/{NAME}")}]).encode()
        (home / "catalogue.toml").write_text(text.replace("https://bones.example.org/api/", place.url("/api/")))
        report = subprocess.run(
            [sys.executable, "-m", "fetchers", "--home", str(home), "--json", "get", "bones"],
            env={**os.environ, **paths},
            cwd=tmp_path,
            capture_output=True,
            text=True,
            check=False,
        )
    assert report.returncode == 0, report.stdout + report.stderr
    assert json.loads(report.stdout)["datasets"][0]["downloaded_files"] == 1
    assert (home / "cache" / "bones" / NAME).read_bytes() == BODY


def test_the_guide_shows_the_example_as_it_is() -> None:
    """The ten lines of the guide are those of the package, and so is the entry point."""
    guide = (DOCS / "adding-a-source.md").read_text()
    source = (DOCS / "example-source" / "fetch_source_bones" / "__init__.py").read_text()
    assert source[source.index("class Bones") :] in guide
    assert 'bones = "fetch_source_bones:Bones"' in guide
    assert 'bones = "fetch_source_bones:Bones"' in (DOCS / "example-source" / "pyproject.toml").read_text()
