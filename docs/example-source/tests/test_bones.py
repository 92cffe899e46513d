"""The source yields what the list says, and `fetch` downloads it. Run by `python -m pytest`."""

import hashlib
import json
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

import httpx
import pytest
from fetch_source_bones import Bones

import fetchers
from fetchers.source import Dataset, Selection

BODY = b"not a bone, but bytes\n"


class _Archive(BaseHTTPRequestHandler):
    """Answers as the archive does: the list, and the one file that it names."""

    def do_GET(self) -> None:
        """Send the list or the file."""
        row = {
            "name": "hand-1.txt",
            "url": f"http://{self.headers['Host']}/hand-1.txt",
            "bytes": len(BODY),
            "sha256": hashlib.sha256(BODY).hexdigest(),
        }
        body = json.dumps([row]).encode() if self.path == "/list.json" else BODY
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_arguments: object) -> None:
        """Print nothing."""


@pytest.fixture
def server() -> Iterator[str]:
    """Run the archive on loopback and return its address."""
    with ThreadingHTTPServer(("127.0.0.1", 0), _Archive) as httpd:
        Thread(target=httpd.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{httpd.server_port}/"
        httpd.shutdown()


def test_files_yields_the_list(server: str) -> None:
    """One row, with its size and checksum."""
    dataset = Dataset(name="bones", options={"api": server})
    with httpx.Client() as client:
        (remote,) = Bones().files(dataset, Selection(), client)
    assert (remote.path, remote.size) == ("hand-1.txt", len(BODY))
    assert remote.checksum == f"sha256:{hashlib.sha256(BODY).hexdigest()}"


def test_fetch_downloads_it(server: str, tmp_path: Path) -> None:
    """The file is held under its own name, below the dataset's folder."""
    (tmp_path / "catalogue.toml").write_text(
        f'[datasets.bones]\ntitle = "Open Bones"\nsource = "bones"\naccess = "open"\n'
        f'[datasets.bones.options]\napi = "{server}"\n'
    )
    (path,) = fetchers.fetch("bones", home=tmp_path)
    assert path.read_bytes() == BODY
