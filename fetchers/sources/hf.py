"""List the files of a dataset at the Hugging Face Hub: https://huggingface.co/datasets

    GET api/datasets/X/revision/REV             the commit that REV means, the card's licence, whether it is gated
    GET api/datasets/X/tree/COMMIT?recursive=true   its files, page by page: `Link: <...>; rel="next"`
    GET datasets/X/resolve/COMMIT/PATH          a file; large ones by a redirect to another host

A revision is pinned to its commit before anything is listed, so that a listing and its transfers are of one state.
Of a file in LFS `lfs.oid` is the SHA-256. Of the others `oid` is what git calls a file: the SHA-1 of its size and its
bytes. A gated data set answers 401 or 403 with `X-Error-Code: GatedRepo`.
"""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING
from urllib.parse import quote

from fetchers.dataset import Dataset, Description, RemoteFile, Selection, Step
from fetchers.errors import AbsentError, CatalogueError
from fetchers.source import Source, store_name
from fetchers.sources import json_answers
from fetchers.sources.licence_ids import identifier_of
from fetchers.sources.reading.citations import cited
from fetchers.sources.reading.paging import Paging
from fetchers.sources.reading.rows import taken

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    import httpx

    from fetchers.dataset import Access
    from fetchers.source import Asker
    from fetchers.sources.json_answers import Fields

HOST = "https://huggingface.co"
_REPO = r"[A-Za-z0-9](?:[\w.-]*[A-Za-z0-9])?(?:/[A-Za-z0-9_](?:[\w.-]*[A-Za-z0-9_])?)?"
_ADDRESS = re.compile(
    rf"(?:hf:(?://datasets/)?(?P<short>{_REPO})(?:@(?P<short_revision>[^\s?#]+))?"
    rf"|https?://(?:www\.)?(?:huggingface\.co|hf\.co)/datasets/(?P<page>{_REPO})"
    r"(?:/(?:tree|blob|resolve)/(?P<page_revision>[^\s/?#]+)(?:/.*)?)?/?(?:[?#].*)?)"
)
_COMMIT = re.compile(r"[0-9a-f]{40}|[0-9a-f]{64}")
_BLOB = re.compile(r"[0-9a-f]{40}")
_SHA256 = re.compile(r"[0-9a-f]{64}")
_GATES: dict[str, Access] = {"auto": "registration", "manual": "application"}


class Hf(Source):
    """One data set of the Hub, by `options.repo`; `options.revision` is a branch, a tag or a commit."""

    gatekeeper = f"{HOST}/"

    def at(self, address: str, client: Asker) -> Dataset | None:
        """Return the data set that `hf:OWNER/NAME[@REVISION]` or its page names."""
        del client
        found = _ADDRESS.fullmatch(address)
        if found is None:
            return None
        repo = found["short"] or found["page"]
        revision = found["short_revision"] or found["page_revision"]
        return Dataset(
            name=store_name("hf", repo),
            title=f"{repo} at the Hugging Face Hub",
            source="hf",
            link=f"{HOST}/datasets/{repo}",
            options={"repo": repo} | ({"revision": revision} if revision else {}),
        )

    def describe(self, dataset: Dataset, client: httpx.Client) -> Description:
        """Return the commit, and the licence as the card has it."""
        info = _info(dataset, client)
        commit = _commit(info)
        card = info.get_object("cardData")
        tags = info.texts("tags")
        words = _licence_words(card, tags)
        page = card.text_or_none("license_link") if card else None
        page = page if page and page.startswith(("https://", "http://")) else None
        gate = info.text_or_none("gated") if not _is_false(info) else None
        doi = next((tag.partition(":")[2] for tag in tags if tag.startswith("doi:")), None)
        title = (card.text_or_none("pretty_name") if card else None) or dataset.title
        return Description(
            title=title,
            version=commit,
            licence=identifier_of(words, page, record=dataset.name),
            licence_words=words,
            licence_url=page,
            citations=cited(doi=doi, title=title, authors=info.texts("author"), publisher="Hugging Face"),
            link=dataset.link,
            access=_GATES.get(gate, "registration") if gate else "open",
            steps=tuple(_steps(dataset)) if gate else (),
            pinned={"revision": commit},
        )

    def steps(self, dataset: Dataset) -> Iterable[Step]:
        """Return the catalogue's steps, else those of a gated data set: agree on its page, keep a token."""
        return dataset.steps or _steps(dataset)

    def files(self, dataset: Dataset, wanted: Selection, client: httpx.Client) -> Iterator[RemoteFile]:
        """Yield the files of one commit, as the pages of the listing come."""
        del wanted
        host, repo = _host(dataset), _repo(dataset)
        revision = dataset.options.get("revision")
        pinned = isinstance(revision, str) and _COMMIT.fullmatch(revision)
        commit = revision if pinned else _commit(_info(dataset, client))
        paging = Paging()
        following: str | None = f"{host}/api/datasets/{repo}/tree/{commit}?recursive=true"
        while following is not None:
            asked = following
            try:
                response = client.get(asked)
            except AbsentError as error:
                raise json_answers.nothing_there(asked, f"{dataset.address} at {commit}") from error
            after = response.links.get("next", {}).get("url")
            following = None if after is None else json_answers.within(asked, after, asked)
            rows = list(json_answers.listed(response))
            if paging.turn(asked, [row.text_or_none("path") or "" for row in rows], following):
                yield from taken(rows, partial(_file, f"{host}/datasets/{repo}/resolve/{commit}"), self.refused)


def _host(dataset: Dataset) -> str:
    return str(dataset.options.get("host") or HOST).rstrip("/")


def _repo(dataset: Dataset) -> str:
    repo = dataset.options.get("repo")
    if not isinstance(repo, str) or not re.fullmatch(_REPO, repo):
        raise CatalogueError(
            f"{dataset.address}: options.repo should be OWNER/NAME and is {repo!r}",
            hint=f'[datasets.{dataset.name}.options] repo = "OWNER/NAME"',
        )
    return repo


def _info(dataset: Dataset, client: httpx.Client) -> Fields:
    revision = dataset.options.get("revision")
    base = f"{_host(dataset)}/api/datasets/{_repo(dataset)}"
    which = quote(revision, safe="") if isinstance(revision, str) else "main"
    try:
        return json_answers.one(client, f"{base}/revision/{which}")
    except AbsentError as error:
        if revision is not None:
            raise json_answers.nothing_there(f"{base}/revision/{which}", f"{dataset.address} at {revision}") from error
    return json_answers.record(client, base, dataset.address)


def _commit(info: Fields) -> str:
    commit = info.text("sha").lower()
    if not _COMMIT.fullmatch(commit):
        raise info.fault("sha", f"should be a commit and is {commit[:80]!r}")
    return commit


def _is_false(info: Fields) -> bool:
    return not info.is_text("gated") and not info.flag("gated")


def _licence_words(card: Fields | None, tags: list[str]) -> str | None:
    """Return the card's own word; `license_name` says what its `other` stands for. Several words mean none of them."""
    words = (card.texts("license") if card else []) or [
        tag.partition(":")[2] for tag in tags if tag.startswith("license:")
    ]
    if len(words) != 1:
        return " AND ".join(words) or None
    named = card.text_or_none("license_name") if card and words == ["other"] else None
    return named or words[0]


def _steps(dataset: Dataset) -> Iterator[Step]:
    page = dataset.link or HOST
    yield Step(key="agree", title="Sign in and agree to the conditions on the data set's page", url=page)
    yield Step(
        key="token",
        title=f"Make a token with read access and keep it: fetch login {HOST}/",
        url=f"{HOST}/settings/tokens",
        needs=(),
    )


def _file(base: str, row: Fields) -> RemoteFile | None:
    if row.text("type") != "file":
        return None
    path = row.text("path")
    lfs = row.get_object("lfs")
    size = lfs.count("size") if lfs is not None and "size" in lfs else row.count("size")
    if lfs is None:
        blob = (row.text_or_none("oid") or "").lower()
        checksum = f"git-sha1:{blob}" if _BLOB.fullmatch(blob) else None
    else:
        digest = lfs.text("oid").removeprefix("sha256:").lower()
        if not _SHA256.fullmatch(digest):
            raise lfs.fault("oid", f"should be a SHA-256 and is {digest[:80]!r}")
        checksum = f"sha256:{digest}"
    return RemoteFile(url=f"{base}/{quote(path)}", path=path, size=size, checksum=checksum)
