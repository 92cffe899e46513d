"""The URL policy decides which addresses may be requested."""

from __future__ import annotations

import pytest

from fetchers.errors import CatalogueError, TransferError
from fetchers.transport import url_policy
from tests.transport.test_addresses import PRIVATE

HERE = "https://a.example/dir/x?q=1"


@pytest.mark.parametrize(
    ("asked", "location", "expected"),
    [
        (HERE, "y", "https://a.example/dir/y"),
        (HERE, "/y", "https://a.example/y"),
        (HERE, "?z", "https://a.example/dir/x?z"),
        (HERE, "//b.example/y", "https://b.example/y"),
        (HERE, "https://b.example:8443/y", "https://b.example:8443/y"),
        (HERE, "https://b.example/y#part", "https://b.example/y"),
        (HERE, "https://b.example/a b/ü", "https://b.example/a%20b/%C3%BC"),
        ("http://a.example/", "https://a.example/", "https://a.example/"),
        ("http://a.example/", "ftp://a.example/", "ftp://a.example/"),
        ("ftp://a.example/x", "http://a.example/", "http://a.example/"),
    ],
)
def test_a_redirect_is_followed(asked: str, location: str, expected: str) -> None:
    """Relative and absolute, to a better protocol or another host."""
    assert url_policy.next_hop(asked, location, (asked,), guarded=True) == expected


@pytest.mark.parametrize(
    ("location", "reason"),
    [
        ("http://a.example/dir/x", "leaves https"),
        ("ftp://a.example/", "leaves https"),
        ("HTTP://a.example/", "leaves https"),
        ("https://user:pw@b.example/", "password"),
        ("https://user@b.example/", "password"),
        ("https://@b.example/", "password"),
        ("file:///etc/passwd", "not spoken"),
        ("gopher://b.example/", "not spoken"),
        ("javascript:alert(1)", "not spoken"),
        ("data:text/html,x", "not spoken"),
        ("", "no address"),
        ("https://b.example:99999/", "no address"),
        ("https://[::bad/", "no address"),
        ("https://b.example\\@127.0.0.1/", "no address"),
        ("https://b.example /", "no address"),
        ("/a\\b?q=pw", "no address"),
    ],
)
def test_a_redirect_is_refused(location: str, reason: str) -> None:
    """Nothing leaves https, nobody hands us a password, and what is no address is none."""
    with pytest.raises(TransferError, match=reason) as caught:
        url_policy.next_hop(HERE, location, (HERE,), guarded=True)
    assert "pw" not in caught.value.what


@pytest.mark.parametrize("host", [host for host in PRIVATE if host and not host.startswith("①")])
def test_a_public_host_leads_to_no_private_address(host: str) -> None:
    """In no spelling."""
    literal = f"[{host}]" if ":" in host and not host.startswith("[") else host
    with pytest.raises(TransferError):
        url_policy.next_hop(HERE, f"https://{literal}/x", (HERE,), guarded=True)


@pytest.mark.parametrize("location", ["file:///x", "http://c.example/", "https://b.example/loop?pw=1"])
def test_a_refusal_shows_no_query_of_a_target(location: str) -> None:
    """The address that sent us on was the target of a redirect itself."""
    asked = "https://b.example/loop?pw=1"
    with pytest.raises(TransferError) as caught:
        url_policy.next_hop(asked, location, (HERE, asked, asked), guarded=True)
    assert "pw" not in f"{caught.value.what} {caught.value.hint}"


def test_a_private_host_may_lead_to_another() -> None:
    """A person gave the first address; there is nothing to protect from."""
    asked = "http://127.0.0.1:8000/x"
    assert url_policy.next_hop(asked, "http://127.0.0.1:9000/y", (asked,), guarded=False) == "http://127.0.0.1:9000/y"


def test_ten_redirects_are_followed_and_no_more() -> None:
    """The eleventh is named."""
    hops = [f"https://a.example/{number}" for number in range(11)]
    assert url_policy.next_hop(hops[9], "/end", hops[:10], guarded=True) == "https://a.example/end"
    with pytest.raises(TransferError, match="more than 10"):
        url_policy.next_hop(hops[10], "/end", hops, guarded=True)


def test_a_loop_is_named() -> None:
    """Once round is how a cookie is handed out; twice is a loop."""
    assert url_policy.next_hop(HERE, HERE, (HERE,), guarded=True) == HERE
    with pytest.raises(TransferError, match="loop"):
        url_policy.next_hop(HERE, HERE, (HERE, HERE), guarded=True)


def test_a_mirror_that_a_person_gave_may_be_private_and_in_the_clear() -> None:
    """It is the person's own word."""
    mirrors = {"https://s3.example/": "http://10.0.0.5/s3/"}
    assert (
        url_policy.next_hop(HERE, "https://s3.example/k", (HERE,), guarded=True, mirrors=mirrors)
        == "http://10.0.0.5/s3/k"
    )


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://a.example/data/x", "http://m/long/x"),
        ("https://a.example/other", "http://m/short/other"),
        ("https://A.Example/other", "http://m/short/other"),
        ("https://b.example/x", "http://b/x"),
        ("https://b.example", "http://b"),
        ("https://b.example.evil.org/x", "https://b.example.evil.org/x"),
        ("https://c.example/x", "https://c.example/x"),
    ],
)
def test_the_longest_prefix_is_rewritten(url: str, expected: str) -> None:
    """And https://host stands for that host only."""
    mirrors = {
        "https://a.example/": "http://m/short/",
        "https://a.example/data/": "http://m/long/",
        "https://b.example": "http://b",
    }
    assert url_policy.rewrite(url, mirrors) == expected


@pytest.mark.parametrize(
    "url",
    [
        "https://user:pw@a.example/",
        "file:///etc/passwd",
        "gopher://a/",
        "a.example/x",
        "https://a/\nx",
        "https://a\\b/",
    ],
)
def test_an_address_that_cannot_be_asked_is_a_fault_of_the_catalogue(url: str) -> None:
    """With its secret left out."""
    with pytest.raises(CatalogueError) as caught:
        url_policy.on_the_wire(url)
    assert "pw" not in caught.value.what


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://a/x y", "https://a/x%20y"),
        ("https://a/x%20y?q=a%2Fb", "https://a/x%20y?q=a%2Fb"),
        ("https://a/ü#x", "https://a/%C3%BC"),
        ("https://bücher.example:81/x", "https://xn--bcher-kva.example:81/x"),
        ("HTTPS://a/x", "HTTPS://a/x"),
        ("https://a/@x", "https://a/@x"),
    ],
)
def test_an_address_is_sent_as_ascii(url: str, expected: str) -> None:
    """What is quoted already stays as it is."""
    assert url_policy.on_the_wire(url) == expected
