"""The source figshare: what it lists, and what it refuses."""

from __future__ import annotations

import json

import pytest

from fetchers.dataset import Dataset, Description, RemoteFile, Selection
from fetchers.errors import AccessError, NothingMatched, SourceError, TransferError
from fetchers.sources import load
from tests.sources.places import PAGE, Answer, Context, conversation, read, running

MD5 = "0123456789abcdef0123456789abcdef"


def file(number: int, **more: object) -> dict[str, object]:
    """Make a row of a listing."""
    return {
        "id": number,
        "name": f"f{number}.zip",
        "size": 7,
        "computed_md5": MD5,
        "supplied_md5": "",
        "is_link_only": False,
        "download_url": f"https://ndownloader.figshare.com/files/{number}",
        **more,
    }


def article(*files: dict[str, object], **more: object) -> bytes:
    """Make an article."""
    return json.dumps(
        {
            "id": 1,
            "title": "Wrist X-rays",
            "version": 3,
            "doi": "10.6084/m9.figshare.1.v3",
            "published_date": "2022-05-20",
            "authors": [{"full_name": "Ada Roe"}],
            "license": {"value": 1, "name": "CC BY 4.0", "url": "https://creativecommons.org/licenses/by/4.0/"},
            "files": list(files),
            **more,
        }
    ).encode()


def dataset(place: Context, **options: object) -> Dataset:
    """Make the dataset of `figshare:1`."""
    return Dataset(name="figshare-1", source="figshare", options={"api": place.url("/v2/"), "article": 1, **options})


def listed(answers: dict[str, Answer], **options: object) -> list[RemoteFile]:
    """List an article."""
    with running(answers) as place, conversation() as client:
        return read(load("figshare"), dataset(place, **options), Selection(), client)


def described(answers: dict[str, Answer]) -> Description:
    """Describe an article."""
    with running(answers) as place, conversation() as client:
        return load("figshare").describe(dataset(place), client)


def test_an_article_is_its_files() -> None:
    """Size, the MD5 that figshare computed, address; a name that comes twice lies below its number."""
    first, second, third = listed(
        {"/v2/articles/1": article(file(1), file(2, name="f1.zip"), file(3, computed_md5=""))}
    )
    assert (first.url, first.path) == ("https://ndownloader.figshare.com/files/1", "f1.zip")
    assert (first.size, first.checksum) == (7, f"md5:{MD5}")
    assert second.path == "2/f1.zip"
    assert third.checksum is None


def test_more_than_ten_files_are_asked_for_page_by_page() -> None:
    """The article itself lists ten at most."""
    rows = [file(number) for number in range(250)]

    def pages(query: dict[str, str]) -> bytes:
        start = (int(query["page"]) - 1) * int(query["page_size"])
        return json.dumps(rows[start : start + int(query["page_size"])]).encode()

    assert len(listed({"/v2/articles/1": article(*rows[:10]), "/v2/articles/1/files": pages})) == 250


def test_pages_that_go_in_a_circle_are_a_fault() -> None:
    """A server that gives the same full page for ever is left."""
    rows = [file(number) for number in range(100)]
    answers: dict[str, Answer] = {
        "/v2/articles/1": article(*rows[:10]),
        "/v2/articles/1/files": json.dumps(rows).encode(),
    }
    with pytest.raises(SourceError, match="nothing new"):
        listed(answers)


def test_a_version_is_asked_for_by_its_number() -> None:
    """A pinned version has a listing of its own."""
    (remote,) = listed({"/v2/articles/1/versions/2": article(file(9))}, version=2)
    assert remote.path == "f9.zip"


def test_what_the_article_says_of_itself() -> None:
    """Title, version, licence, citation."""
    told = described({"/v2/articles/1": article(file(1))})
    assert (told.title, told.version, told.licence, told.licence_words) == (
        "Wrist X-rays",
        "3",
        "CC-BY-4.0",
        "CC BY 4.0",
    )
    assert told.citations[0].doi == "10.6084/m9.figshare.1.v3"
    assert "Ada Roe" in (told.citations[0].bibtex or "")
    assert dict(told.pinned) == {"version": 3}


def test_an_embargo_is_no_empty_article() -> None:
    """It lists no files, and that is a gate."""
    with pytest.raises(AccessError, match="embargo"):
        listed({"/v2/articles/1": article(is_embargoed=True, embargo_date="2030-01-01")})


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (404, NothingMatched),
        (403, AccessError),
        (500, TransferError),
        ((202, {}, b""), TransferError),
        (PAGE, SourceError),
        (b"{}", SourceError),
        (article({"name": "x"}), SourceError),
        (article(file(1, computed_md5="zz")), SourceError),
        (article(file(1, download_url="http://127.0.0.1:1/x@")), None),
        (article(file(1, download_url="file:///etc/passwd")), SourceError),
    ],
)
def test_broken_answers_are_named(answer: Answer, kind: type[Exception] | None) -> None:
    """Never an empty listing."""
    if kind is None:
        assert listed({"/v2/articles/1": answer})
        return
    with pytest.raises(kind):
        listed({"/v2/articles/1": answer})
