"""The network session follows the environment."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from fetchers.transport.cookie_jar import CookieJar
from fetchers.transport.network_session import connect
from fetchers.transport.proxies import proxies_of
from tests.faultd import Answer, Faultd
from tests.transport.moving import move, quick
from tests.transport.net import context, internet

if TYPE_CHECKING:
    from pathlib import Path

import trustme

EVERYWHERE = {"https_proxy": "http://p:1", "http_proxy": "http://p:2"}


@pytest.mark.parametrize(
    ("environ", "url", "expected"),
    [
        ({"HTTPS_PROXY": "http://p:1"}, "https://a/", "http://p:1"),
        ({"HTTPS_PROXY": "http://p:1"}, "http://a/", ""),
        ({"HTTP_PROXY": "http://p:1"}, "http://a/", "http://p:1"),
        ({"HTTP_PROXY": "http://p:1", "REQUEST_METHOD": "GET"}, "http://a/", ""),
        ({"http_proxy": "http://p:1", "HTTP_PROXY": "http://q:1"}, "http://a/", "http://p:1"),
        ({"ALL_PROXY": "socks5h://p:1"}, "https://a/", "socks5h://p:1"),
        ({"ALL_PROXY": "socks5h://p:1"}, "ftp://a/", "socks5h://p:1"),
        ({"ftp_proxy": "http://p:1"}, "ftps://a/", "http://p:1"),
        (EVERYWHERE | {"no_proxy": "a.org"}, "https://a.org/", ""),
        (EVERYWHERE | {"NO_PROXY": ".a.org"}, "https://x.a.org/", ""),
        (EVERYWHERE | {"NO_PROXY": "*.a.org"}, "https://x.a.org/", ""),
        (EVERYWHERE | {"NO_PROXY": "a.org"}, "https://aa.org/", "http://p:1"),
        (EVERYWHERE | {"NO_PROXY": "b, a.org:8443"}, "https://a.org:8443/", ""),
        (EVERYWHERE | {"NO_PROXY": "a.org:8443"}, "https://a.org/", "http://p:1"),
        (EVERYWHERE | {"NO_PROXY": "*"}, "https://a/", ""),
        (EVERYWHERE | {"NO_PROXY": "10.0.0.0/8"}, "https://10.1.2.3/", ""),
        (EVERYWHERE | {"NO_PROXY": "127.0.0.1,::1"}, "https://[::1]/", ""),
        (EVERYWHERE | {"NO_PROXY": ""}, "https://127.0.0.1/", "http://p:1"),
        ({}, "https://a/", ""),
    ],
)
def test_the_proxy_is_the_environments(environ: dict[str, str], url: str, expected: str) -> None:
    """Lower case first; what NO_PROXY names is asked directly."""
    assert proxies_of(environ).proxy_for(url) == expected


def test_a_line_shows_no_password_of_a_proxy(tmp_path: Path) -> None:
    """Its address may hold one."""
    assert "s3cr3t" not in repr(connect(home=tmp_path, environ={"HTTPS_PROXY": "http://me:s3cr3t@p:1"}))


def test_a_file_comes_through_a_tunnel(tmp_path: Path) -> None:
    """With the authority that SSL_CERT_FILE names."""
    with internet(tmp_path) as net:
        net.secure.on("/x", Answer(b"x"))
        line = connect(home=tmp_path, environ={"HTTPS_PROXY": net.proxy.url, "SSL_CERT_FILE": net.ca_file})
        outcome, memory = move("https://a.example/x", line=line)
        assert outcome.error is None
        assert bytes(memory.data) == b"x"
        assert net.proxy.asked[0].path == "a.example:443"


def test_a_proxy_that_refuses_is_named(tmp_path: Path) -> None:
    """It is not the place that is to blame."""
    with internet(tmp_path) as net:
        outcome, _ = move("https://a.example:99/x", line=net.line())
        assert outcome.error is not None
        assert "proxy" in outcome.error.what


@pytest.mark.parametrize("fault", ["another name", "another authority", "no TLS", "self-signed"])
def test_a_certificate_that_proves_nothing_ends_it(tmp_path: Path, fault: str) -> None:
    """Named, not asked again, and TLS is not switched off."""
    authority, other = trustme.CA(), trustme.CA()
    ca_file = tmp_path / "ca.pem"
    (other if fault == "another authority" else authority).cert_pem.write_to_path(str(ca_file))
    tls = context(authority, "other.example" if fault == "another name" else "127.0.0.1")
    if fault == "self-signed":
        tls = context(trustme.CA(), "127.0.0.1")
    with Faultd(tls=None if fault == "no TLS" else tls) as server:
        server.on("/x", Answer(b"x"))
        url = server.url("/x").replace("http:", "https:")
        outcome, memory = move(url, line=quick(retries=3, ca_file=str(ca_file)))
        assert outcome.error is not None
        assert outcome.error.exit_status == 5
        assert "certificate" in outcome.error.what or "TLS" in outcome.error.what
        assert not memory.data
        assert server.connections == 1


def test_a_certificate_that_proves_the_host_is_taken(tmp_path: Path) -> None:
    """And certifi's authorities do not know ours."""
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    with Faultd(tls=context(authority, "127.0.0.1")) as server:
        url = server.on("/x", Answer(b"x"))
        outcome, _ = move(url, line=quick(ca_file=str(tmp_path / "ca.pem")))
        assert outcome.error is None
        outcome, _ = move(url, line=quick())
        assert outcome.error is not None


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("http://h/", "s=1"),
        ("http://h/a/b", "deep=2; s=1"),
        ("http://h/ab", "s=1"),
        ("https://h/", None),
        ("http://h:81/", None),
        ("http://x.h/", None),
    ],
)
def test_a_cookie_goes_back_to_its_origin(url: str, expected: str | None) -> None:
    """The most special path first."""
    jar = CookieJar()
    jar.take("http://h/x", ["s=1; Domain=h; Path=/", "deep=2; path=/a; HttpOnly", "gone=3; Max-Age=0", "no\nname=1"])
    jar.take("http://h/x", ["old=1; Expires=Thu, 01 Jan 1970 00:00:00 GMT", "=x", "z" * 5000 + "=1"])
    assert jar.header(url) == expected


def test_a_cookie_is_forgotten_when_told() -> None:
    """By a Max-Age that is not positive, or a date that is past; a Max-Age that is no number is none."""
    jar = CookieJar()
    jar.take("http://h/", ["a=0; Max-Age=--5", "b=0; Max-Age=" + "9" * 5000, "c=0; Max-Age=-" + "9" * 5000])
    assert jar.header("http://h/") == "a=0; b=0"
    jar.take("http://h/", ["a=1", "b=2"])
    jar.take("http://h/", ["a=; Max-Age=-1"])
    assert jar.header("http://h/") == "b=2"
