"""Credentials never reach a foreign origin.

Nine shapes of redirect by every kind of credential, asked by the mover and by the conversation. What the servers saw
is counted, not what we believe to have sent.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import httpx
import pycurl
import pytest

from fetchers.errors import FetchError
from fetchers.transport import curl_handle, url_policy
from fetchers.transport.credentials import Credential, Credentials
from fetchers.transport.http_client import converse
from fetchers.transport.proxies import Proxies
from tests.faultd import Answer, Asked, Faultd, redirect
from tests.transport.moving import move, quick
from tests.transport.net import Net, internet

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fetchers.transport.network_session import NetworkSession

CANARY = "s3cr3t"
# shape: (where it starts, what each address answers, the origins that may see the credential)
SHAPES = {
    "same origin": ("https://a.example/1", {"/1": "/end"}),
    "other host": ("http://a.example/1", {"/1": "http://b.example/end"}),
    "other https host": ("https://a.example/1", {"/1": "https://b.example/end"}),
    "other port": ("https://a.example/1", {"/1": "https://a.example:8443/end"}),
    "https to http": ("https://a.example/1", {"/1": "http://a.example/end"}),
    "http to https": ("http://a.example/1", {"/1": "https://a.example/end"}),
    "userinfo": ("https://a.example/1", {"/1": f"https://me:{CANARY}@b.example/end"}),
    "three hops and back": (
        "https://a.example/1",
        {"/1": "https://b.example/2", "/2": "https://c.example/3", "/3": "https://a.example/end"},
    ),
    "upper case": ("https://a.example/1", {"/1": "HTTPS://B.EXAMPLE/end"}),
}
STORED = {
    "bearer": {"token": CANARY},
    "header": {"header": "X-Api-Key", "value": CANARY},
    "basic": {"user": "me", "password": CANARY},
    "bearer below a path": {"token": CANARY},
}
SENT = {
    "Authorization": f"Bearer {CANARY}",
    "X-Api-Key": CANARY,
    "Cookie": f"session={CANARY}",
    "Proxy-Authorization": f"Basic {CANARY}",
    "Referer": f"https://a.example/?token={CANARY}",
    "X-Whatever": CANARY,
}


@pytest.fixture(scope="module")
def net(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Net]:
    """One internet for all cases."""
    with internet(tmp_path_factory.mktemp("net")) as found:
        yield found


def lay(net: Net, shape: str, cookie: str | None = None) -> tuple[str, str]:
    """Lay the redirects out; the address where it starts, and the origin that it belongs to."""
    start, answers = SHAPES[shape]
    for server in (net.plain, net.secure):
        server.asked.clear()
        server.on("/end", Answer(b"here"))
        for path, target in answers.items():
            fields = (("Set-Cookie", f"session={cookie}; Domain=example; Path=/"),) if cookie and path == "/1" else ()
            server.on(path, redirect(target, headers=fields))
    net.proxy.asked.clear()
    return start, start.removesuffix("/1")


def saw(asked: Asked) -> bool:
    """Return True if the secret came with this question, in clear or as Basic has it."""
    text = str(asked.headers)
    return CANARY in text or "bWU6czNjcjN0" in text  # base64 of me:s3cr3t


def leaks(net: Net, home: str) -> list[str]:
    """Return the places that saw the secret and should not have."""
    scheme, _, host = home.partition("://")
    own = net.secure if scheme == "https" else net.plain
    other = net.plain if scheme == "https" else net.secure
    found = [f"{asked.host}{asked.path}" for asked in own.asked if saw(asked) and asked.host != host]
    found += [f"{asked.host}{asked.path}" for asked in other.asked if saw(asked)]
    # A tunnel's opening is the proxy's to read; what is forwarded in the clear it reads in any case.
    return found + [asked.path for asked in net.proxy.asked if asked.method == "CONNECT" and saw(asked)]


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("kind", STORED)
@pytest.mark.parametrize("doer", ["mover", "conversation"])
def test_a_stored_credential_stays_at_home(net: Net, shape: str, kind: str, doer: str) -> None:
    """It is seen by the origin it belongs to, and by nobody else."""
    start, home = lay(net, shape)
    prefix = home + ("/1" if "path" in kind else "/")
    said: dict[str, Any] = {**STORED[kind]}
    line = net.line(credentials=Credentials(stored=(Credential(prefix=prefix, **said),)))
    ask(line, start, doer)
    assert leaks(net, home) == []
    assert any(saw(asked) for asked in net.asked)
    if shape == "three hops and back" and "path" not in kind:
        assert sum(saw(asked) for asked in net.asked) == 2


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("doer", ["mover", "conversation"])
def test_a_cookie_stays_at_home(net: Net, shape: str, doer: str) -> None:
    """Whatever its Domain says."""
    start, home = lay(net, shape, CANARY)
    line = net.line()
    ask(line, start, doer)
    ask(line, start, doer)
    assert leaks(net, home) == []
    assert any(saw(asked) for asked in net.asked)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("name", SENT)
def test_what_a_source_sends_stays_at_home(net: Net, shape: str, name: str) -> None:
    """Only what says nothing of who asks goes on."""
    start, home = lay(net, shape)
    with converse(net.line()) as client:
        try:
            client.get(start, headers={name: SENT[name]})
        except FetchError as error:
            shown = f"{error.what} {error.hint}"
        else:
            shown = ""
    assert CANARY not in shown
    assert leaks(net, home) == []


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("doer", ["mover", "conversation"])
def test_a_query_is_not_handed_on(net: Net, shape: str, doer: str) -> None:
    """A token in the first address is not told to the next one, by a Referer for instance."""
    start, home = lay(net, shape)
    ask(net.line(), f"{start}?token={CANARY}", doer)
    assert leaks(net, home) == []
    assert not any(CANARY in asked.path for asked in net.asked if asked.path == "/end")


@pytest.mark.parametrize("doer", ["mover", "conversation"])
def test_the_proxys_password_is_the_proxys(net: Net, doer: str) -> None:
    """No host sees Proxy-Authorization."""
    start, _ = lay(net, "other https host")
    url = net.proxy.url.replace("://", f"://me:{CANARY}@")
    ask(net.line(proxies=Proxies(by_scheme={"https": url, "http": url})), start, doer)
    assert not any(saw(asked) for asked in net.asked)
    assert all(saw(asked) for asked in net.proxy.asked)


@pytest.mark.parametrize(
    ("machine", "expected"), [("a.example", True), ("b.example", False), ("default", False), ("a.example:8443", False)]
)
def test_netrc_is_for_its_machine(net: Net, machine: str, *, expected: bool) -> None:
    """And its default is for nobody."""
    start, _ = lay(net, "other https host")
    ask(net.line(credentials=Credentials(netrc={machine: ("me", CANARY)})), start, "mover")
    found = [asked.host for asked in net.asked if saw(asked)]
    assert found == (["a.example"] if expected else ["b.example"] if machine == "b.example" else [])


def ask(line: NetworkSession, url: str, doer: str) -> None:
    """Ask, whatever comes of it; no error shows the secret."""
    if doer == "mover":
        outcome, _ = move(url, line=line)
        texts = [outcome.final_url, repr(outcome.error), repr(line)]
    else:
        texts = [repr(line)]
        with converse(line) as client:
            try:
                texts.append(str(client.get(url).headers))
            except FetchError as error:
                texts.append(f"{error.what} {error.hint}")
    assert CANARY not in "".join(texts)


@pytest.mark.parametrize("doer", ["mover", "conversation"])
def test_a_public_host_leads_to_no_literal_behind_a_proxy(net: Net, doer: str) -> None:
    """The proxy would resolve a name; a literal is judged here."""
    for number, host in enumerate(("127.0.0.1", "localhost", "2130706433", "[::ffff:127.0.0.1]", "10.0.0.1")):
        net.plain.asked.clear()
        net.proxy.asked.clear()
        net.plain.on(f"/{number}", redirect(f"http://{host}/end"))
        ask(net.line(), f"http://a.example/{number}", doer)
        assert len(net.proxy.asked) == 1


def test_a_guarded_question_opens_no_connection_to_a_private_address() -> None:
    """A name that resolves to this machine is caught where the connection is opened; the listener hears nothing."""
    with Faultd() as inside:
        handle = curl_handle.Handle(quick(), guarded=True)
        handle.curl.setopt(pycurl.RESOLVE, [f"public.example:{inside.port}:127.0.0.1"])
        handle.aim(f"http://public.example:{inside.port}/x", curl_handle.BASE, None, 0)
        with pytest.raises(pycurl.error):
            handle.curl.perform()
        assert handle.blocked
        assert inside.connections == 0


def test_a_guarded_question_uses_no_connection_that_is_open() -> None:
    """One that a person's own address opened is no way in either."""
    with Faultd() as inside:
        url = inside.on("/x", Answer(b"inside"))
        plain, guarded = curl_handle.Handle(quick(), guarded=False), curl_handle.Handle(quick(), guarded=True)
        multi = curl_handle.pool(4)
        for handle in (plain, guarded):
            handle.aim(url, curl_handle.BASE, None, 0)
            handle.curl.setopt(pycurl.WRITEFUNCTION, lambda data: None)
            multi.add_handle(handle.curl)
            while multi.perform()[1]:
                multi.select(0.1)
            multi.remove_handle(handle.curl)
        assert guarded.blocked
        assert (inside.connections, len(inside.asked)) == (1, 1)
        multi.close()


@pytest.mark.parametrize("doer", ["mover", "conversation"])
def test_what_a_public_host_leads_to_is_guarded(doer: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """By both doers."""
    # There is no public host on loopback: let the first one count as public by its answering address.
    monkeypatch.setattr(curl_handle.Handle, "asks_public", lambda self, url: True)
    monkeypatch.setattr(url_policy, "is_private", lambda host: False)  # the literal's own judge looks away
    with Faultd() as public, Faultd() as inside:
        ask(quick(retries=0), public.on("/0", redirect(inside.on("/x", Answer(b"inside")))), doer)
        assert inside.connections == 0


def test_a_redirect_of_a_post_is_not_sent_on_to_another_host(net: Net) -> None:
    """A form with a password belongs where it was meant to go."""
    net.secure.asked.clear()
    net.secure.on("/1", redirect("https://b.example/end", status=307))
    with converse(net.line()) as client, pytest.raises(FetchError):
        client.post("https://a.example/1", data={"password": CANARY})
    assert [asked.host for asked in net.asked if CANARY in asked.body.decode()] == ["a.example"]


def test_ten_redirects_arrive_and_a_loop_does_not(net: Net) -> None:
    """Both doers count alike."""
    for number in range(11):
        net.secure.on(f"/h{number}", redirect(f"/h{number + 1}"))
    net.secure.on("/h11", Answer(b"end"))
    outcome, memory = move("https://a.example/h1", line=net.line())
    assert outcome.error is None
    assert bytes(memory.data) == b"end"
    outcome, _ = move("https://a.example/h0", line=net.line())
    assert outcome.error is not None
    with converse(net.line()) as client:
        assert isinstance(client.get("https://a.example/h1"), httpx.Response)
        with pytest.raises(FetchError, match="10 redirects"):
            client.get("https://a.example/h0")


def test_the_query_of_a_redirects_target_is_not_kept(net: Net) -> None:
    """It may be signed as a whole."""
    net.secure.on("/1", redirect(f"https://b.example/end?whatever={CANARY}"))
    net.secure.on("/end", Answer(b"x"))
    outcome, _ = move("https://a.example/1", line=net.line())
    assert outcome.error is None
    assert outcome.final_url == "https://b.example/end"


def test_every_try_starts_where_the_person_said(net: Net) -> None:
    """A signed target may have expired: the place is asked again."""
    net.secure.asked.clear()
    net.secure.on("/1", redirect("https://b.example/end"))
    net.secure.on("/end", Answer(b"xx", cut=1), Answer(b"xx"))
    outcome, _ = move("https://a.example/1", line=net.line(retries=1))
    assert outcome.error is None
    assert [asked.path for asked in net.secure.asked] == ["/1", "/end", "/1", "/end"]
