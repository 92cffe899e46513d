"""The source tbportals: its token, its tables, and where its secret never stands."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from fetchers.dataset import Dataset, Selection
from fetchers.errors import AccessError, SourceError, TransferError
from fetchers.sources import load
from fetchers.transport.credentials import Credential, Credentials
from fetchers.transport.http_client import converse
from fetchers.transport.network_session import NetworkSession
from tests.commands import Ran, fetch
from tests.internet import Asked, Internet
from tests.sources.places import PAGE, Answer, conversation, read, running

if TYPE_CHECKING:
    from pathlib import Path

    from tests.internet import Answer as Reply

HOST = "https://analytic.tbportals.niaid.nih.gov"
SECRET, TOKEN = "s3cret+&=x", "tokenizer-123456"
TABLE = b"patient_id,country\n1,Belarus\n"


def test_the_tables_are_its_files() -> None:
    """Eleven, by name; nobody is asked for a list, and the images' road is said."""
    source = load("tbportals")
    with conversation() as client:
        found = read(source, Dataset(name="belarus", link="https://tb.example.org/"), Selection(), client)
    assert len(found) == 11
    assert found[0].url == f"{HOST}/api/Patient-Case?returnCsv=true&cohortId="
    assert found[0].path == "Patient-Case.csv"
    assert "fetch adopt belarus" in source.remarks[0]


def signed_in(answer: Answer) -> list[str]:
    """Sign in at a place that answers so; return what was asked."""
    with running({"/api/Token": answer}) as place:
        kept = (Credential(prefix=place.url("/"), user="ada@example.org", password=SECRET),)
        line = NetworkSession(retries=0, credentials=Credentials(stored=kept))
        with converse(line) as client:
            load("tbportals").sign_in(Dataset(name="belarus", options={"host": place.url()}), client)
            known = line.known(place.url("/api/CT"))
            assert known is not None
            assert known.token == TOKEN
            assert line.known(place.url("/elsewhere")) == kept[0]
        return place.asked


@pytest.mark.parametrize("body", [TOKEN.encode(), f'"{TOKEN}"'.encode(), f"{TOKEN}\n".encode()])
def test_a_token_is_asked_for_with_the_secret_in_the_query(body: bytes) -> None:
    """As a text or as JSON; it goes to the interface alone."""
    assert signed_in(body) == ["/api/Token?emailAddress=ada%40example.org&secret=s3cret%2B%26%3Dx"]


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (PAGE, SourceError),
        (b"", SourceError),
        (b'{"error": "s3cret"}', SourceError),
        (b"no such user", SourceError),
        (401, AccessError),
        ((403, {"Content-Type": "application/json"}, b'{"message": "secret s3cret+&=x unknown"}'), AccessError),
        ((302, {"Location": "https://other.example.org/?secret=s3cret"}, b""), TransferError),
        (503, TransferError),
    ],
)
def test_broken_answers_are_named_without_the_secret(answer: Answer, kind: type[Exception]) -> None:
    """Whatever the place answers, even where it repeats the secret; a redirect is not followed with it."""
    with pytest.raises(kind) as raised:
        signed_in(answer)
    assert "s3cret" not in f"{raised.value} {getattr(raised.value, 'hint', '')}"


def run(internet: Internet, home: Path, *words: str, **environ: str) -> Ran:
    """Type a command."""
    return fetch(home, *words, environ=internet.environment(HOME=str(home.parent), **environ))


def test_after_the_grant_the_tables_come_and_the_secret_stays(tmp_path: Path) -> None:
    """6 before the grant, 6 with the step before the secret is kept, then the tables; the secret is in no file."""
    home = tmp_path / "home"

    def token(asked: Asked) -> Reply:
        return (200, {}, TOKEN.encode()) if "secret=s3cret" in asked.url else (401, {}, b"")

    def table(asked: Asked) -> Reply:
        return (200, {}, TABLE) if asked.headers.get("authorization") == f"Bearer {TOKEN}" else (401, {}, b"")

    with Internet(tmp_path) as internet:
        internet.put(f"{HOST}/api/Token", token)
        for remote in load("tbportals").files(Dataset(name="belarus"), Selection(), None):  # type: ignore[arg-type]
            internet.put(remote.url.partition("?")[0], table)
        assert run(internet, home, "get", "belarus").status == 6
        assert not internet.asked
        assert run(internet, home, "grant", "belarus", "--note", "by e-mail").status == 0
        refused = run(internet, home, "get", "belarus")
        assert refused.status == 6, refused.err
        assert f"fetch login {HOST}/ --user" in refused.err
        assert "fetch adopt belarus" in refused.err
        assert not internet.asked
        key = {"FETCH_USER_ANALYTIC_TBPORTALS_NIAID_NIH_GOV": "a@b.org"}
        secret = "FETCH_PASSWORD_ANALYTIC_TBPORTALS_NIAID_NIH_GOV"
        refused = run(internet, home, "get", "belarus", **key, **{secret: "wr0ng-one"})
        assert refused.status == 6, refused.err
        got = run(internet, home, "get", "belarus", "--verbose", **key, **{secret: "s3cret"})
        assert got.status == 0, got.err
        document = run(internet, home, "get", "belarus", "--json", **key, **{secret: "s3cret"}).document
        assert (document["datasets"][0]["files"], document["datasets"][0]["downloaded_files"]) == (11, 0)
        held = b"".join(path.read_bytes() for path in home.rglob("*") if path.is_file())
        for word in ("s3cret", "wr0ng-one", TOKEN):
            assert word not in got.err + got.out + refused.err + refused.out
            assert word.encode() not in held
        assert run(internet, home, "--offline", "verify", "belarus").status == 0
