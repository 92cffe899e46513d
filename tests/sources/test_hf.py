"""The source hf: what it lists, and what it refuses."""

from __future__ import annotations

import json

import pytest

from fetchers.dataset import Dataset, Description, RemoteFile, Selection
from fetchers.errors import AccessError, NothingMatched, SourceError
from fetchers.sources import load
from tests.sources.places import PAGE, Answer, Context, conversation, read, running

COMMIT = "c" * 40
SHA = "d" * 64
REPO = "/api/datasets/a/B"


def info(**more: object) -> bytes:
    """Make what the Hub says of a revision."""
    return json.dumps(
        {
            "id": "a/B",
            "author": "a",
            "sha": COMMIT,
            "gated": False,
            "tags": ["license:cc-by-4.0", "doi:10.57967/hf/1"],
            "cardData": {"license": "cc-by-nc-sa-4.0", "pretty_name": "Chest"},
            **more,
        }
    ).encode()


def file(path: str, *, lfs: bool = True) -> dict[str, object]:
    """Make a row of the tree; a large file lies in LFS."""
    row: dict[str, object] = {"type": "file", "path": path, "size": 7, "oid": "e" * 40}
    return row | ({"lfs": {"oid": SHA, "size": 7, "pointerSize": 132}} if lfs else {})


def tree(rows: list[dict[str, object]], per_page: int = 2) -> Answer:
    """Answer page by page, with the next one in the Link header, as the Hub does."""

    def page(query: dict[str, str]) -> tuple[int, dict[str, str], bytes]:
        assert query["recursive"] == "true"
        start = int(query.get("cursor", "0"))
        more = start + per_page < len(rows)
        path = f"{REPO}/tree/{COMMIT}?recursive=true&cursor={start + per_page}"
        return (
            200,
            {"Link": f'<{path}>; rel="next"'} if more else {},
            json.dumps(rows[start : start + per_page]).encode(),
        )

    return page


ROWS: list[dict[str, object]] = [
    {"type": "directory", "path": "data", "oid": "f"},
    file("data/x 1.zip"),
    file("README.md", lfs=False),
]
ANSWERS: dict[str, Answer] = {f"{REPO}/revision/main": info(), f"{REPO}/tree/{COMMIT}": tree(ROWS)}


def dataset(place: Context, **options: object) -> Dataset:
    """Make the dataset of `hf:a/B`."""
    link = "https://huggingface.co/datasets/a/B"
    return Dataset(name="hf-a--b", link=link, options={"host": place.url(), "repo": "a/B", **options})


def listed(answers: dict[str, Answer], **options: object) -> list[RemoteFile]:
    """List it."""
    with running(answers) as place, conversation() as client:
        return read(load("hf"), dataset(place, **options), Selection(), client)


def described(answers: dict[str, Answer], **options: object) -> Description:
    """Describe it."""
    with running(answers) as place, conversation() as client:
        return load("hf").describe(dataset(place, **options), client)


def test_a_branch_is_pinned_to_its_commit() -> None:
    """Listing and transfers are of one commit; LFS gives the SHA-256, git its own name of a file."""
    archive, readme = listed(ANSWERS)
    assert archive.url.endswith(f"/datasets/a/B/resolve/{COMMIT}/data/x%201.zip")
    assert (archive.path, archive.size, archive.checksum) == ("data/x 1.zip", 7, f"sha256:{SHA}")
    assert (readme.path, readme.size, readme.checksum) == ("README.md", 7, f"git-sha1:{'e' * 40}")


@pytest.mark.parametrize("oid", ["e" * 64, "1", None])
def test_a_name_of_git_that_is_no_sha1_promises_nothing(oid: str | None) -> None:
    """The size is left."""
    rows = [{**file("README.md", lfs=False), "oid": oid}]
    (readme,) = listed({**ANSWERS, f"{REPO}/tree/{COMMIT}": tree(rows)})
    assert (readme.size, readme.checksum) == (7, None)


def test_a_pinned_commit_asks_for_no_branch() -> None:
    """The listing is all that is asked for."""
    with running(ANSWERS) as place, conversation() as client:
        assert len(read(load("hf"), dataset(place, revision=COMMIT), Selection(), client)) == 2
        assert all("/tree/" in asked for asked in place.asked)


def test_what_the_card_says() -> None:
    """Title, commit, the card's licence with its words, the DOI among the tags."""
    told = described(ANSWERS)
    assert (told.title, told.version, told.licence) == ("Chest", COMMIT, "CC-BY-NC-SA-4.0")
    assert (told.licence_words, told.access, dict(told.pinned)) == ("cc-by-nc-sa-4.0", "open", {"revision": COMMIT})
    assert told.citations[0].doi == "10.57967/hf/1"


@pytest.mark.parametrize(
    ("card", "tags", "licence"),
    [
        (None, [], None),
        ({}, ["license:cc-by-4.0"], "CC-BY-4.0"),
        ({"license": "other"}, [], "LicenseRef-hf-a--b"),
        ({"license": ["mit", "cc-by-4.0"]}, [], "LicenseRef-hf-a--b-mit-AND-cc-by-4.0"),
    ],
)
def test_a_card_that_names_no_licence_names_none(card: object, tags: list[str], licence: str | None) -> None:
    """Unknown stays unknown; several words are none of them."""
    answers = {**ANSWERS, f"{REPO}/revision/main": info(cardData=card, tags=tags)}
    found = described(answers).licence
    assert found == licence or (licence is not None and found is not None and found.startswith("LicenseRef-hf-a--b"))


@pytest.mark.parametrize(("gated", "access"), [("auto", "registration"), ("manual", "application")])
def test_a_gate_is_its_steps(gated: str, access: str) -> None:
    """The page to agree on, and a token."""
    told = described({**ANSWERS, f"{REPO}/revision/main": info(gated=gated)})
    assert told.access == access
    assert [step.key for step in told.steps] == ["agree", "token"]
    assert told.steps[0].url == "https://huggingface.co/datasets/a/B"


def test_an_unknown_revision_is_named() -> None:
    """Exit 3, and never the newest in its place."""
    with pytest.raises(NothingMatched, match="at v9"):
        described(ANSWERS, revision="v9")


def test_an_older_interface_without_revisions_will_do() -> None:
    """Without a revision the set's own page says the commit."""
    answers = {REPO: info(), f"{REPO}/tree/{COMMIT}": tree(ROWS)}
    assert len(listed(answers)) == 2


def circle(query: dict[str, str]) -> tuple[int, dict[str, str], bytes]:
    """Lead back to the first page for ever."""
    path = f"{REPO}/tree/{COMMIT}?recursive=true&cursor=1"
    return 200, {"Link": f'<{path}>; rel="next"'}, json.dumps(ROWS).encode()


@pytest.mark.parametrize(
    ("path", "answer", "kind"),
    [
        (f"{REPO}/revision/main", 401, AccessError),
        (f"{REPO}/revision/main", PAGE, SourceError),
        (f"{REPO}/revision/main", b"{}", SourceError),
        (f"{REPO}/revision/main", b'{"sha": "../.."}', SourceError),
        (f"{REPO}/tree/{COMMIT}", (403, {"X-Error-Code": "GatedRepo"}, b""), AccessError),
        (f"{REPO}/tree/{COMMIT}", circle, SourceError),
        (f"{REPO}/tree/{COMMIT}", PAGE, SourceError),
        (f"{REPO}/tree/{COMMIT}", b'[{"type": "file", "size": 1}]', SourceError),
        (f"{REPO}/tree/{COMMIT}", 404, NothingMatched),
    ],
)
def test_broken_answers_are_named(path: str, answer: Answer, kind: type[Exception]) -> None:
    """A refusal is never an empty listing, a circle ends."""
    with pytest.raises(kind):
        listed({**ANSWERS, path: answer})
