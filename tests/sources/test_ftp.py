"""The source ftp: what it lists, and what it refuses."""

from __future__ import annotations

import logging
import warnings
from contextlib import contextmanager
from threading import Event, Thread
from typing import TYPE_CHECKING

import pytest

from fetchers.dataset import Dataset, Selection
from fetchers.errors import CatalogueError, NothingMatched, SourceError
from fetchers.sources import load
from fetchers.sources.ftp import Entry, listing
from tests.sources.places import PAGE, conversation, recorded, running

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

with warnings.catch_warnings():
    # pyftpdlib 2 stands on asyncore, which Python 3.11 calls deprecated; from 3.12 on it brings its own.
    warnings.simplefilter("ignore", DeprecationWarning)
    from pyftpdlib.authorizers import DummyAuthorizer
    from pyftpdlib.handlers import FTPHandler
    from pyftpdlib.ioloop import IOLoop
    from pyftpdlib.servers import FTPServer

TREE = {
    "cancers/cancer_01/case0001/A-1.ics": 3,
    "cancers/cancer_01/case0001/A_1.LEFT CC#1.LJPEG": 1000,
    "normals/normal_01/case0002/B-1.ics": 4,
    "normals/normal_02/case0003/é%20.ics": 5,
    "readme": 6,
}


@contextmanager
def serving(folder: Path) -> Iterator[str]:
    """Serve a folder by FTP on loopback, anonymously."""
    logging.getLogger("pyftpdlib").setLevel(logging.ERROR)
    authorizer = DummyAuthorizer()
    authorizer.add_anonymous(str(folder))
    loop, ended = IOLoop(), Event()
    server = FTPServer(("127.0.0.1", 0), type("Handler", (FTPHandler,), {"authorizer": authorizer}), ioloop=loop)

    def serve() -> None:
        while not ended.is_set():
            loop.loop(timeout=0.01, blocking=False)

    thread = Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield f"ftp://127.0.0.1:{server.socket.getsockname()[1]}"
    finally:
        ended.set()
        thread.join()
        server.close_all()


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """Make DDSM's tree in small, with a link that leads upwards."""
    for path, size in TREE.items():
        file = tmp_path / "pub" / "cases" / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(b"x" * size)
    (tmp_path / "pub" / "cases" / "normals" / "up").symlink_to(tmp_path)
    return tmp_path


def test_a_tree_is_walked(tree: Path) -> None:
    """Every file with its size, each address leads to its bytes, a link is left out and said."""
    with serving(tree) as server, conversation() as client:
        source = load("ftp")
        dataset = Dataset(name="ddsm", options={"root": f"{server}/pub/cases"})
        found = list(source.files(dataset, Selection(), client))
        assert {remote.path: remote.size for remote in found} == TREE
        assert {remote.path: len(client.get(remote.url).content) for remote in found} == TREE
    assert source.remarks == ["normals/up is a link or a device and was left out"]


@pytest.mark.parametrize(
    ("part", "paths"),
    [
        ("cancers", ["cancer_01/case0001/A-1.ics", "cancer_01/case0001/A_1.LEFT CC#1.LJPEG"]),
        ("normal_02", ["case0003/é%20.ics"]),
    ],
)
def test_a_part_is_a_folder_of_the_first_two_levels(tree: Path, part: str, paths: list[str]) -> None:
    """A class of DDSM, or a volume."""
    with serving(tree) as server, conversation() as client:
        dataset = Dataset(name="ddsm", part=part, options={"root": f"{server}/pub/cases/"})
        assert [remote.path for remote in load("ftp").files(dataset, Selection(), client)] == paths


def test_an_unknown_part_is_answered_with_those_that_are_there(tree: Path) -> None:
    """A mistyped folder gets the folders."""
    with serving(tree) as server, conversation() as client:
        dataset = Dataset(name="ddsm", part="cancer", options={"root": f"{server}/pub/cases/"})
        with pytest.raises(NothingMatched) as caught:
            list(load("ftp").files(dataset, Selection(), client))
        names = [name for name, _ in load("ftp").parts(dataset, client)]
    assert "cancers" in (caught.value.hint or "")
    assert names == ["cancers", "cancer_01", "normals", "normal_01", "normal_02"]


def test_only_what_is_read_is_asked_for(tree: Path) -> None:
    """The walk is lazy: a reader that stops after a file leaves the other folders alone. One that went costs itself."""
    with serving(tree) as server, conversation() as client:
        source = load("ftp")
        files = source.files(Dataset(name="x", options={"root": f"{server}/pub/cases/"}), Selection(), client)
        assert next(files).path.startswith("cancers/")
        (tree / "pub" / "cases" / "normals").rename(tree / "gone")
        list(files)
    assert [name for name, _ in source.refused.named] == ["normals/"]


EXPECTED = [
    Entry(name="case 0001", kind="folder", size=None),
    Entry(name="A_1509_1.LEFT_CC.LJPEG", kind="file", size=4231868),
    Entry(name="A-1509-1.ics", kind="file", size=801),
]


@pytest.mark.parametrize(("name", "links"), [("unix", ["latest"]), ("mlsd", ["latest"]), ("dos", [])])
def test_three_kinds_of_listing_are_understood(name: str, links: list[str]) -> None:
    """Of `ls -l`, of MLSD, and DOS's; line ends of either kind."""
    for body in (recorded(f"ftp/{name}.txt"), recorded(f"ftp/{name}.txt").replace(b"\n", b"\r\n")):
        with running({"/": body}) as place, conversation() as client:
            entries = listing(place.url("/"), client)
        assert entries == EXPECTED + [Entry(name=link, kind="other", size=None) for link in links]


@pytest.mark.parametrize(
    "body",
    [
        PAGE,
        b"550 No such folder\r\n",
        b"-rw-r--r-- 1 ftp ftp",
        b"-rw-r--r-- 1 ftp ftp many Mar 12 1999 a",
        b"-rw-r--r-- 1 ftp ftp 1 Mar 12 1999 ../up",
        b"type=file;size=1; a\\b",
        b"-rw-r--r-- 1 ftp ftp 1 Mar 12 1999 a\x1b[31m",
    ],
)
def test_what_is_no_listing_is_refused(body: bytes) -> None:
    """A page, a reply, a line that breaks off, a name that leaves the folder: refused with the line and the address."""
    with running({"/": body}) as place, conversation() as client:
        with pytest.raises(SourceError, match="a line that no listing has") as caught:
            listing(place.url("/"), client)
        assert place.url("/") in caught.value.what
        assert "\x1b" not in caught.value.what


@pytest.mark.parametrize("root", [None, "https://host/", 7])
def test_a_root_is_an_address_of_ftp(root: object) -> None:
    """Anything else is a fault of the catalogue."""
    with conversation() as client, pytest.raises(CatalogueError, match=r"options\.root"):
        list(load("ftp").files(Dataset(name="x", options={"root": root}), Selection(), client))
