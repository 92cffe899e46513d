"""Copies go to a bucket of a real S3 server on loopback: whole, once, with their terms, and nothing is overwritten."""

from __future__ import annotations

import base64
import csv
import hashlib
import io
import os
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from moto.server import ThreadedMotoServer

from fetchers.errors import AccessError, CatalogueError, NothingMatched, TermsError, TransferError
from fetchers.transport import object_store
from fetchers.verbs import push, verify_bucket
from tests.cli.run import fetch
from tests.verbs.contexts import context
from tests.verbs.holdings import hold

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from fetchers.context import Context

CATALOGUE = """
[datasets.lungs]
title = "Lungs"
access = "open"
source = "listed"
container = "mixed"
licence = "CC-BY-4.0"
[datasets.secret]
title = "For this group alone"
access = "open"
source = "listed"
container = "mixed"
"""
FILES = {"a.bin": b"one" * 1000, "sub/b.bin": b"two" * 500, "empty.txt": b""}


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    """Run an S3 server."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


@pytest.fixture
def bucket(endpoint: str, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> Any:  # noqa: ANN401 - boto3 has no types
    """Make a bucket of the test's own, and put the credentials where the customary chain finds them."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "key")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    name = "lab-" + hashlib.sha256(request.node.name.encode()).hexdigest()[:12]
    made = boto3.resource("s3", endpoint_url=endpoint).Bucket(name)
    made.create()
    return made


@pytest.fixture
def here(tmp_path: Path) -> Context:
    """Hold two datasets."""
    made = context(tmp_path / "home", catalogue=CATALOGUE)._replace(timeout=10.0)
    hold(made, "lungs", FILES)
    hold(made, "secret", {"s.bin": b"secret"})
    return made


def _there(bucket: Any) -> dict[str, bytes]:  # noqa: ANN401 - boto3 has no types
    return {one.key: one.get()["Body"].read() for one in bucket.objects.all()}


def test_what_is_held_lies_in_the_bucket(here: Context, bucket: Any, endpoint: str) -> None:  # noqa: ANN401
    """Each file under its own name, the text of the terms beside it, and a checksum that the store keeps."""
    done = push.run(here, ["lungs"], f"s3://{bucket.name}/corpora", endpoint=endpoint)
    assert (done.exit, done.failed) == (0, ())
    there = _there(bucket)
    assert {key: body for key, body in there.items() if "LICENCE" not in key and "files-" not in key} == {
        f"corpora/lungs/{path}": body for path, body in FILES.items()
    }
    assert any(key.startswith("corpora/lungs/LICENCE/") for key in there)
    (table,) = (key for key in done.table if key.endswith(".csv"))
    assert hashlib.sha256(there[table]).hexdigest()[:16] in table
    rows = list(csv.DictReader(io.StringIO(there[table].decode())))
    assert {(row["path"], row["sha256"]) for row in rows} == {
        (path, hashlib.sha256(body).hexdigest()) for path, body in FILES.items()
    }
    assert str(here.store) not in there[table].decode()
    head = bucket.meta.client.head_object(Bucket=bucket.name, Key="corpora/lungs/a.bin", ChecksumMode="ENABLED")
    assert head["ChecksumSHA256"] == base64.b64encode(hashlib.sha256(FILES["a.bin"]).digest()).decode()


def test_the_second_time_nothing_is_sent(here: Context, bucket: Any, endpoint: str) -> None:  # noqa: ANN401
    """Only what is missing goes over again."""
    to = f"s3://{bucket.name}"
    first = push.run(here, ["lungs"], to, endpoint=endpoint)
    again = push.run(here, ["lungs"], to, endpoint=endpoint)
    assert (again.uploaded_files, again.files, again.exit) == (0, first.files, 0)
    assert again.table == first.table
    bucket.Object("lungs/a.bin").delete()
    assert push.run(here, ["lungs"], to, endpoint=endpoint).uploaded_files == 1


def test_nothing_is_overwritten(here: Context, bucket: Any, endpoint: str) -> None:  # noqa: ANN401
    """Other bytes under a key are named and stay; the other files go over."""
    bucket.put_object(Key="lungs/a.bin", Body=b"somebody else's" * 200)
    done = push.run(here, ["lungs"], f"s3://{bucket.name}", endpoint=endpoint)
    assert done.exit == 9
    assert [one.path for one in done.failed] == ["lungs/a.bin"]
    assert _there(bucket)["lungs/a.bin"] == b"somebody else's" * 200


def test_a_large_file_goes_in_parts_and_goes_on(
    here: Context,
    bucket: Any,  # noqa: ANN401
    endpoint: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The parts that came over before the line broke are not sent again, and the whole is what is held."""
    monkeypatch.setattr(object_store, "PART", 5 << 20)
    large = os.urandom(12 << 20)
    hold(here, "lungs", {"large.bin": large})
    sent: list[int] = []

    def broken(self: Any, **words: Any) -> Any:  # noqa: ANN401
        sent.append(words["PartNumber"])
        if len(sent) == 2:
            raise OSError("the line broke")
        return self._make_api_call("UploadPart", words)

    store = object_store.ObjectStore(bucket.name, endpoint=endpoint, timeout=10, retries=0, ca_file=None)
    path = here.store / "lungs" / "large.bin"
    sha256 = hashlib.sha256(large).hexdigest()
    monkeypatch.setattr(store._client, "upload_part", broken.__get__(store._client))
    with path.open("rb") as body, pytest.raises(TransferError, match="the line broke"):
        store.put("lungs/large.bin", body, len(large), sha256)
    done = push.run(here, ["lungs"], f"s3://{bucket.name}", endpoint=endpoint)
    assert (done.exit, _there(bucket)["lungs/large.bin"] == large) == (0, True)
    assert not bucket.meta.client.list_multipart_uploads(Bucket=bucket.name).get("Uploads")
    assert verify_bucket.run(here, ["lungs"], f"s3://{bucket.name}", endpoint=endpoint).exit == 0


def test_a_changed_copy_is_not_sent(here: Context, bucket: Any, endpoint: str) -> None:  # noqa: ANN401
    """What has not the recorded hash any more does not lie in the bucket under its name."""
    (here.store / "lungs" / "a.bin").write_bytes(b"eno" * 1000)
    done = push.run(here, ["lungs"], f"s3://{bucket.name}", endpoint=endpoint)
    assert done.exit == 9
    assert [(one.path, one.exit) for one in done.failed] == [("lungs/a.bin", 4)]
    assert "lungs/a.bin" not in _there(bucket)


def test_terms_are_kept(here: Context, bucket: Any, endpoint: str) -> None:  # noqa: ANN401
    """Unknown terms share with nobody, unless the policy names the bucket."""
    with pytest.raises(TermsError, match="team"):
        push.run(here, ["secret"], f"s3://{bucket.name}", endpoint=endpoint)
    assert not _there(bucket)
    (here.workspace.home / "config.toml").write_text(f'[policy]\npush = ["s3://{bucket.name}"]\n', encoding="utf-8")
    allowed = context(here.workspace.home)._replace(timeout=10.0)
    assert push.run(allowed, ["secret"], f"s3://{bucket.name}/x", endpoint=endpoint).exit == 0


@pytest.mark.parametrize("address", ["http://bucket/x", "s3:///x", "bucket", "s3://b@c/x"])
def test_another_address_is_none(here: Context, address: str) -> None:
    """Only s3://BUCKET/PREFIX is taken."""
    with pytest.raises(CatalogueError, match="expected s3://BUCKET/PREFIX"):
        push.run(here, ["lungs"], address)


def test_nothing_held(here: Context) -> None:
    """Exit 3."""
    with pytest.raises(NothingMatched):
        push.run(here, ["shenzhen"], "s3://bucket")


def test_a_bucket_that_is_not_there(here: Context, bucket: Any, endpoint: str) -> None:  # noqa: ANN401
    """Exit 2, with the bucket's name."""
    with pytest.raises(CatalogueError, match="no-such-bucket"):
        push.run(here, ["lungs"], "s3://no-such-bucket", endpoint=endpoint)


def test_missing_credentials_end_with_6(
    here: Context,
    bucket: Any,  # noqa: ANN401
    endpoint: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Exit 6, with what to set."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    monkeypatch.setenv("AWS_SHARED_CREDENTIALS_FILE", "/dev/null")
    with pytest.raises(AccessError) as caught:
        push.run(here, ["lungs"], f"s3://{bucket.name}", endpoint=endpoint)
    assert "AWS_PROFILE" in (caught.value.hint or "")


def test_offline_opens_no_connection(here: Context) -> None:
    """No connection is opened."""
    with pytest.raises(TransferError, match="offline"):
        push.run(here._replace(offline=True), ["lungs"], "s3://bucket")


def test_what_lies_there_is_compared(here: Context, bucket: Any, endpoint: str) -> None:  # noqa: ANN401
    """A missing object and one with other bytes are errors of `verify --at`; nothing is downloaded for it."""
    to = f"s3://{bucket.name}/corpora"
    push.run(here, ["lungs"], to, endpoint=endpoint)
    assert verify_bucket.run(here, ["lungs"], to, endpoint=endpoint).exit == 0
    bucket.Object("corpora/lungs/a.bin").delete()
    bucket.put_object(Key="corpora/lungs/sub/b.bin", Body=b"xwo" * 500)
    found = verify_bucket.run(here, ["lungs"], to, endpoint=endpoint)
    assert found.exit == 4
    rules = {(one.rule, one.path) for one in found.findings if one.severity == "error"}
    assert rules == {("file-missing", "a.bin"), ("hash-mismatch", "sub/b.bin")}


def test_as_typed(here: Context, bucket: Any, endpoint: str) -> None:  # noqa: ANN401
    """The command prints one document, and the store cannot be a bucket."""
    done = fetch("push", "lungs", f"s3://{bucket.name}", "--endpoint", endpoint, "--json", home=here.workspace.home)
    assert (done.status, done.document["uploaded_files"]) == (0, len(FILES) + 1), done.err
    wrong = fetch("status", "--cache", f"s3://{bucket.name}", home=here.workspace.home)
    assert wrong.status == 2
    assert "fetch push" in wrong.err
