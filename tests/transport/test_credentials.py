"""Credentials are found for the right address, kept, and never shown."""

from __future__ import annotations

import json
import sys
from typing import TYPE_CHECKING

import pytest

from fetchers.errors import CatalogueError
from fetchers.transport import credential_store
from fetchers.transport.credentials import Credential, Credentials, covers, variable_host
from tests.faultd import Answer, Asked, Faultd
from tests.transport.moving import move, quick

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

CANARY = "s3cr3t"


def write(home: Path, text: str, mode: int = 0o600) -> None:
    """Write the file as a person does."""
    path = home / credential_store.FILE
    path.write_text(text)
    path.chmod(mode)


@pytest.mark.parametrize(
    ("prefix", "url", "expected"),
    [
        ("https://h/", "https://h/x", True),
        ("https://h", "https://h/x", True),
        ("https://h/", "https://H:443/x", True),
        ("https://h/", "http://h/x", False),
        ("https://h/", "https://h:8443/x", False),
        ("https://h:8443/", "https://h:8443/x", True),
        ("https://h/", "https://h.evil.org/x", False),
        ("https://h/", "https://evil.org/h/x", False),
        ("https://h/", "ftp://h/x", False),
        ("https://h/data", "https://h/data", True),
        ("https://h/data", "https://h/data/x", True),
        ("https://h/data", "https://h/dataset", False),
        ("https://h/data/", "https://h/data", False),
        ("https://h/data/", "https://h/data/../other", False),
        ("https://h/data/", "https://h/data/%2e%2e/other", False),
        ("https://h/data/", "https://h/other?x=/data/", False),
    ],
)
def test_a_credential_covers_its_own_addresses(prefix: str, url: str, *, expected: bool) -> None:
    """Scheme, host and port are the same, and the path begins with whole components."""
    assert covers(prefix, url) is expected


def test_the_longest_prefix_comes_first(tmp_path: Path) -> None:
    """Whatever the order in the file."""
    write(
        tmp_path,
        '["https://h/"]\ntoken = "short"\n["https://h/a/b/"]\ntoken = "long"\n["https://h/a/"]\ntoken = "mid"\n',
    )
    found = credential_store.load(tmp_path, {})
    tokens = [credential.token for path in ("x", "a/x", "a/b/x") if (credential := found.known(f"https://h/{path}"))]
    assert tokens == ["short", "mid", "long"]


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o644, 0o660, 0o601, 0o777])
def test_a_file_that_others_may_read_is_refused(tmp_path: Path, mode: int) -> None:
    """Exit 2, and what to type."""
    write(tmp_path, f'["https://h/"]\ntoken = "{CANARY}"\n', mode)
    with pytest.raises(CatalogueError, match="0600") as caught:
        credential_store.load(tmp_path, {})
    assert "chmod 600" in (caught.value.hint or "")


@pytest.mark.parametrize("mode", [0o600, 0o400])
def test_a_file_of_our_own_is_read(tmp_path: Path, mode: int) -> None:
    """0600 or narrower."""
    write(tmp_path, '["https://h/"]\ntoken = "t"\n', mode)
    assert credential_store.load(tmp_path, {}).known("https://h/x") is not None


def test_a_folder_in_the_files_place_is_refused(tmp_path: Path) -> None:
    """In one sentence."""
    (tmp_path / credential_store.FILE).mkdir()
    with pytest.raises(CatalogueError, match=credential_store.FILE):
        credential_store.load(tmp_path, {})


@pytest.mark.parametrize(
    "text",
    [
        f'["https://h/"]\ntoken = {CANARY}\n',
        f'["https://h/"]\ntoken = "{CANARY}\n',
        f'["https://h/"]\ntoken = "{CANARY}"\nuser = "x"\n',
        f'["https://h/"]\npassword = "{CANARY}"\n',
        f'["https://h/"]\ntoken = ["{CANARY}"]\n',
        f'["https://h/"]\ntoken = "{CANARY}\\r\\nX: y"\n',
        f'["https://me:{CANARY}@h/"]\ntoken = "x"\n',
        f'["https://h/?token={CANARY}"]\ntoken = "x"\n',
        f'["{CANARY}"]\ntoken = "x"\n',
        f'["https://h/"]\n"{CANARY}" = "token"\n',
        f'{CANARY} = "x"\n',
        f'["http://[::1/"]\ntoken = "{CANARY}"\n',
        f'["http://h:port/"]\ntoken = "{CANARY}"\n',
        f'["http://h:99999/"]\ntoken = "{CANARY}"\n',
        f'["h"]\ntoken = "{CANARY}"\n',
        f'token = "{CANARY}"\n',
        '["https://h/"]\n',
        '["https://h/"]\ntoken = ""\n',
    ],
)
def test_a_file_that_makes_no_sense_is_refused(tmp_path: Path, text: str) -> None:
    """Without a word of what stands in it."""
    write(tmp_path, text)
    with pytest.raises(CatalogueError) as caught:
        credential_store.load(tmp_path, {})
    error: BaseException | None = caught.value
    while error is not None:
        assert CANARY not in f"{error!r} {getattr(error, 'hint', '')}"
        error = error.__cause__


@pytest.mark.parametrize(
    ("table", "line"),
    [
        ({"token": "t"}, "Authorization: Bearer t"),
        ({"header": "X-Api-Key", "value": "v"}, "X-Api-Key: v"),
        ({"user": "u", "password": "p"}, "Authorization: Basic dTpw"),
    ],
)
def test_each_kind_is_kept_and_sent(tmp_path: Path, table: Mapping[str, str], line: str) -> None:
    """Stored, read again, sent, deleted."""
    credential_store.store(tmp_path, "https://h/", table)
    credential_store.store(tmp_path, "https://other/", {"token": "x"})
    assert (tmp_path / credential_store.FILE).stat().st_mode & 0o777 == 0o600
    found = credential_store.load(tmp_path, {}).known("https://h/x")
    assert found is not None
    assert found.lines() == [line]
    assert credential_store.delete(tmp_path, "https://h/")
    assert not credential_store.delete(tmp_path, "https://h/")
    assert credential_store.load(tmp_path, {}).known("https://h/x") is None
    assert credential_store.load(tmp_path, {}).known("https://other/x") is not None
    assert [path.name for path in tmp_path.iterdir()] == [credential_store.FILE]


def test_nothing_shows_a_secret() -> None:
    """Not even a traceback's repr."""
    credential = Credential(prefix="https://h/", token=CANARY, value=CANARY, password=CANARY)
    credentials = Credentials(environ={"FETCH_TOKEN_H": CANARY}, stored=(credential,), netrc={"h": ("me", CANARY)})
    assert CANARY not in f"{credential!r} {credential} {credentials!r} {quick(credentials=credentials)!r}"


@pytest.mark.parametrize(
    ("environ", "url", "expected"),
    [
        ({"FETCH_TOKEN_DATA_EXAMPLE_ORG": "t"}, "https://data.example.org/x", "Authorization: Bearer t"),
        ({"FETCH_TOKEN_DATA_EXAMPLE_ORG": "t"}, "https://data-example.org/x", None),
        ({"FETCH_TOKEN_DATA__EXAMPLE_ORG": "t"}, "https://data-example.org/x", "Authorization: Bearer t"),
        ({"FETCH_TOKEN_H_ORG": "t"}, "https://h.org:8443/x", None),
        ({"FETCH_TOKEN_H_ORG_8443": "t"}, "https://h.org:8443/x", "Authorization: Bearer t"),
        ({"FETCH_TOKEN_H_ORG": "t"}, "http://h.org/x", None),
        ({"FETCH_TOKEN_127_0_0_1_8080": "t"}, "http://127.0.0.1:8080/x", "Authorization: Bearer t"),
        ({"FETCH_HEADER_H_ORG": "X-Api-Key: k"}, "https://h.org/x", "X-Api-Key: k"),
        ({"FETCH_USER_H_ORG": "u", "FETCH_PASSWORD_H_ORG": "p"}, "https://h.org/x", "Authorization: Basic dTpw"),
        ({"FETCH_USER_H_ORG": "u"}, "https://h.org/x", None),
    ],
)
def test_the_environment_names_a_host(environ: dict[str, str], url: str, expected: str | None) -> None:
    """In a way that no other host's name can be mistaken for."""
    found = Credentials(environ=environ).known(url)
    assert (found.lines()[0] if found else None) == expected


@pytest.mark.parametrize("name", ["FETCH_TOKEN_H_ORG", "FETCH_HEADER_H_ORG"])
def test_a_variable_that_cannot_be_sent_is_refused(name: str) -> None:
    """Its name is told, not its value."""
    with pytest.raises(CatalogueError, match=name) as caught:
        Credentials(environ={name: f"X: {CANARY}\r\nY: 1"}).known("https://h.org/x")
    assert CANARY not in caught.value.what


def test_a_hosts_variable_is_its_own() -> None:
    """A dot and a hyphen differ: a-b.org may belong to anybody."""
    assert variable_host("a.b.org") != variable_host("a-b.org")


def test_environment_then_keyring_then_file() -> None:
    """The order of the contract."""
    stored = (Credential(prefix="https://h.org/", token="file"),)

    def keyring(service: str, prefix: str) -> str | None:
        return json.dumps({"token": "keyring"}) if prefix == "https://h.org/" and service == "fetch" else None

    def token(credentials: Credentials) -> str | None:
        found = credentials.known("https://h.org/a/x")
        return found.token if found else None

    environ = {"FETCH_TOKEN_H_ORG": "environment"}
    assert token(Credentials(environ=environ, stored=stored, keyring=keyring)) == "environment"
    assert token(Credentials(stored=stored, keyring=keyring)) == "keyring"
    assert token(Credentials(stored=stored, keyring=lambda service, prefix: None)) == "file"
    assert token(Credentials(keyring=keyring)) is None  # asked only after a refusal
    found = Credentials(keyring=keyring).after_refusal("https://h.org/a/x")
    assert found is not None
    assert found.token == "keyring"


def test_a_broken_keyring_has_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    """Missing, locked or broken: the next place is asked."""

    class Broken:
        @staticmethod
        def get_password(service: str, prefix: str) -> str:
            raise RuntimeError("no backend")

    monkeypatch.setitem(sys.modules, "keyring", Broken)
    assert credential_store.from_keyring("fetch", "https://h/") is None


def test_after_a_refusal_the_keyring_is_asked_once() -> None:
    """And what it gave is shown at once to the files that follow."""
    calls: list[str] = []

    def keyring(service: str, prefix: str) -> str | None:
        calls.append(prefix)
        return "t" if prefix.count("/") == 3 else None

    def answer(asked: Asked) -> Answer:
        return Answer(b"x") if asked.headers.get("authorization") == "Bearer t" else Answer(status=401)

    line = quick(credentials=Credentials(keyring=keyring))
    with Faultd() as server:
        for _ in range(3):
            outcome, _ = move(server.on("/a/x", answer), line=line)
            assert outcome.error is None
        assert len(server.asked) == 4
        assert len(calls) == 2


def test_a_refused_credential_is_named_without_its_value() -> None:
    """Asked once; the next command to type is there."""
    with Faultd() as server:
        url = server.on("/x", Answer(status=401))
        credential = Credential(prefix=server.url("/"), token=CANARY)
        outcome, _ = move(url, line=quick(credentials=Credentials(stored=(credential,))))
        assert len(server.asked) == 1
        assert outcome.error is not None
        assert outcome.error.exit_status == 6
        assert "fetch login 127.0.0.1" in (outcome.error.hint or "")
        assert CANARY not in f"{outcome.error.what} {outcome.error.hint}"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("machine h.org login me password pw\n", ("me", "pw")),
        ("default login me password pw\n", None),
        ("machine H.org login me password pw\n", ("me", "pw")),
        ('machine h.org login me password "p w"\n', ("me", "p w")),
        ("machine other.org login me password pw\n", None),
        ("", None),
    ],
)
def test_netrc_is_read_only_when_told(tmp_path: Path, text: str, expected: tuple[str, str] | None) -> None:
    """And its default is for nobody."""
    path = tmp_path / ".netrc"
    path.write_text(text)
    path.chmod(0o600)
    environ = {"HOME": str(tmp_path)}
    assert credential_store.load(tmp_path, environ).known("https://h.org/x") is None
    found = credential_store.load(tmp_path, environ, netrc=True).known("https://h.org/x")
    assert ((found.user, found.password) if found else None) == expected
    assert credential_store.load(tmp_path, environ, netrc=True).known("http://h.org/x") is None


@pytest.mark.parametrize("text", [f"machine h.org {CANARY}", f"{CANARY} x"])
def test_a_broken_netrc_is_refused_without_a_word_of_it(tmp_path: Path, text: str) -> None:
    """Exit 2."""
    path = tmp_path / ".netrc"
    path.write_text(text)
    path.chmod(0o600)
    with pytest.raises(CatalogueError) as caught:
        credential_store.load(tmp_path, {"HOME": str(tmp_path)}, netrc=True)
    assert CANARY not in caught.value.what
    assert caught.value.__cause__ is None


def test_a_netrc_that_others_may_read_is_refused(tmp_path: Path) -> None:
    """It holds passwords, too."""
    path = tmp_path / ".netrc"
    path.write_text("machine h.org login me password pw\n")
    path.chmod(0o644)
    with pytest.raises(CatalogueError):
        credential_store.load(tmp_path, {"HOME": str(tmp_path)}, netrc=True)


@pytest.mark.parametrize(
    ("host", "other"),
    [
        ("my-proj.example.org", "my__proj.example.org"),
        ("my.proj.example.org", "my_proj.example.org"),
        ("my-proj.example.org", "my_.proj.example.org"),
        ("strasse.example.org", "stra\u00dfe.example.org"),
        ("data.example.org:8443", "data.example.org.8443"),
    ],
)
def test_a_variable_serves_one_host_alone(host: str, other: str) -> None:
    """What another host's name would be spelt like, too, that host is not shown."""
    name = variable_host(host)
    known = Credentials(environ={f"FETCH_TOKEN_{name}": "CANARY"})
    assert known.known(f"https://{host}/x") is not None
    assert known.known(f"https://{other}/x") is None
