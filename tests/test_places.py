"""Every kind of place, from outside: the real command at the real addresses, and each place's usual lies."""

from __future__ import annotations

import base64
import csv
import hashlib
import io
import json
import tarfile
import zipfile
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

import pytest
from PIL import Image

from fetchers.checks.dicom.samples import CT, MR, in_series, scanner_file
from tests.commands import fetch
from tests.internet import Internet
from tests.sources.places import recorded
from tests.sources.test_ftp import serving

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.internet import Answer, Asked

NBIA = "https://nbia.cancerimagingarchive.net/nbia-api/services/"
UIDS = ("1.2.826.0.1.3680043.8.498.1", "1.2.826.0.1.3680043.8.498.2")
# DDSM's kind of JPEG: lossless (SOF3), 12 bits, 40 x 30, one component.
LOSSLESS = (
    b"\xff\xd8\xff\xc3\x00\x0b\x0c\x00\x1e\x00\x28\x01\x01\x11\x00\xff\xda\x00\x08\x01\x01\x00\x01\x00\x00"
    + bytes(900)
    + b"\xff\xd9"
)
LICENCE = {"LicenseName": "Creative Commons Attribution 3.0 Unported License"}
LICENCE["LicenseURI"] = "http://creativecommons.org/licenses/by/3.0/"


def _row(uid: str, modality: str, images: int) -> dict[str, object]:
    named = {"SeriesInstanceUID": uid, "Modality": modality, "Collection": "DEMO", "PatientID": "P1"}
    study = {"StudyInstanceUID": f"{uid}.9", "BodyPartExamined": "CHEST"}
    return {**named, **study, "ImageCount": images, "FileSize": 1000, **LICENCE}


def _series_zip(uid: str, kind: str, *, wrong: bool = False) -> bytes:
    buffer = io.BytesIO()
    bodies = {f"0000000{n}.dcm": in_series(scanner_file(kind), series=uid, instance=f"{uid}.{n}") for n in range(1, 3)}
    with zipfile.ZipFile(buffer, "w") as archive:
        lines = ["Filename,MD5Hash"]
        for name, body in bodies.items():
            archive.writestr(name, body)
            digest = hashlib.md5(body + (b"x" if wrong else b""), usedforsecurity=False).hexdigest()
            lines.append(f"{name},{digest}")
        archive.writestr("md5hashes.csv", "\n".join(lines) + "\n")
    return buffer.getvalue()


def _nbia(internet: Internet, zips: dict[str, bytes], rows: list[dict[str, object]]) -> None:
    """Answer as NBIA does: an empty body for no rows, zips streamed without a length."""

    def series(asked: Asked) -> Answer:
        question = parse_qs(urlsplit(asked.url).query)
        chosen = [row for row in rows if all(str(row.get(key)) == value[0] for key, value in question.items())]
        return 200, {"Content-Type": "application/json"}, json.dumps(chosen).encode() if chosen else b""

    def image(asked: Asked) -> Answer:
        uid = parse_qs(urlsplit(asked.url).query)["SeriesInstanceUID"][0]
        if uid not in zips:
            return 400, {}, b"no such series"
        return 200, {"Content-Type": "application/x-zip", "Connection": "close"}, zips[uid]

    for version in ("v1", "v4"):
        internet.put(f"{NBIA}{version}/getSeries", series)
        internet.put(f"{NBIA}{version}/getImage", image)
        internet.put(f"{NBIA}{version}/getImageWithMD5Hash", image)
        internet.put(f"{NBIA}{version}/getCollectionValues", json.dumps([{"Collection": "DEMO"}]).encode())
        counts = json.dumps([{"criteria": "DEMO", "count": "2"}]).encode()
        internet.put(f"{NBIA}{version}/getCollectionValuesAndCounts", counts)


@pytest.fixture
def internet(tmp_path: Path) -> Iterator[Internet]:
    """Open a replica of the internet."""
    with Internet(tmp_path) as opened:
        yield opened


def test_a_collection_comes_series_by_series(tmp_path: Path, internet: Internet) -> None:
    """Zips without a length are proven by their end and their MD5 list; the licence of each series is recorded."""
    zips = {UIDS[0]: _series_zip(UIDS[0], CT), UIDS[1]: _series_zip(UIDS[1], MR)}
    _nbia(internet, zips, [_row(UIDS[0], "CT", 2), _row(UIDS[1], "MR", 2)])
    ran = fetch(tmp_path / "home", "tcia/DEMO", "--json", environ=internet.environment())
    assert ran.status == 0, ran.out + ran.err
    (result,) = ran.document["datasets"]
    assert (result["part"], result["files"]) == ("DEMO", 6)
    held = fetch(tmp_path / "home", "status", "--json").document["held"]
    assert {row["licence"] for row in held} == {"CC-BY-3.0"}
    before = len(internet.asked)
    again = fetch(tmp_path / "home", "tcia/DEMO", "--json", environ=internet.environment())
    assert again.document["datasets"][0]["downloaded_files"] == 0
    assert not [asked for asked in internet.asked[before:] if "getImage" in asked.url]
    verified = fetch(tmp_path / "home", "verify", "tcia", "--json").document
    assert verified["modalities"] == {"CT": 2, "MR": 2}


def test_a_series_that_contradicts_its_listing_is_held_and_said(tmp_path: Path, internet: Internet) -> None:
    """`get` and `verify` both end with 4, and the files are there."""
    _nbia(internet, {UIDS[0]: _series_zip(UIDS[0], MR)}, [_row(UIDS[0], "CT", 2)])
    ran = fetch(tmp_path / "home", "tcia/DEMO", "--json", environ=internet.environment())
    assert ran.status == 4, ran.err
    (result,) = ran.document["datasets"]
    assert {found["rule"] for found in result["findings"] if found["severity"] == "error"} == {"modality-wrong"}
    assert result["files"] == 3
    assert fetch(tmp_path / "home", "verify", "--json").status == 4


@pytest.mark.parametrize("fault", ["cut", "md5", "page"])
def test_a_broken_series_costs_that_series(tmp_path: Path, internet: Internet, fault: str) -> None:
    """The other one is held; nothing of the broken one is under a final name."""
    good = _series_zip(UIDS[0], CT)
    page = b"<html><body>sign in</body></html>"
    bad = {"cut": good[:-300], "md5": _series_zip(UIDS[1], CT, wrong=True), "page": page}
    _nbia(internet, {UIDS[0]: good, UIDS[1]: bad[fault]}, [_row(UIDS[0], "CT", 2), _row(UIDS[1], "CT", 2)])
    ran = fetch(tmp_path / "home", "tcia/DEMO", "--retries", "0", "--json", environ=internet.environment())
    assert ran.status == 9, ran.out + ran.err
    root = tmp_path / "home/cache/tcia/DEMO"
    assert sorted(path.name for path in root.iterdir() if path.name != "LICENCE") == [UIDS[0]]


def test_wanted_series_across_collections(tmp_path: Path, internet: Internet) -> None:
    """A UID that the place does not have is a failure, never silence; a manifest may name them."""
    _nbia(internet, {UIDS[0]: _series_zip(UIDS[0], CT)}, [_row(UIDS[0], "CT", 2)])
    manifest = tmp_path / "wanted.tcia"
    manifest.write_text(f"downloadServerUrl=x\nListOfSeriesToDownload=\nSeries ID\n{UIDS[0]}\n1.2.3.4\n", "utf-8")
    words = ("get", "tcia", "--manifest", str(manifest), "--json")
    ran = fetch(tmp_path / "home", *words, environ=internet.environment())
    assert ran.status == 9, ran.out + ran.err
    assert "1.2.3.4" in ran.out
    assert ran.document["datasets"][0]["files"] == 3


def test_the_whole_archive_is_not_taken_by_mistake(tmp_path: Path, internet: Internet) -> None:
    """Plain `tcia` lists the collections with their counts, by the index that is here, and says how to choose."""
    ran = fetch(tmp_path / "home", "tcia", environ=internet.environment())
    assert ran.status == 3
    assert "tcia/4D-Lung  20 patients" in ran.out
    assert not internet.asked
    assert "--all" in ran.out + ran.err


def test_a_zenodo_record_of_a_split_archive(tmp_path: Path, internet: Internet) -> None:
    """Pieces are joined and unpacked; the licence is the record's."""
    packed = io.BytesIO()
    body = scanner_file(MR)
    with tarfile.open(fileobj=packed, mode="w:gz") as archive:
        member = tarfile.TarInfo("GE/Patient_1/1.dcm")
        member.size = len(body)
        archive.addfile(member, io.BytesIO(body))
    whole = packed.getvalue()
    pieces = {"ge-1-5t.tar.gz.aa": whole[:9000], "ge-1-5t.tar.gz.ab": whole[9000:]}
    rows = []
    for name, piece in pieces.items():
        url = f"https://zenodo.org/api/records/162231/files/{name}/content"
        internet.put(url, piece)
        digest = hashlib.md5(piece, usedforsecurity=False).hexdigest()
        rows.append({"key": name, "size": len(piece), "checksum": f"md5:{digest}", "links": {"self": url}})
    record = {"id": 162231, "files": rows, "metadata": {"license": {"id": "cc-by-4.0"}}}
    internet.put("https://zenodo.org/api/records/162231", json.dumps(record).encode())
    ran = fetch(tmp_path / "home", "i2cvb", "--json", environ=internet.environment())
    assert ran.status == 0, ran.out + ran.err
    assert (tmp_path / "home/cache/i2cvb/GE/Patient_1/1.dcm").read_bytes() == body
    assert fetch(tmp_path / "home", "status", "--json").document["held"][0]["licence"] == "CC-BY-4.0"


def test_abide_skips_rows_without_a_file_and_says_so(tmp_path: Path, internet: Internet) -> None:
    """The names of derivatives come from the phenotypic table; 77 of its 1112 rows name none."""
    base = "https://s3.amazonaws.com/fcp-indi/data/Projects/ABIDE_Initiative/"
    internet.put(f"{base}Phenotypic_V1_0b_preprocessed1.csv", recorded("abide/phenotypic.csv"))
    table = csv.DictReader(io.StringIO(recorded("abide/phenotypic.csv").decode()))
    named = {row["FILE_ID"] for row in table} - {"no_filename"}
    for name in named:
        url = f"{base}Outputs/cpac/filt_noglobal/rois_cc200/{name}_rois_cc200.1D"
        internet.put(url, b"#1\t#2\n0.1\t0.2\n")
    words = ("get", "abide/derivatives/cpac/filt_noglobal/rois_cc200", "--json")
    ran = fetch(tmp_path / "home", *words, environ=internet.environment())
    assert ran.status == 0, ran.out + ran.err
    assert ran.document["datasets"][0]["files"] == len(named)
    assert "no_filename" in ran.out


def test_medpix_is_fetched_without_an_account(tmp_path: Path, internet: Internet) -> None:
    """As many images as were asked for, and no more questions than they take."""
    internet.put("https://medpix.nlm.nih.gov/rest/caseofweek/list", recorded("medpix/list.xml"))
    internet.put("https://medpix.nlm.nih.gov/rest/encounter.json", recorded("medpix/encounter.json"))
    case = json.loads(recorded("medpix/encounter.json"))
    drawn = io.BytesIO()
    Image.new("RGB", (30, 20), "grey").save(drawn, "JPEG")
    picture = drawn.getvalue()
    for row in case["imageList"]:
        internet.put(f"https://medpix.nlm.nih.gov/{row['imageURL'].lstrip('/')}", picture)
    ran = fetch(tmp_path / "home", "medpix", "--limit", "1", "--json", environ=internet.environment())
    assert ran.status == 0, ran.out + ran.err
    assert ran.document["datasets"][0]["files"] == 1


def test_medpix_has_a_second_road(tmp_path: Path, internet: Internet) -> None:
    """Where MedPix has no list of cases, Open-i is asked, and that is said."""
    drawn = io.BytesIO()
    Image.new("RGB", (30, 20), "grey").save(drawn, "JPEG")
    internet.put("https://medpix.nlm.nih.gov/rest/caseofweek/list", b"<!DOCTYPE html><html><body>Moved</body></html>")
    hit = {"uid": "u", "imgLarge": "/imgs/512/MPX1_synpic1.jpg", "ccLicense": "CC BY 4.0"}
    internet.put("https://openi.nlm.nih.gov/api/search", json.dumps({"total": 1, "list": [hit]}).encode())
    internet.put("https://openi.nlm.nih.gov/imgs/512/MPX1_synpic1.jpg", drawn.getvalue())
    for more in (["--dry-run"], []):
        ran = fetch(tmp_path / "home", "get", "medpix", "--json", *more, environ=internet.environment())
        assert ran.status == 0, ran.out + ran.err
        assert "openi was asked" in ran.out
    assert ran.document["datasets"][0]["files"] == 1
    assert list(tmp_path.rglob("openi/MPX1_synpic1.jpg"))


@pytest.fixture
def ftp(tmp_path: Path) -> Iterator[str]:
    """Serve a small DDSM by FTP."""
    case = tmp_path / "ftp/pub/DDSM/cases/normals/normal_01/case0001"
    case.mkdir(parents=True)
    (case / "A-0001-1.ics").write_text("ics_version 1.0\nfilename A-0001-1\n")
    (case / "A_0001_1.LEFT_CC.LJPEG").write_bytes(LOSSLESS)
    with serving(tmp_path / "ftp") as address:
        yield f"{address}/"


def test_ddsm_comes_from_its_ftp_tree(tmp_path: Path, ftp: str) -> None:
    """Folder after folder, through a mirror on loopback."""
    mirror = f"ftp://figment.csee.usf.edu/={ftp}"
    ran = fetch(tmp_path / "home", "get", "ddsm", "--json", "--mirror", mirror)
    assert ran.status == 0, ran.out + ran.err
    assert ran.document["datasets"][0]["files"] == 2
    name = "normals/normal_01/case0001/A_0001_1.LEFT_CC.LJPEG"
    assert (tmp_path / "home/cache/ddsm" / name).read_bytes() == LOSSLESS


def test_oasis_3_opens_with_the_grant_and_the_account(tmp_path: Path, internet: Internet) -> None:
    """A session for name and password, its cookie for the scans; neither is found on the disk afterwards."""
    host, session = "https://www.nitrc.org/ir/", "0123456789ABCDEF0123456789ABCDEF"
    account = "Basic " + base64.b64encode(b"ada:s3cret").decode()

    def sign_in(asked: Asked) -> Answer:
        if asked.headers.get("authorization") != account:
            return 401, {}, b"no"
        return 200, {"Set-Cookie": f"JSESSIONID={session}; Path=/; Secure"}, session.encode()

    def shown(body: bytes) -> Callable[[Asked], Answer]:
        return lambda asked: (200, {}, body) if session in asked.headers.get("cookie", "") else (401, {}, b"log in")

    row = {"label": "OAS30001_MR_d0129", "xsiType": "xnat:mrSessionData"}
    for project in ("OASIS3", "OASIS3_AV1451", "OASIS3_AV1451L"):
        rows = {"ResultSet": {"Result": [row] if project == "OASIS3" else []}}
        internet.put(f"{host}data/archive/projects/{project}/experiments", shown(json.dumps(rows).encode()))
    scans = io.BytesIO()
    with zipfile.ZipFile(scans, "w") as archive:
        archive.writestr("OAS30001_MR_d0129/scans/anat1/resources/BIDS/files/a.json", "{}")
    internet.put(f"{host}data/JSESSION", sign_in)
    where = "projects/OASIS3/subjects/OAS30001/experiments/OAS30001_MR_d0129/scans/ALL/files"
    internet.put(f"{host}data/archive/{where}", shown(scans.getvalue()))
    who = internet.environment(FETCH_USER_WWW_NITRC_ORG="ada", FETCH_PASSWORD_WWW_NITRC_ORG="s3cret")
    home = tmp_path / "home"
    assert fetch(home, "oasis/3", environ=who).status == 6
    assert not internet.asked
    assert fetch(home, "grant", "oasis/3", "--note", "the invitation came").status == 0
    ran = fetch(home, "get", "oasis/3", "--accept", "LicenseRef-OASIS-DUA", "--json", environ=who)
    assert ran.status == 0, ran.out + ran.err
    assert ran.document["datasets"][0]["files"] == 1
    written = b"".join(path.read_bytes() for path in home.rglob("*") if path.is_file())
    assert b"s3cret" not in written
    assert session.encode() not in written
