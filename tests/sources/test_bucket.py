"""Open buckets are listed."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import boto3
import pytest
from moto.server import ThreadedMotoServer

from fetchers.errors import AbsentError, SourceError
from fetchers.sources.bucket import Bucket
from tests.sources.places import Body, conversation, recorded, running

if TYPE_CHECKING:
    from collections.abc import Iterator

KEYS = {
    "data/a b+c&d=e%20.csv": b"1",
    "data/ü/é\u0301.dcm": b"22",
    "data/x/y/z.dcm": b"333",
    "data/folder/": b"",
    "data/#frag?query.dcm": b"4444",
    "data/ctl\x01\x1b[31m.dcm": b"55555",
    "data/../up.dcm": b"666666",
    "database.csv": b"7777777",
}


@pytest.fixture(scope="module")
def server() -> Iterator[str]:
    """Serve S3 on loopback, with 1,003 keys in one folder: more than a page holds."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("AWS_ACCESS_KEY_ID", "x")
        patched.setenv("AWS_SECRET_ACCESS_KEY", "x")
        moto = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
        moto.start()
        try:
            host, port = moto.get_host_and_port()
            client = boto3.client("s3", endpoint_url=f"http://{host}:{port}", region_name="us-east-1")
            client.create_bucket(Bucket="open")
            policy = {"Statement": [{"Effect": "Allow", "Principal": "*", "Action": "s3:*", "Resource": "*"}]}
            client.put_bucket_policy(Bucket="open", Policy=json.dumps(policy))
            for key, body in KEYS.items():
                client.put_object(Bucket="open", Key=key, Body=body)
            for number in range(1003):
                client.put_object(Bucket="open", Key=f"many/{number:04}", Body=b"")
            yield f"http://{host}:{port}"
        finally:
            moto.stop()


def test_a_real_server_is_listed_without_a_signature(server: str) -> None:
    """Keys of any kind come as they are, folder markers do not, and each address leads back to its bytes."""
    with conversation() as client:
        found = {object_.key: object_ for object_ in Bucket(server, "open", client).objects("data/")}
        expected = {key: len(body) for key, body in KEYS.items() if key.startswith("data/") and not key.endswith("/")}
        assert {key: object_.size for key, object_ in found.items()} == expected
        for key in ("data/a b+c&d=e%20.csv", "data/ü/é\u0301.dcm", "data/#frag?query.dcm"):
            assert client.get(found[key].url).content == KEYS[key]


def test_pages_are_followed_to_the_end(server: str) -> None:
    """1,003 keys are two pages."""
    with conversation() as client:
        keys = [object_.key for object_ in Bucket(server, "open", client).objects("many/")]
    assert keys == [f"many/{number:04}" for number in range(1003)]


def test_a_bucket_that_is_not_there_is_an_error(server: str) -> None:
    """An error of the server is no empty bucket."""
    with conversation() as client, pytest.raises(AbsentError, match="404"):
        list(Bucket(server, "closed", client).objects(""))


@pytest.mark.parametrize(
    ("endpoint", "address"),
    [
        ("https://s3.amazonaws.com", "https://s3.amazonaws.com/fcp-indi/a%20b/c%2Bd"),
        ("https://s3.example.org/storage/", "https://s3.example.org/storage/fcp-indi/a%20b/c%2Bd"),
        ("https://fcp-indi.s3.amazonaws.com", "https://fcp-indi.s3.amazonaws.com/a%20b/c%2Bd"),
        ("https://fcp-indi.s3.amazonaws.com/", "https://fcp-indi.s3.amazonaws.com/a%20b/c%2Bd"),
    ],
)
def test_both_styles_of_address(endpoint: str, address: str) -> None:
    """Path style for any endpoint, virtual host style where the host begins with the bucket."""
    with conversation() as client:
        assert Bucket(endpoint, "fcp-indi", client).url("a b/c+d") == address


def pages(query: dict[str, str]) -> Body:
    """Answer with the second page to the first one's token."""
    token = query.get("continuation-token")
    assert token in (None, "1ueGcxLPRx1Tr/XYExHnhbYLgveDs2J/wm36Hy4vbOwM=")
    return recorded("s3/page-1.xml" if token is None else "s3/page-2.xml")


def test_amazons_own_listing_is_understood() -> None:
    """Recorded pages: a plus is a blank, %2B a plus, the token goes back as it came, no ETag becomes a checksum."""
    with running({"/fcp-indi/": pages}) as place, conversation() as client:
        found = list(Bucket(place.url(), "fcp-indi", client).objects("data/"))
    assert [(object_.key, object_.size) for object_ in found] == [("data/a b+c.csv", 12), ("data/z.nii.gz", 7)]
    assert found[0].url.endswith("/fcp-indi/data/a%20b%2Bc.csv")


PAGE_1 = recorded("s3/page-1.xml")
BROKEN = [
    (b"", "no listing"),
    (b"<!DOCTYPE html><html><body>x</body></html>", "no listing"),
    (b"<html><body>x</body></html>", "no listing of a bucket but <html>"),
    (b"<Error><Code>AccessDenied</Code></Error>", "no listing of a bucket but <Error>"),
    (b'{"keys": []}', "no listing"),
    (PAGE_1[:-60], "breaks off"),
    (PAGE_1.replace(b"<Key>data/a+b%2Bc.csv</Key>", b""), r"field Contents\[1\].Key is missing"),
    (PAGE_1.replace(b"<Size>12</Size>", b"<Size>twelve</Size>"), r"field Contents\[1\].Size should be a count"),
    (PAGE_1.replace(b"<IsTruncated>true</IsTruncated>", b""), "field IsTruncated should be true or false"),
    (PAGE_1.replace(b"NextContinuationToken", b"Other"), "field NextContinuationToken is missing"),
    (PAGE_1, "goes in a circle"),  # a server that does not know the token
    (b'<!DOCTYPE x [<!ENTITY a "b">]><ListBucketResult>&a;</ListBucketResult>', "no listing"),
]


@pytest.mark.parametrize(("body", "said"), BROKEN, ids=range(len(BROKEN)))
def test_what_is_no_listing_is_refused(body: bytes, said: str) -> None:
    """A page, an error, a break, a missing and a wrong field, an endless list and an entity are refused by name."""
    with (
        running({"/b/": body}) as place,
        conversation() as client,
        pytest.raises(SourceError, match=said) as caught,
    ):
        list(Bucket(place.url(), "b", client).objects("data/"))
    assert place.url("/b/") in caught.value.what
