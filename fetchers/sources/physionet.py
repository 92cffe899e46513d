"""List the files of a project at PhysioNet: https://physionet.org/files/NAME/VERSION/

    GET api/v1/project/published/NAME/            its versions
    GET api/v1/project/published/NAME/VERSION/    title, licence, DOI of one
    GET files/NAME/VERSION/SHA256SUMS.txt         `HASH PATH`, a line a file, no sizes
    GET files/NAME/VERSION/PATH                   a file

Credentialed projects want the account's name and password (Basic). PhysioNet heeds them only from programs whose
User-Agent begins with `Wget/` or `libwfdb/` and answers 403 to the right password of others (HTTP_AUTH_USER_AGENT in
physionet-build), so there we call ourselves Wget and say in the same line who we are.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import quote

from fetchers.dataset import Dataset, Description, RemoteFile, Selection, Step
from fetchers.errors import AbsentError, CatalogueError
from fetchers.source import Source, store_name
from fetchers.sources import json_answers
from fetchers.sources.licence_ids import identifier_of
from fetchers.sources.reading.citations import cited
from fetchers.sources.reading.text_lines import lines

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    import httpx

    from fetchers.dataset import Access
    from fetchers.source import Asker

HOST = "https://physionet.org"
_NAME = r"[a-z0-9](?:[a-z0-9-]*[a-z0-9])?"
_VERSION = r"\d+(?:\.\d+)*(?:-[a-z0-9]+)?"
_ADDRESS = re.compile(
    rf"(?:physionet:|https?://(?:www\.)?physionet\.org/(?:content|files)/)(?P<name>{_NAME})"
    rf"(?:[/@]v?(?P<version>{_VERSION}))?/?(?:[?#].*)?",
    re.IGNORECASE,
)
_LINE = re.compile(r"([0-9a-f]{64})  ?\*?(.+)", re.IGNORECASE)


class PhysioNet(Source):
    """One version of a project, by `options.project` and `options.version`; the newest where none is named."""

    gatekeeper = f"{HOST}/"
    connections = 4
    agent = "Wget/1.21 (compatible; fetch-imaging)"

    def at(self, address: str, client: Asker) -> Dataset | None:
        """Return the project that `physionet:NAME[/VERSION]` or its page names."""
        del client
        found = _ADDRESS.fullmatch(address)
        if found is None:
            return None
        name, version = found["name"].lower(), found["version"]
        return Dataset(
            name=store_name("physionet", name),
            title=f"{name} at PhysioNet",
            source="physionet",
            link=f"{HOST}/content/{name}/" + (f"{version}/" if version else ""),
            options={"project": name} | ({"version": version} if version else {}),
        )

    def describe(self, dataset: Dataset, client: httpx.Client) -> Description:
        """Return title, version, licence and DOI as the project has them."""
        version = _version(dataset, client)
        try:
            told = json_answers.one(client, f"{_api(dataset)}{version}/")
        except AbsentError:  # the interface is younger than some projects; the files may be there all the same
            return Description(version=version, link=dataset.link, pinned={"version": version})
        licence = told.get_object("license")
        words = licence.text_or_none("name") if licence else told.text_or_none("license")
        page = licence.text_or_none("url") if licence else None
        access = _access(words)
        title = told.text_or_none("title")
        return Description(
            title=title,
            version=version,
            licence=identifier_of(words, page, record=dataset.name),
            licence_words=words,
            licence_url=page,
            citations=cited(
                doi=told.text_or_none("doi"),
                title=title,
                authors=told.texts("authors"),
                year=(told.text_or_none("publish_datetime") or told.text_or_none("publish_date") or "")[:4],
                publisher="PhysioNet",
                text=told.text_or_none("citation"),
            ),
            link=dataset.link,
            access=access,
            steps=() if access == "open" else tuple(_steps(dataset, version, access)),
            pinned={"version": version},
        )

    def steps(self, dataset: Dataset) -> Iterable[Step]:
        """Return the catalogue's steps, else those of a credentialed project."""
        version = dataset.options.get("version")
        return dataset.steps or _steps(dataset, version if isinstance(version, str) else "", "application")

    def files(self, dataset: Dataset, wanted: Selection, client: httpx.Client) -> Iterator[RemoteFile]:
        """Yield the files of one version with their SHA-256, as its list of sums names them."""
        del wanted
        version = _version(dataset, client)
        base = f"{_host(dataset)}/files/{_project(dataset)}/{version}"
        asked = f"{base}/SHA256SUMS.txt"
        try:
            for number, line in enumerate(lines(client, asked), start=1):
                found = _LINE.fullmatch(line)
                if found is None:
                    what = f"should be a hash and a path and is {line[:120]!r}"
                    self.refused.add(f"line {number}", json_answers.faulty(asked, f"line {number} {what}"))
                    continue
                path = found[2].removeprefix("./")
                yield RemoteFile(url=f"{base}/{quote(path)}", path=path, checksum=f"sha256:{found[1].lower()}")
        except AbsentError as error:
            raise json_answers.nothing_there(asked, f"{dataset.address}, version {version}") from error
        yield RemoteFile(url=asked, path="SHA256SUMS.txt")


def _host(dataset: Dataset) -> str:
    return str(dataset.options.get("host") or HOST).rstrip("/")


def _project(dataset: Dataset) -> str:
    name = dataset.options.get("project")
    if not isinstance(name, str) or not re.fullmatch(_NAME, name):
        raise CatalogueError(
            f"{dataset.address}: options.project should be the project's name in its address and is {name!r}",
            hint=f'[datasets.{dataset.name}.options] project = "NAME"',
        )
    return name


def _api(dataset: Dataset) -> str:
    return f"{_host(dataset)}/api/v1/project/published/{_project(dataset)}/"


def _version(dataset: Dataset, client: httpx.Client) -> str:
    """Return the pinned version, else the newest that the place names."""
    version = dataset.options.get("version")
    if isinstance(version, str) and re.fullmatch(_VERSION, version):
        return version
    try:
        told = json_answers.one_or_rows(client, _api(dataset))
    except AbsentError as error:
        raise json_answers.nothing_there(_api(dataset), dataset.address) from error
    versions = [row.text("version") for row in told]
    if not versions:
        raise json_answers.nothing_there(_api(dataset), dataset.address)
    newest = max(versions, key=_order)
    if not re.fullmatch(_VERSION, newest):
        raise json_answers.faulty(_api(dataset), f"field version is none: {newest[:80]!r}")
    return newest


def _order(version: str) -> tuple[int, ...]:
    return tuple(int(piece) for piece in re.findall(r"\d+", version)[:8])


def _access(words: str | None) -> Access:
    said = (words or "").lower()
    if "credentialed" in said or "contributor review" in said:
        return "application"
    return "registration" if "restricted" in said else "open"


def _steps(dataset: Dataset, version: str, access: Access) -> Iterator[Step]:
    project = dataset.options.get("project")
    yield Step(key="account", title="Make an account at PhysioNet", url=f"{HOST}/register/")
    if access == "application":
        yield Step(
            key="credentialing",
            title="Become a credentialed user: the training, and a reference",
            url=f"{HOST}/settings/credentialing/",
            expected_days=14,
        )
    yield Step(
        key="agreement",
        title="Sign the project's data use agreement",
        url=f"{HOST}/sign-dua/{project}/{version}/" if version else f"{HOST}/content/{project}/",
    )
    yield Step(key="login", title=f"Keep the account's password: fetch login {HOST}/ --user NAME", url=f"{HOST}/login/")
