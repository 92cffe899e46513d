"""What is fuzzed: each target reads strangers' bytes, and may refuse them only as it says that it does.

A target is a function of bytes with the errors that are its lawful answers, and inputs to begin with. Anything else
that is raised, a crash, or an input that takes longer than `run.SLOW` seconds is a fault.
"""

from __future__ import annotations

import io
import json
import struct
import tarfile
import tempfile
import zipfile
import zlib
from contextlib import closing, suppress
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from fetchers.errors import FetchError

if TYPE_CHECKING:
    from collections.abc import Callable


class Target(NamedTuple):
    """One reader: `read` is given the bytes, `lawful` are the errors by which it may refuse them."""

    read: Callable[[bytes], object]
    lawful: tuple[type[Exception], ...]
    seeds: Callable[[], tuple[bytes, ...]]


def _zip() -> bytes:
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a/b.txt", b"text" * 50)
        archive.writestr("c.bin", b"\0\1\2")
    return sink.getvalue()


def _tar(mode: str) -> bytes:
    sink = io.BytesIO()
    with tarfile.open(fileobj=sink, mode=mode) as archive:  # type: ignore[call-overload]  # a mode of ours
        info = tarfile.TarInfo("a/" + "n" * 120)
        info.size = 5
        archive.addfile(info, io.BytesIO(b"hello"))
    return sink.getvalue()


def _unpacked(kind: str) -> Callable[[bytes], object]:
    def read(data: bytes) -> object:
        from fetchers.checks.formats import safe_names
        from fetchers.storage.archive.unpack import Limits, unpack

        with tempfile.TemporaryDirectory() as folder:
            into = Path(folder, "u", "tree")
            limits = Limits(unpacked=1 << 22)
            return [one.path for one in unpack([data], kind, into, naming=safe_names, limits=limits)]

    return read


def _peeked(data: bytes) -> object:
    from fetchers.storage.archive.members import TROUBLE, Unreadable, members

    for name in ("x.zip", "x.tar", "x.tar.gz"):
        with suppress(Unreadable, *TROUBLE):
            for member in members(io.BytesIO(data), name):
                with member.open() as file:
                    file.read(1 << 16)
    return None


def _dicom() -> bytes:
    def element(group: int, number: int, vr: bytes, value: bytes) -> bytes:
        value += b" " * (len(value) % 2)
        return struct.pack("<HH2sH", group, number, vr, len(value)) + value

    meta = element(2, 0x10, b"UI", b"1.2.840.10008.1.2.1\0")
    body = element(8, 0x16, b"UI", b"1.2.840.10008.5.1.4.1.1.2\0") + element(8, 0x60, b"CS", b"CT")
    body += element(0x28, 0x10, b"US", b"\2\0") + element(0x28, 0x11, b"US", b"\2\0")
    return b"\0" * 128 + b"DICM" + meta + body + b"\xe0\x7f\x10\0OW\0\0\x08\0\0\0" + b"\0" * 8


def _headers(data: bytes) -> object:
    from fetchers.checks.dicom import fast_header

    fast_header.walk(data[: 1 << 16], whole=True)
    return fast_header.walk(data[: 1 << 16], whole=False)


def _judged(data: bytes) -> object:
    from fetchers.checks.formats import completeness, error_page, sniff

    kind = sniff.sniff(data[: 1 << 16], len(data))
    error_page.classify(data[: 1 << 16], url="https://place.example.org/x", content_type=None)
    return completeness.ending(kind, lambda: io.BytesIO(data), len(data), data[: 1 << 16])


def _png() -> bytes:
    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = chunk(b"IHDR", struct.pack(">IIBBBBB", 2, 2, 8, 0, 0, 0, 0))
    return b"\x89PNG\r\n\x1a\n" + header + chunk(b"IDAT", zlib.compress(b"\0\1\2" * 2)) + chunk(b"IEND", b"")


def _answers(data: bytes) -> object:
    from fetchers.sources.reading import bounded_json

    with suppress(ValueError):
        bounded_json.loads(data)
    size = 1 + len(data) % 37
    return list(bounded_json.elements(data[at : at + size] for at in range(0, len(data), size)))


def _listing(data: bytes) -> object:
    from fetchers.sources import bucket

    return bucket._page("https://place.example.org/", data, None)


def _xml(data: bytes) -> object:
    from fetchers.sources.reading import bounded_xml

    return bounded_xml.tree(data)


def _manifest(data: bytes) -> object:
    from fetchers.checks.series_manifests import wishes_of

    text = data.decode("utf-8", "replace")
    for name in ("x.tcia", "x.csv", "x.txt", "x.s5cmd"):
        with suppress(FetchError):
            wishes_of(text, name)
    return None


def _toml(data: bytes) -> object:
    from fetchers.workspace import toml
    from fetchers.workspace.diagnostics import Diagnostics
    from fetchers.workspace.validation import catalogue

    with tempfile.NamedTemporaryFile(suffix=".toml") as file:
        file.write(data)
        file.flush()
        found = toml.read(Path(file.name))
    if found is not None and not found[1]:
        catalogue.check_config(found[0], Diagnostics(Path("config.toml"), ""))
        catalogue.check_catalogue(found[0], Diagnostics(Path("catalogue.toml"), ""), {})
    return None


def _rows(data: bytes) -> object:
    from fetchers.storage.record.manifest import Manifest

    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "manifest.sqlite").write_bytes(data)
        with Manifest.open(Path(folder), write=False) as manifest:
            list(manifest.files())
            manifest.holdings()
            manifest.events()
            manifest.terms()
    return None


def _database() -> bytes:
    from fetchers.storage.record.manifest import Manifest

    with tempfile.TemporaryDirectory() as folder:
        with Manifest.open(Path(folder), write=True):
            pass
        return Path(folder, "manifest.sqlite").read_bytes()


def _journal(data: bytes) -> object:
    """Mutate what stands behind the checksum: with a wrong one a line is not read at all."""
    from fetchers.storage.record.manifest import Manifest

    lines = b"".join(b"%08x %s\n" % (zlib.crc32(line), line) for line in data.split(b"\n"))
    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "manifest.journal").write_bytes(lines)
        with Manifest.open(Path(folder), write=False) as manifest:
            list(manifest.files())
            manifest.chain_faults()
    return None


def _notes(data: bytes) -> object:
    from fetchers.storage.partial import resume_state
    from fetchers.storage.partial.hashes import Hashes
    from fetchers.storage.safe_folder import SafeFolder

    with tempfile.TemporaryDirectory() as folder:
        Path(folder, "p").mkdir()
        Path(folder, "p", "body").write_bytes(b"x" * 100)
        Path(folder, "p", "state").write_bytes(data)
        with closing(SafeFolder(folder)) as store:
            resume_state.gone_on(store, "p")
            return resume_state.believe(store, "p", Hashes(None).running, 10)


def _tex(data: bytes) -> object:
    from fetchers.reports.tex_commands import harmless_tex

    once = harmless_tex(data.decode("latin-1"))
    if harmless_tex(once) != once or "^^" in once:
        raise AssertionError(once)
    return None


def _addresses(data: bytes) -> object:
    from fetchers.transport import redaction, url_policy

    text = data.decode("latin-1")
    redaction.redact(text)
    with suppress(FetchError):
        url_policy.next_hop("https://place.example.org/", text, ("https://place.example.org/",), guarded=True)
    with suppress(FetchError):
        url_policy.listed(text, {("https", "place.example.org", 443)}, (), {})
    return None


_EVENT = json.dumps(["events", [[1, "t", "w", "applied", "d", None, None, None, "{}", "0", "1"]]]).encode()
_ROW = ["d", "", "a/b", 1, "0", 1, "text", "adopted", "a/b", "t", "size", *[None] * 20]
_FILE = json.dumps(["files", [_ROW]]).encode()
_S3 = (
    b'<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><IsTruncated>false</IsTruncated>'
    b"<EncodingType>url</EncodingType><Contents><Key>a%2Fb</Key><Size>1</Size></Contents></ListBucketResult>"
)
_HDF5 = b"\x89HDF\r\n\x1a\n\0\0\0\0\0\x08\x08\0" + b"\0" * 8 + b"\0" * 8 + b"\xff" * 8 + b"\x60" + b"\0" * 7
_TIFF = b"II*\0\x08\0\0\0\x01\0\x00\x01\x03\0\x01\0\0\0\x02\0\0\0\0\0\0\0"
_JPEG = b"\xff\xd8\xff\xe0\0\x04ab\xff\xda\0\x04\1\2\3\4\xff\xd9"
_PAGE = b"<!doctype html><html><head><title>Sign in</title></head><body><form></form></body></html>"
TARGETS: dict[str, Target] = {
    "zip": Target(_unpacked("zip"), (FetchError,), lambda: (_zip(),)),
    "tar": Target(_unpacked("tar"), (FetchError,), lambda: (_tar("w"),)),
    "gzip": Target(_unpacked("gzip"), (FetchError,), lambda: (_tar("w:gz"),)),
    "members": Target(_peeked, (), lambda: (_zip(), _tar("w"), _tar("w:gz"))),
    "dicom": Target(_headers, (FetchError, ValueError), lambda: (_dicom(),)),
    "ends": Target(
        _judged,
        (FetchError, ValueError, OSError, EOFError),
        lambda: (_png(), _dicom(), _zip(), _tar("w:gz"), _HDF5, _TIFF, _JPEG, _PAGE),
    ),
    "json": Target(_answers, (ValueError,), lambda: (b'[{"a": [1, "x\\""]}, {}]', b'{"files": [{"size": 1}]}')),
    "listing": Target(_listing, (FetchError,), lambda: (_S3,)),
    "xml": Target(_xml, (ValueError,), lambda: (_S3, b"<a><b>1</b></a>")),
    "manifest": Target(
        _manifest,
        (),
        lambda: (
            b"downloadServerUrl=x\nListOfSeriesToDownload=\n1.2.3\n",
            b"Series UID,x\n1.2,3\n",
            b"cp s3://b/u/* .\n",
        ),
    ),
    "toml": Target(
        _toml,
        (FetchError,),
        lambda: (
            b'jobs = 8\n[mirrors]\n"https://a/" = "https://b/"\n',
            b'[datasets.x]\ntitle = "X"\naccess = "open"\n',
        ),
    ),
    "record": Target(_rows, (FetchError,), lambda: (_database(),)),
    "journal": Target(_journal, (FetchError,), lambda: (_EVENT + b"\n" + _FILE,)),
    "notes": Target(
        _notes, (OSError,), lambda: (b'{"validator": "v", "total": 9}\n{"at": 4, "sha256": "0"}\n{"whole": 100}\n',)
    ),
    "tex": Target(_tex, (), lambda: (b"@misc{x, title={\\write18{x} ^^5c}}",)),
    "addresses": Target(_addresses, (), lambda: (b"https://user:p@h/x?token=1&a=b;c=d#e", b"//[::1]:80/\\..")),
}
