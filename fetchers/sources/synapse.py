"""List the files of an entity at Synapse: https://repo-prod.prod.sagebase.org/repo/v1

    GET  entity/ID                  name, kind (project, folder, file), version
    GET  entity/ID/permissions      `canDownload`: whether this account may
    POST entity/children            what lies in a project or folder, in pages of 50 (`nextPageToken`)
    GET  entity/ID/filehandles      name, size and MD5 of a file
    GET  entity/ID/file             the file, by a redirect to a signed address

The children of what is no container are an empty list, and so is what nobody may see: an empty list is believed only
after `canDownload` was true. The route that fetches many at once hides refusals behind 201 and is not used.
"""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING

from fetchers.dataset import Dataset, Description, RemoteFile, Selection, Step
from fetchers.errors import AccessError, CatalogueError, NothingMatched
from fetchers.source import Source, store_name
from fetchers.sources import json_answers
from fetchers.sources.licence_ids import identifier_of
from fetchers.sources.reading.citations import cited
from fetchers.sources.reading.paging import Paging
from fetchers.sources.reading.rows import taken

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    import httpx

    from fetchers.source import Asker
    from fetchers.sources.json_answers import Fields

API = "https://repo-prod.prod.sagebase.org/repo/v1"
_DEEPEST = 32
_ADDRESS = re.compile(
    r"(?:synapse:|doi:10\.7303/|https?://(?:www\.)?synapse\.org/(?:#?!?Synapse:|Synapse:)?)(?P<id>syn\d{1,12})"
    r"(?:[/?#].*)?",
    re.IGNORECASE,
)
_ID = re.compile(r"syn\d{1,12}")
_MD5 = re.compile(r"[0-9a-f]{32}", re.IGNORECASE)


class Synapse(Source):
    """One project, folder or file, by `options.entity`."""

    gatekeeper = f"{API}/"
    connections = 4

    def at(self, address: str, client: Asker) -> Dataset | None:
        """Return the entity that `synapse:synNNN`, `synNNN`, its page or its DOI names."""
        del client
        found = _ADDRESS.fullmatch(address)
        if found is None:
            return None
        identifier = found["id"].lower()
        return Dataset(
            name=store_name("synapse", identifier),
            title=f"{identifier} at Synapse",
            source="synapse",
            link=f"https://www.synapse.org/Synapse:{identifier}",
            options={"entity": identifier},
        )

    def describe(self, dataset: Dataset, client: httpx.Client) -> Description:
        """Return name and version of the entity; Synapse has no field for a licence."""
        entity = json_answers.record(client, f"{_api(dataset)}/entity/{_identifier(dataset)}", dataset.address)
        number = entity.count_or_none("versionNumber")
        words = entity.text_or_none("license")
        title = entity.text_or_none("name")
        return Description(
            title=title,
            version=None if number is None else str(number),
            licence=identifier_of(words, None, record=dataset.name),
            licence_words=words,
            citations=cited(doi=f"10.7303/{_identifier(dataset)}", title=title, publisher="Synapse"),
            link=dataset.link,
        )

    def steps(self, dataset: Dataset) -> Iterable[Step]:
        """Return the catalogue's steps, else those of the place: a token, and the entity's own requirements."""
        return dataset.steps or _steps(dataset)

    def files(self, dataset: Dataset, wanted: Selection, client: httpx.Client) -> Iterator[RemoteFile]:
        """Yield the files of the entity, folder by folder."""
        del wanted
        api, identifier = _api(dataset), _identifier(dataset)
        entity = json_answers.record(client, f"{api}/entity/{identifier}", dataset.address)
        _check_download(dataset, client, identifier)
        if entity.text("concreteType").endswith("FileEntity"):
            yield _file(client, api, "", entity)
            return
        found = False
        for remote in self._below(api, identifier, "", client, 0):
            found = True
            yield remote
        if not found:
            raise NothingMatched(
                f"{dataset.address}: the place lists no file in {entity.text('name')}", hint=f"look at {dataset.link}"
            )

    def _below(self, api: str, parent: str, path: str, client: httpx.Client, depth: int) -> Iterator[RemoteFile]:
        asked = f"{api}/entity/children"
        if depth > _DEEPEST:
            raise json_answers.faulty(asked, f"more than {_DEEPEST} folders in one another")
        paging = Paging()
        token: str | None = None
        while True:
            body: dict[str, object] = {"parentId": parent, "includeTypes": ["folder", "file"]}
            page = json_answers.parsed(client.post(asked, json=body | ({"nextPageToken": token} if token else {})))
            rows = page.rows("page")
            token = page.text_or_none("nextPageToken")
            if paging.turn(asked, [row.text("id") for row in rows], token):
                for row in rows:
                    kind, name, identifier = row.text("type"), row.text("name"), _entity(row)
                    if kind.endswith("Folder"):
                        yield from self._below(api, identifier, f"{path}{name}/", client, depth + 1)
                    elif kind.endswith("FileEntity"):
                        yield from taken([row], partial(_file, client, api, path), self.refused)
                    else:
                        self.remarks.append(f"{path}{name} is neither a file nor a folder and was left out")
            if token is None:
                return


def _api(dataset: Dataset) -> str:
    return str(dataset.options.get("api") or API).rstrip("/")


def _identifier(dataset: Dataset) -> str:
    identifier = dataset.options.get("entity")
    if not isinstance(identifier, str) or not _ID.fullmatch(identifier):
        raise CatalogueError(
            f"{dataset.address}: options.entity should be an identifier and is {identifier!r}",
            hint=f'[datasets.{dataset.name}.options] entity = "syn123"',
        )
    return identifier


def _entity(row: Fields) -> str:
    identifier = row.text("id")
    if not _ID.fullmatch(identifier):
        raise row.fault("id", f"is no identifier: {identifier[:80]!r}")
    return identifier


def _check_download(dataset: Dataset, client: httpx.Client, identifier: str) -> None:
    """Raise `AccessError` where the account may not download: what is listed then says nothing."""
    permissions = json_answers.one(client, f"{_api(dataset)}/entity/{identifier}/permissions")
    if not permissions.flag("canDownload"):
        raise AccessError(
            f"{dataset.address}: Synapse does not let this account download it: sign in with a token, and meet the "
            f"requirements that its page names, {dataset.link}",
            hint=f"fetch tasks {dataset.address}",
        )


def _steps(dataset: Dataset) -> Iterator[Step]:
    yield Step(
        key="token",
        title=f"Make a personal access token and keep it: fetch login {API}/",
        url="https://www.synapse.org/PersonalAccessTokens:",
    )
    yield Step(
        key="requirements",
        title="Meet the access requirements on its page (agree, apply, register for the challenge)",
        url=dataset.link,
        needs=(),
    )


def _file(client: httpx.Client, api: str, path: str, row: Fields) -> RemoteFile:
    identifier, name = _entity(row), row.text("name")
    asked = f"{api}/entity/{identifier}/filehandles"
    handles = json_answers.one(client, asked).rows("list")
    handle = next((one for one in handles if not one.flag("isPreview") and "fileName" in one), None)
    if handle is None:
        raise json_answers.faulty(asked, "field fileName is missing: no handle of the file itself")
    checksum = handle.text_or_none("contentMd5")
    if checksum is not None and not _MD5.fullmatch(checksum):
        raise handle.fault("contentMd5", f"should be an MD5 and is {checksum[:80]!r}")
    return RemoteFile(
        url=f"{api}/entity/{identifier}/file",
        path=f"{path}{handle.text_or_none('fileName') or name}",
        size=handle.count_or_none("contentSize"),
        checksum=f"md5:{checksum.lower()}" if checksum else None,
    )
