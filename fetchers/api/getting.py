"""Get data from Python: the catalogue, downloads, files that a person brought."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fetchers import values
from fetchers.api.call import CONNECTION, Call, as_path, kind_of, names_of, paths_of, refuse_findings, whole
from fetchers.errors import INTERRUPTED, PARTLY_DONE, CatalogueError

if TYPE_CHECKING:
    import os
    from collections.abc import Iterable
    from pathlib import Path

    from fetchers.acquire.import_files import Mode
    from fetchers.acquire.request import GetReport, GetRequest
    from fetchers.api.call import Also, Mirrors, Size, Where, Words
    from fetchers.api.progress import Showing
    from fetchers.document import Rows
    from fetchers.inspection.catalogue_rows import PartListing, Row, Show
    from fetchers.verbs.add import Added
    from fetchers.verbs.demo import Told
    from fetchers.verbs.search import Found

_FAILED = (2, 3, 5, 6, 7, 8)  # nothing came, and the command says why


def get(
    *names: str | Iterable[str],
    home: Where = None,
    cache: Where = None,
    also: Also = None,
    progress: Showing = None,
    offline: bool | None = None,
    mirror: Mirrors = None,
    timeout: float | None = None,
    retries: int | None = None,
    check: bool = False,
    include: Words = None,
    exclude: Words = None,
    patient: Words = None,
    study: Words = None,
    series: Words = None,
    modality: Words = None,
    body_part: Words = None,
    licence: Words = None,
    manifest: Where = None,
    limit: int | None = None,
    all: bool | None = None,
    dry_run: bool | None = None,
    list_files: bool | None = None,
    accept: Words = None,
    jobs: int | None = None,
    limit_rate: Size = None,
    max_size: Size = None,
    max_unpacked: Size = None,
    keep_archives: bool | None = None,
    no_unpack: bool | None = None,
    via: str | None = None,
    force: bool | None = None,
    on: str | None = None,
    shard: str | tuple[int, int] | None = None,
    log_every: float | None = None,
    log_file: Where = None,
) -> GetReport:
    """Download, check, unpack and record datasets; what is held is left alone.

    >>> report = fetchers.get("shenzhen")
    >>> report.datasets[0].files
    17
    >>> fetchers.get("shenzhen").datasets[0].downloaded_files  # all of it is here already
    0

    Sizes are bytes, or texts such as `"20G"` (powers of 1024). Raises the `FetchError` of its kind where nothing came:
    a gate (`AccessError`), terms, a selection that is empty, a place that does not answer. Findings, and single files
    that failed, stand in the record; with `check=True` they raise, too.
    """
    from fetchers.verbs import get as verb

    given = {name: value for name, value in locals().items() if name not in ("names", "verb")}
    call = Call(**{name: given.pop(name) for name in CONNECTION})
    report = verb.run(call.context(), _named(names), request_of(call, given))
    return _told(report, check=check)


def fetch(
    *names: str | Iterable[str],
    home: Where = None,
    cache: Where = None,
    also: Also = None,
    progress: Showing = None,
    offline: bool | None = None,
    mirror: Mirrors = None,
    include: Words = None,
    exclude: Words = None,
    patient: Words = None,
    study: Words = None,
    series: Words = None,
    modality: Words = None,
    body_part: Words = None,
    manifest: Where = None,
    limit: int | None = None,
    accept: Words = None,
) -> list[Path]:
    """Download datasets and return the paths of what was selected; what is held already is left alone.

    >>> paths = fetchers.fetch("shenzhen", include="*.zip")
    >>> paths[0].name
    'CHNCXR_0001_0.png'

    Raises the `FetchError` of the first thing that went wrong: a file that did not come, a finding that is an error.
    """
    from fetchers.verbs import get as verb

    call = Call(home, cache, also=also, offline=offline, mirror=mirror, progress=progress)
    given = {name: value for name, value in locals().items() if name not in ("names", "call", "verb")}
    context, matched = call.context(), verb.Matched()
    report = verb.run(context, _named(names), request_of(call, given), matched=matched)
    return [*verb.paths(context, _told(report, check=True), matched)]


def adopt(
    name: str,
    *paths: str | os.PathLike[str] | Iterable[str | os.PathLike[str]],
    home: Where = None,
    cache: Where = None,
    progress: Showing = None,
    check: bool = False,
    copy: bool | None = None,
    move: bool | None = None,
    link: bool | None = None,
    max_unpacked: Size = None,
    follow: bool = False,
) -> GetReport:
    """Take in files, folders or archives that a person fetched by hand; hashed, unpacked, checked, recorded.

    The paths may be given one by one, or in a list.
    `copy` is the default; `move` removes a source once its bytes are held, `link` shares the bytes with it;
    `follow` takes copies of what links lead to, too.
    """
    from fetchers.verbs import adopt as verb

    call = Call(home, cache, progress=progress)
    wishes = [word for word, wish in (("copy", copy), ("move", move), ("link", link)) if wish]
    if len(wishes) > 1:
        raise CatalogueError("copy, move and link exclude one another", hint="give one of them")
    mode: Mode = "move" if move else "link" if link else "copy"
    most = call.one("max_unpacked", max_unpacked, values.size)
    given = paths_of(paths)
    report = verb.run(call.context(), name, given, mode=mode, follow=follow, max_unpacked=most)
    return _told(report, check=check)


def listing(
    *,
    home: Where = None,
    cache: Where = None,
    offline: bool | None = None,
    mirror: Mirrors = None,
    access: str | None = None,
    modality: str | None = None,
    body_part: str | None = None,
    licence: str | None = None,
    held: bool | None = None,
    list: str | None = None,
    parts: Words = None,
) -> Rows[Row] | Rows[PartListing]:
    """Return the catalogue's datasets that fit, one row each; with `parts` the parts of the datasets named there.

    >>> [row.dataset for row in fetchers.list(modality="OP")][:1]
    ['drive']
    """
    from fetchers.dataset import ACCESS
    from fetchers.verbs import catalogue as verb

    call = Call(home, cache, offline=offline, mirror=mirror)
    if parts is not None:
        return verb.parts(call.context(), names_of([parts]))
    return verb.listing(
        call.context(),
        access=call.choice("access", access, ACCESS),
        modality=call.text("modality", modality),
        body_part=call.text("body_part", body_part),
        licence=call.text("licence", licence),
        held=call.flag("held", held),
        which=call.choice("list", list, verb.WHICH),
    )


def search(*words: str, home: Where = None, cache: Where = None) -> Rows[Found]:
    """Return the datasets and collections that have all of these words; asks no network.

    >>> "shenzhen" in [row.dataset for row in fetchers.search("chest", "tuberculosis")]
    True
    """
    from fetchers.verbs import search as verb

    return verb.run(Call(home, cache).context(), words)


def add(
    address: str,
    *,
    home: Where = None,
    cache: Where = None,
    offline: bool | None = None,
    mirror: Mirrors = None,
    name: str | None = None,
) -> Added:
    """Write a dataset into the workspace's catalogue by its address, with what its place says of it."""
    from fetchers.verbs import add as verb

    return verb.run(Call(home, cache, offline=offline, mirror=mirror).context(), address, name=name)


def show(
    name: str, *, home: Where = None, cache: Where = None, offline: bool | None = None, mirror: Mirrors = None
) -> Show:
    """Return all that is known of one dataset or part: what it is, terms by use, access, errata, citation.

    >>> fetchers.show("shenzhen").uses["redistribute"].verdict
    'forbidden'
    """
    from fetchers.verbs import catalogue as verb

    return verb.show(Call(home, cache, offline=offline, mirror=mirror).context(), name)


def demo(*, home: Where = None, cache: Where = None, keep: Where = None) -> Told:
    """Run the whole story on this machine alone, against a replica on loopback, and return what was said."""
    from fetchers.verbs import demo as verb

    call = Call(home, cache)
    return verb.run(keep=call.path("keep", keep), environ=call.environ)


def request_of(call: Call, given: dict[str, object]) -> GetRequest:
    """Return what the flags of `get` ask for."""
    from fetchers.acquire.request import GetRequest
    from fetchers.dataset import Selection

    def words(name: str) -> tuple[str, ...]:
        return call.many(name, given.get(name), str)

    def flag(name: str) -> bool:
        return bool(call.one(name, given.get(name), values.flag))

    selection = Selection(
        patients=words("patient"),
        studies=words("study"),
        series=words("series"),
        modalities=words("modality"),
        body_parts=words("body_part"),
        licences=words("licence"),
        everything=flag("all"),
        via=call.one("via", given.get("via"), str),
    )
    return GetRequest(
        selection=selection,
        include=words("include"),
        exclude=words("exclude"),
        limit=call.one("limit", given.get("limit"), whole(1)),
        manifest=call.one("manifest", given.get("manifest"), as_path),
        accept=words("accept"),
        dry_run=flag("dry_run"),
        list_files=flag("list_files"),
        jobs=call.one("jobs", given.get("jobs"), whole(1, 64)),
        limit_rate=call.one("limit_rate", given.get("limit_rate"), values.rate),
        max_size=call.one("max_size", given.get("max_size"), values.size),
        max_unpacked=call.one("max_unpacked", given.get("max_unpacked"), values.size),
        keep_archives=flag("keep_archives"),
        unpack=not flag("no_unpack"),
        force=flag("force"),
        on=call.text("on", given.get("on")),  # type: ignore[arg-type]  # a text, as `get` says
        shard=call.one("shard", given.get("shard"), values.shard),
    )


def _named(names: Iterable[str | Iterable[str]]) -> tuple[str, ...]:
    found = names_of(names)
    if not found:
        raise CatalogueError("no dataset is named", hint='fetchers.list() names all: fetchers.get("shenzhen")')
    return found


def _told(report: GetReport, *, check: bool) -> GetReport:
    """Return the report, or raise what stands for it: Ctrl-C, a refusal, with `check` whatever went wrong."""
    if report.exit == INTERRUPTED:
        raise KeyboardInterrupt
    failures = [failure for result in report.datasets for failure in result.failures]
    refused = report.exit in _FAILED or (report.exit == 4 and failures)  # noqa: PLR2004 - content
    if failures and (refused or (check and report.exit)):
        first = next((failure for failure in failures if failure.exit == report.exit), failures[0])
        status = first.exit if report.exit == PARTLY_DONE else report.exit
        raise kind_of(status)(first.error, hint=first.hint)
    findings = [finding for result in report.datasets for finding in result.findings]
    refuse_findings(findings, report.exit, check=check)
    return report
