"""Seen from outside: datasets by their address, behind a proxy, at the places' real addresses."""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

import pyarrow as pa
import pytest
from pyarrow import parquet
from pydicom.data import get_testdata_file

from tests.commands import Ran, fetch
from tests.internet import Asked, Internet
from tests.sources.commons import ROWS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.internet import Answer

TABLE = b"a,b\n1,2\n"
COMMIT = "c" * 40
HUB = "https://huggingface.co"


@pytest.fixture
def internet(tmp_path: Path) -> Iterator[Internet]:
    """Serve an internet of this test's own."""
    with Internet(tmp_path) as places:
        yield places


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Return a fresh home."""
    return tmp_path / "home"


def run(internet: Internet, home: Path, *words: str, **environ: str) -> Ran:
    """Type a command; nobody's own keys are known."""
    return fetch(home, *words, environ=internet.environment(HOME=str(home.parent), **environ))


def zenodo(internet: Internet, number: int = 7, **more: object) -> None:
    """Put a record there."""
    base = f"https://zenodo.org/api/records/{number}"
    metadata = {
        "title": "Lungs",
        "version": "1.0.2",
        "license": {"id": "cc-by-4.0"},
        "creators": [{"name": "Roe, Ada"}],
    }
    row = {
        "key": "t.csv",
        "size": len(TABLE),
        "checksum": f"md5:{hashlib.md5(TABLE).hexdigest()}",
        "links": {"self": f"{base}/files/t.csv/content"},
    }
    record = {"id": number, "doi": f"10.5281/zenodo.{number}", "metadata": {**metadata, **more}, "files": [row]}
    internet.put(base, json.dumps(record).encode())
    internet.put(f"{base}/files/t.csv/content", TABLE)


def hub(internet: Internet, *, gated: object = False) -> None:
    """Put a data set at the Hub; a gated one wants the token `good`."""
    about = json.dumps({"id": "a/B", "sha": COMMIT, "gated": gated, "cardData": {"license": "mit"}}).encode()
    for revision in ("main", COMMIT):
        internet.put(f"{HUB}/api/datasets/a/B/revision/{revision}", about)
    digest = hashlib.sha256(TABLE).hexdigest()
    row = {"type": "file", "path": "t.csv", "size": len(TABLE), "oid": "1", "lfs": {"oid": digest, "size": len(TABLE)}}
    internet.put(f"{HUB}/api/datasets/a/B/tree/{COMMIT}", json.dumps([row]).encode())

    def guarded(asked: Asked) -> Answer:
        if gated and asked.headers.get("authorization") != "Bearer good":
            return 401, {"X-Error-Code": "GatedRepo"}, b""
        return 302, {"Location": "https://cdn-lfs.example.org/t?Signature=s3cret"}, b""

    def elsewhere(asked: Asked) -> Answer:
        return (400, {}, b"") if "authorization" in asked.headers else (200, {}, TABLE)

    internet.put(f"{HUB}/datasets/a/B/resolve/{COMMIT}/t.csv", guarded)
    internet.put("https://cdn-lfs.example.org/t", elsewhere)


@pytest.mark.parametrize("address", ["zenodo:7", "https://zenodo.org/records/7", "doi:10.5281/zenodo.7"])
def test_an_address_is_as_good_as_a_name(internet: Internet, home: Path, address: str) -> None:
    """Fetched by it, known by it and by its name in the store afterwards, without the network."""
    zenodo(internet)
    shown = run(internet, home, "show", address, "--json").document
    assert (shown["dataset"], shown["licence"], shown["version"]) == ("zenodo-7", "CC-BY-4.0", "1.0.2")
    assert not home.exists()
    got = run(internet, home, "get", address, "--json")
    assert got.status == 0, got.err
    assert got.document["datasets"][0]["dataset"] == "zenodo-7"
    for name in (address, "zenodo-7", "zenodo:7"):
        assert run(internet, home, "--offline", "verify", name).status == 0
        audited = run(internet, home, "--offline", "audit", name, "--use", "commercial", "--json").document
        assert audited["verdicts"][0]["verdict"] == "allowed-with-duties"
        assert "10.5281/zenodo.7" in run(internet, home, "--offline", "cite", name).out
        held = run(internet, home, "--offline", "status", name, "--json").document["held"]
        assert [(row["dataset"], row["version"]) for row in held] == [("zenodo-7", "1.0.2")]
        assert json.loads(run(internet, home, "files", name, "--jsonl", "-").out)["version"] == "1.0.2"
    assert run(internet, home, "get", address, "--json").document["datasets"][0]["downloaded_files"] == 0


def test_a_dry_run_by_address_writes_nothing(internet: Internet, home: Path) -> None:
    """And names each file with its size, where that is asked for."""
    zenodo(internet)
    ran = run(internet, home, "get", "zenodo:7", "--dry-run", "--list", "--json")
    assert ran.document["datasets"][0]["planned"][0]["path"] == "t.csv"
    assert ran.document["datasets"][0]["planned"][0]["size"] == len(TABLE)
    assert ran.document["datasets"][0]["plan"]["bytes"] == len(TABLE)
    assert not home.exists()


def test_what_is_not_there_is_named(internet: Internet, home: Path) -> None:
    """An unknown record is 3, an address that no place understands 2."""
    assert run(internet, home, "get", "zenodo:99").status == 3
    assert run(internet, home, "get", "zenodo:lungs").status == 2
    assert run(internet, home, "get", "nosuch:thing").status == 2


def test_a_wrong_checksum_is_content(internet: Internet, home: Path) -> None:
    """What comes is held against what the record says."""
    zenodo(internet)
    internet.put("https://zenodo.org/api/records/7/files/t.csv/content", b"x,b\n1,2\n")
    assert run(internet, home, "get", "zenodo:7").status == 4


def test_a_restricted_record_is_a_gate_with_a_task(internet: Internet, home: Path) -> None:
    """No empty listing: 6, and what to do is a task."""
    zenodo(internet, access_right="restricted")
    record = json.loads(internet.answers["https://zenodo.org/api/records/7"])  # type: ignore[arg-type]
    del record["files"]
    internet.put("https://zenodo.org/api/records/7", json.dumps(record).encode())
    ran = run(internet, home, "get", "zenodo:7")
    assert ran.status == 6, ran.err
    assert "fetch get zenodo:7" in ran.err
    (task,) = run(internet, home, "tasks", "zenodo-7", "--json").document
    assert task["url"] == "https://zenodo.org/records/7"


def test_one_file_is_its_own_dataset(internet: Internet, home: Path) -> None:
    """Known by its name in the store, under unknown terms."""
    internet.put("https://data.example.org/x/Table%201.csv", TABLE)
    assert run(internet, home, "get", "https://data.example.org/x/Table%201.csv").status == 0
    name = "web-data.example.org--table-1.csv"
    assert run(internet, home, "--offline", "verify", name).status == 0
    audited = run(internet, home, "--offline", "audit", name, "--use", "research", "--json").document
    assert audited["verdicts"][0]["verdict"] == "unknown"


def test_the_hub_is_pinned_and_its_token_stays_there(internet: Internet, home: Path) -> None:
    """Another revision than the held one is refused by name; the storage host sees no token."""
    hub(internet)
    assert run(internet, home, "get", "hf:a/B", HF_TOKEN="good").status == 0
    assert run(internet, home, "show", "hf:a/B", "--json").document["version"] == COMMIT
    assert b"s3cret" not in b"".join(path.read_bytes() for path in home.rglob("*") if path.is_file())
    other = json.dumps({"id": "a/B", "sha": "d" * 40}).encode()
    internet.put(f"{HUB}/api/datasets/a/B/revision/v2", other)
    internet.put(f"{HUB}/api/datasets/a/B/revision/main", other)
    refused = run(internet, home, "get", "hf:a/B@v2")
    assert refused.status == 2
    assert COMMIT in refused.err
    assert "--force" in refused.err
    assert "fetch add hf:a/B@v2 --name" in refused.err
    again = run(internet, home, "get", "hf:a/B", "--json")  # what is held stays what it is
    assert (again.status, again.document["datasets"][0]["downloaded_files"]) == (0, 0)


def test_a_gate_of_the_hub_is_tasks_until_the_token_is_honoured(internet: Internet, home: Path) -> None:
    """6 with the page and the command; the place's own yes marks the steps done."""
    hub(internet, gated="manual")
    for key in ({}, {"HF_TOKEN": "bad"}):
        ran = run(internet, home, "get", "hf:a/B", **key)
        assert ran.status == 6, ran.err
        assert "https://huggingface.co/datasets/a/B" in ran.err
        assert "fetch get hf:a/B" in ran.err
    tasks = run(internet, home, "tasks", "hf-a--b", "--json").document
    assert [task["key"] for task in tasks] == ["agree", "token"]
    assert run(internet, home, "get", "hf:a/B", HF_TOKEN="good").status == 0
    done = run(internet, home, "tasks", "hf-a--b", "--all", "--json").document
    assert {task["state"] for task in done} == {"done"}
    audited = run(internet, home, "audit", "hf-a--b", "--json").document
    assert not [one for one in audited["findings"] if one["rule"].startswith("access-")]


def test_a_place_that_names_a_private_address_is_not_obeyed(internet: Internet, home: Path) -> None:
    """What a listing names is no person's word."""
    zenodo(internet)
    record = json.loads(internet.answers["https://zenodo.org/api/records/7"])  # type: ignore[arg-type]
    record["files"][0]["links"]["self"] = "http://127.0.0.1:9/x"
    internet.put("https://zenodo.org/api/records/7", json.dumps(record).encode())
    ran = run(internet, home, "get", "zenodo:7")
    assert ran.status in (4, 9), ran.err
    assert not any("127.0.0.1" in asked.url for asked in internet.asked)


def test_add_writes_the_table_and_keeps_the_rest(internet: Internet, home: Path) -> None:
    """Comments stay; under another name, too; twice is refused."""
    zenodo(internet)
    home.mkdir()
    (home / "catalogue.toml").write_text('# mine, by hand\n[datasets.mine]\ntitle = "M"\naccess = "open"\n')
    assert run(internet, home, "add", "zenodo:7").status == 0
    assert run(internet, home, "add", "zenodo:7").status == 2
    assert run(internet, home, "add", "zenodo:7", "--name", "lungs").status == 0
    text = (home / "catalogue.toml").read_text()
    assert text.startswith("# mine, by hand\n")
    assert "[datasets.zenodo-7.options]\nrecord = 7" in text
    got = run(internet, home, "get", "lungs", "zenodo-7", "--json")
    assert got.status == 0, got.err
    assert [one["files"] for one in got.document["datasets"]] == [1, 1]
    assert run(internet, home, "--offline", "show", "lungs", "--json").document["licence"] == "CC-BY-4.0"


@pytest.mark.parametrize("query", ["sig=S3CRET&v=2", "X-Amz-Signature=S3CRET", "token=S3CRET#part"])
def test_a_secret_in_an_address_is_written_and_printed_nowhere(internet: Internet, home: Path, query: str) -> None:
    """It is sent to the place that it was given for, each time that it is typed, and kept by nothing."""
    address = f"https://data.example.org/t.csv?{query}"
    internet.put("https://data.example.org/t.csv", TABLE)
    printed = ""
    for words in (("get", address), ("get", address), ("show", address), ("audit", address), ("cite", address)):
        ran = run(internet, home, *words, "--json")
        assert ran.status in (0, 3), ran.err
        printed += ran.out + ran.err
    refused = run(internet, home, "add", address, "--json")
    assert refused.status == 2
    assert any("S3CRET" in asked.url for asked in internet.asked)
    kept = b"".join(path.read_bytes() for path in home.rglob("*") if path.is_file())
    assert "S3CRET" not in printed + refused.out + refused.err
    assert b"S3CRET" not in kept
    assert (home / "cache" / "web-data.example.org--t.csv" / "t.csv").read_bytes() == TABLE


def test_search_needs_no_network(internet: Internet, home: Path) -> None:
    """Titles, body parts, notes, and the collections of the index."""
    found = run(internet, home, "--offline", "search", "chest", "tuberculosis", "--json").document
    assert "shenzhen" in [row["dataset"] for row in found]
    found = run(internet, home, "--offline", "search", "glioblastoma", "--json").document
    assert "tcia/TCGA-GBM" in [row["address"] for row in found]
    assert run(internet, home, "--offline", "search", "no-such-word").status == 3
    assert not internet.asked


def kaggle(status: int, message: str) -> Callable[[Asked], Answer]:
    """Answer without the rules accepted."""
    return lambda _: (status, {"Content-Type": "application/json"}, json.dumps({"message": message}).encode())


def test_the_rules_of_a_competition_are_a_gate(internet: Internet, home: Path) -> None:
    """The listing is there before the rules are accepted; the download then says so."""
    api = "https://www.kaggle.com/api/v1/competitions/data"
    internet.put(f"{api}/list/rsna-x", json.dumps({"files": [{"name": "a.png", "totalBytes": 9}]}).encode())
    internet.put(f"{api}/download/rsna-x/a.png", kaggle(403, "You must accept this competition's rules"))
    ran = run(internet, home, "get", "kaggle:c/rsna-x", KAGGLE_USERNAME="ada", KAGGLE_KEY="k3y")
    assert ran.status == 6, ran.err
    assert "https://www.kaggle.com/competitions/rsna-x/rules" in ran.err
    assert "k3y" not in ran.err + ran.out
    assert run(internet, home, "tasks", "kaggle-c--rsna-x", "--json").document


def test_physionet_is_asked_as_wget_with_the_password(internet: Internet, home: Path) -> None:
    """Others get 403 with the right password; each file is held against its SHA-256."""
    base = "https://physionet.org"
    about = {"title": "MIMIC-X", "license": {"name": "PhysioNet Credentialed Health Data License 1.5.0"}}
    internet.put(f"{base}/api/v1/project/published/mimic-x/2.1.0/", json.dumps(about).encode())

    def guarded(body: bytes) -> Callable[[Asked], Answer]:
        def answer(asked: Asked) -> Answer:
            known = asked.headers.get("authorization") == "Basic YWRhOnMzY3JldA=="
            return (200, {}, body) if known and asked.headers["user-agent"].startswith("Wget/") else (403, {}, b"no")

        return answer

    sums = f"{hashlib.sha256(TABLE).hexdigest()} t.csv\n".encode()
    internet.put(f"{base}/files/mimic-x/2.1.0/SHA256SUMS.txt", guarded(sums))
    internet.put(f"{base}/files/mimic-x/2.1.0/t.csv", guarded(TABLE))
    ran = run(internet, home, "get", "physionet:mimic-x/2.1.0")
    assert ran.status == 6, ran.err
    assert "https://physionet.org/sign-dua/mimic-x/2.1.0/" in ran.err
    key = {"FETCH_USER_PHYSIONET_ORG": "ada", "FETCH_PASSWORD_PHYSIONET_ORG": "s3cret"}
    ran = run(internet, home, "get", "physionet:mimic-x/2.1.0", "--json", **key)
    assert ran.status == 0, ran.err
    assert ran.document["datasets"][0]["files"] == 2
    states = {task["state"] for task in run(internet, home, "tasks", "physionet-mimic-x", "--all", "--json").document}
    assert states == {"done"}


def test_a_closed_bucket_is_signed_for_after_a_refusal(internet: Internet, home: Path) -> None:
    """Anonymous first; then with the person's keys, in the bucket's own region."""
    here = "https://s3.eu-west-1.amazonaws.com/closed/"
    listing = f"<Contents><Key>p/t.csv</Key><Size>{len(TABLE)}</Size></Contents><IsTruncated>false</IsTruncated>"

    def guarded(body: bytes) -> Callable[[Asked], Answer]:
        def answer(asked: Asked) -> Answer:
            signed = asked.headers.get("authorization", "")
            right = signed.startswith("AWS4-HMAC-SHA256 Credential=AKIAX/") and "/eu-west-1/s3/aws4_request" in signed
            return (200, {}, body) if right else (403, {}, b"<Error/>")

        return answer

    moved = {"x-amz-bucket-region": "eu-west-1"}
    internet.put("https://s3.amazonaws.com/closed/", lambda _: (301, moved, b"<Error/>"))
    internet.put(here, guarded(f"<ListBucketResult>{listing}</ListBucketResult>".encode()))
    internet.put(f"{here}p/t.csv", guarded(TABLE))
    assert run(internet, home, "get", "s3://closed/p/").status == 6
    keys = {"AWS_ACCESS_KEY_ID": "AKIAX", "AWS_SECRET_ACCESS_KEY": "s3cret"}
    assert run(internet, home, "get", "s3://closed/p/", **keys).status == 0
    held = run(internet, home, "list", "--held", "--json").document
    assert [row["dataset"] for row in held] == ["s3-closed--p"]
    assert b"s3cret" not in b"".join(path.read_bytes() for path in home.rglob("*") if path.is_file())


def test_a_table_of_kaggle_may_come_zipped(internet: Internet, home: Path) -> None:
    """What its content is decides; the table is held under its own name."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        archive.writestr("t.csv", TABLE)
    api = "https://www.kaggle.com/api/v1/datasets"
    view = {"title": "T", "licenseName": "CC0: Public Domain", "currentVersionNumber": 3}
    internet.put(f"{api}/view/ada/t", json.dumps(view).encode())
    files = {"datasetFiles": [{"name": "t.csv", "totalBytes": len(TABLE)}]}
    internet.put(f"{api}/list/ada/t", json.dumps(files).encode())
    internet.put(f"{api}/download/ada/t/t.csv", packed.getvalue())
    ran = run(internet, home, "get", "kaggle:ada/t")
    assert ran.status == 0, ran.err
    assert (home / "cache" / "kaggle-ada--t" / "t.csv").read_bytes() == TABLE
    assert run(internet, home, "show", "kaggle:ada/t", "--json").document["licence"] == "CC0-1.0"


def test_a_list_beside_the_catalogue(internet: Internet, home: Path) -> None:
    """Fetched, held, asked for no second time; a wrong row is named and costs itself alone."""
    home.mkdir()
    (home / "catalogue.toml").write_text('[datasets.many]\ntitle = "M"\naccess = "open"\nfiles_from = "list.csv"\n')
    digest = hashlib.sha256(TABLE).hexdigest()
    lines = [f"https://data.example.org/{number}.csv,d/{number}.csv,{len(TABLE)},{digest}" for number in range(3)]
    (home / "list.csv").write_text("\n".join(["url,path,size,sha256", *lines, "https://h.example/x,../x,,", ""]))
    for number in range(3):
        internet.put(f"https://data.example.org/{number}.csv", TABLE)
    ran = run(internet, home, "get", "many", "--json")
    assert (ran.status, ran.document["datasets"][0]["files"]) == (9, 3), ran.err
    assert "list.csv:5" in ran.err
    (home / "list.csv").write_text("\n".join(["url,path,size,sha256", *lines, ""]))
    internet.asked.clear()
    again = run(internet, home, "get", "many", "--json")
    assert (again.status, again.document["datasets"][0]["downloaded_files"]) == (0, 0), again.err
    assert not internet.asked
    assert run(internet, home, "--offline", "verify", "many").status == 0


def test_what_does_not_fit_is_refused_before_the_first_byte(internet: Internet, home: Path) -> None:
    """The index that is here knows the size of a collection: neither a bucket nor NBIA is asked."""
    ran = fetch(home, "get", "tcia/4D-Lung", "--max-size", "1GB", "--json", environ=internet.environment())
    assert ran.status == 7, ran.out + ran.err
    assert "--max-size allows" in ran.err
    assert not internet.asked


def test_a_series_that_lies_short_in_its_bucket_is_reported_until_it_is_whole(internet: Internet, home: Path) -> None:
    """4 by `get` and by `verify`, which needs no network for it; the rest brings it to 0."""
    first = Path(str(get_testdata_file("CT_small.dcm"))).read_bytes()
    second = first.replace(
        b"1.3.6.1.4.1.5962.1.1.1.1.1.20040119072730.12322", b"1.3.6.1.4.1.5962.1.1.1.1.1.20040119072730.12323"
    )
    bucket = "https://idc-open-data.s3.amazonaws.com/"
    index = home.parent / "index.parquet"
    size = (len(first) + len(second)) / 1e6
    parquet.write_table(pa.Table.from_pylist([{**ROWS[0], "series_size_MB": size}]), index)

    def listing(*names: str) -> bytes:
        rows = "".join(f"<Contents><Key>uuid-1/{one}</Key><Size>{len(first)}</Size></Contents>" for one in names)
        return f"<ListBucketResult>{rows}<IsTruncated>false</IsTruncated></ListBucketResult>".encode()

    internet.put(bucket, listing("a.dcm"))
    internet.put(f"{bucket}uuid-1/a.dcm", first)
    internet.put(f"{bucket}uuid-1/b.dcm", second)
    words = ("get", "tcia/LIDC-IDRI", "--idc-index", str(index), "--json")
    for _ in range(2):
        ran = run(internet, home, *words)
        short = [one for one in ran.document["datasets"][0]["findings"] if one["rule"] == "count-short"]
        assert ran.status == 4, ran.out
        assert [(one["severity"], one["path"]) for one in short] == [("error", "1.2.1")]
        assert "--series 1.2.1 --via nbia" in short[0]["hint"]
    checked = run(internet, home, "--offline", "verify", "tcia", "--json")
    assert checked.status == 4
    assert [one["path"] for one in checked.document["findings"] if one["rule"] == "count-short"] == ["1.2.1"]
    internet.put(bucket, listing("a.dcm", "b.dcm"))
    ran = run(internet, home, *words)
    assert ran.status == 0, ran.out
    assert run(internet, home, "--offline", "verify", "tcia").status == 0


def test_a_file_of_the_hub_outside_of_lfs_is_checked_too(internet: Internet, home: Path) -> None:
    """By what git calls it: other bytes of the same length are refused."""
    hub(internet)
    name = hashlib.sha1(b"blob %d\0" % len(TABLE) + TABLE, usedforsecurity=False).hexdigest()
    row = {"type": "file", "path": "README.md", "size": len(TABLE), "oid": name}
    internet.put(f"{HUB}/api/datasets/a/B/tree/{COMMIT}", json.dumps([row]).encode())
    internet.put(f"{HUB}/datasets/a/B/resolve/{COMMIT}/README.md", b"x,b\n1,2\n")
    refused = run(internet, home, "get", "hf:a/B")
    assert refused.status == 4, refused.err
    assert name in refused.err
    internet.put(f"{HUB}/datasets/a/B/resolve/{COMMIT}/README.md", TABLE)
    assert run(internet, home, "get", "hf:a/B").status == 0
    again = run(internet, home, "get", "hf:a/B", "--json").document
    assert again["datasets"][0]["downloaded_files"] == 0
    assert run(internet, home, "verify", "hf-a--b").status == 0
    assert run(internet, home, "outdated", "hf-a--b").status == 0


def test_a_project_that_names_no_author_is_cited_by_datacite(internet: Internet, home: Path) -> None:
    """Asked once; `cite` needs no network for it afterwards."""
    api = "https://api.osf.io/v2/nodes/ab12c/"
    about = {"data": {"id": "ab12c", "attributes": {"title": "Lungs", "date_created": "2020-01-01"}}}
    row = {
        "id": "1",
        "attributes": {"kind": "file", "name": "t.csv", "materialized_path": "/t.csv", "size": len(TABLE)},
        "links": {"download": "https://osf.io/download/1/"},
    }
    internet.put(api, json.dumps(about).encode())
    internet.put(f"{api}files/osfstorage/", json.dumps({"data": [row], "links": {"next": None}}).encode())
    internet.put("https://osf.io/download/1/", TABLE)
    said = {"titles": [{"title": "Lungs"}], "creators": [{"name": "Roe, Ada"}], "publicationYear": 2020}
    internet.put(
        "https://api.datacite.org/dois/10.17605/OSF.IO/AB12C", json.dumps({"data": {"attributes": said}}).encode()
    )
    ran = run(internet, home, "get", "osf:ab12c")
    assert ran.status == 0, ran.err
    assert "Roe, Ada" in run(internet, home, "--offline", "cite", "osf-ab12c").out


def test_the_total_of_one_file_is_said_as_soon_as_its_place_says_it(internet: Internet, home: Path) -> None:
    """No listing said it: the head of the answer does."""
    internet.put("https://data.example.org/x.bin", b"x" * 3_000_000)
    ran = run(internet, home, "get", "https://data.example.org/x.bin", "--log-every", "0.2", "--limit-rate", "2M")
    assert ran.status == 0, ran.err
    assert "of 2.9 MiB" in ran.err or "of 3.0 MB" in ran.err, ran.err
    assert " left" in ran.err
