"""Use a corpus from Python, and have the same again: tables, locks, views, overlaps, statements, exports."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fetchers import values
from fetchers.api.call import Call, as_path, kind_of, names_of, one_of, whole
from fetchers.errors import INTERRUPTED, PARTLY_DONE, CatalogueError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from fetchers.api.call import Also, Mirrors, Size, Where, Words
    from fetchers.api.progress import Showing
    from fetchers.handover.held_files import Files
    from fetchers.reports.file_table import Format
    from fetchers.verbs.export import Exported
    from fetchers.verbs.lock import Locked
    from fetchers.verbs.outdated import Outdated
    from fetchers.verbs.overlap import Overlap
    from fetchers.verbs.statement import Statement
    from fetchers.verbs.sync import Synced
    from fetchers.verbs.view import Viewed


def files(
    *names: str | Iterable[str],
    home: Where = None,
    cache: Where = None,
    also: Also = None,
    csv: Where = None,
    jsonl: Where = None,
    parquet: Where = None,
) -> Files:
    """Return the table of what is held, one row a file; iterate over it, or take it as a whole.

    >>> table = fetchers.files("shenzhen")
    >>> len(table), next(iter(table)).kind
    (17, 'png')

    `to_pandas()`, `to_polars()` and `to_arrow()` want pyarrow (`pip install 'fetch-imaging[table]'`). With `csv`,
    `jsonl` or `parquet` the table is written to that file, too. Raises `NothingMatched` where nothing is held.
    """
    from fetchers.verbs import files as verb

    call = Call(home, cache, also=also)
    found = verb.run(call.context(), names_of(names))
    wanted: list[tuple[Format, Where]] = [("csv", csv), ("jsonl", jsonl), ("parquet", parquet)]
    for kind, given in wanted:
        if (path := call.path(kind, given)) is not None:
            found.write(path, kind)
    return found


def lock(
    *names: str | Iterable[str],
    home: Where = None,
    cache: Where = None,
    also: Also = None,
    output: Where = "fetch.lock",
) -> Locked:
    """Write down exactly which bytes are held, so that another home can be brought to the same state.

    Two locks of one state are equal byte for byte. Raises `NothingMatched` where nothing is held.
    """
    from fetchers.verbs import lock as verb

    return verb.run(Call(home, cache, also=also).context(), names_of(names), as_path(output))


def sync(
    file: Where = "fetch.lock",
    *,
    home: Where = None,
    cache: Where = None,
    progress: Showing = None,
    offline: bool | None = None,
    mirror: Mirrors = None,
    timeout: float | None = None,
    retries: int | None = None,
    check: bool = False,
    dry_run: bool | None = None,
    accept: Words = None,
    jobs: int | None = None,
    limit_rate: Size = None,
    max_size: Size = None,
) -> Synced:
    """Bring a home to the state of a lock; what is held already is not requested.

    `changed`, `vanished` and `pending` of the record name the remote files that are not to be had as they were locked.
    With `check=True` the first of them raises the `FetchError` of its kind.
    """
    from fetchers.acquire.request import GetRequest
    from fetchers.verbs import sync as verb

    call = Call(home, cache, offline=offline, mirror=mirror, timeout=timeout, retries=retries, progress=progress)
    request = GetRequest(
        dry_run=call.flag("dry_run", dry_run),
        accept=call.texts("accept", accept),
        jobs=call.one("jobs", jobs, whole(1, 64)),
        limit_rate=call.one("limit_rate", limit_rate, values.rate),
        max_size=call.one("max_size", max_size, values.size),
    )
    done = verb.run(call.context(), as_path(file), request)
    if done.exit == INTERRUPTED:
        raise KeyboardInterrupt
    for failure in (one for dataset in done.datasets for one in dataset.failures):
        if check:
            raise kind_of(failure.exit)(failure.error, hint=failure.hint)
    return done


def outdated(
    *names: str | Iterable[str],
    home: Where = None,
    cache: Where = None,
    progress: Showing = None,
    offline: bool | None = None,
    mirror: Mirrors = None,
    timeout: float | None = None,
    retries: int | None = None,
) -> Outdated:
    """Ask the places what they have anew, changed or withdrawn; no content is downloaded. `exit` is 0 or 9.

    Raises `NothingMatched` where nothing is held, the `FetchError` of its kind where no place could be asked.
    """
    from fetchers.verbs import outdated as verb

    call = Call(home, cache, offline=offline, mirror=mirror, timeout=timeout, retries=retries, progress=progress)
    found = verb.run(call.context(), names_of(names))
    for _, what, hint in verb.failures(found) if found.exit not in (0, PARTLY_DONE) else ():
        raise kind_of(found.exit)(what, hint=hint)
    return found


def view(
    *names: str | Iterable[str],
    to: Where,
    home: Where = None,
    cache: Where = None,
    also: Also = None,
    link: str | None = None,
    layout: str | None = None,
    datalist: str | None = None,
    split: str | None = None,
    by: str | None = None,
    seed: int | None = None,
    use: Words = None,
) -> Viewed:
    """Make a folder for training: links or copies of the images, a layout, a datalist, a split that parts no patient.

    Raises `TermsError` where the terms of any image forbid a use. The same seed gives the same split.
    """
    from fetchers.dataset import USES
    from fetchers.handover.training_folder import Wishes
    from fetchers.inspection.splits import BY
    from fetchers.reports.datalists import FORMATS
    from fetchers.storage.publish.view_folder import LINKS
    from fetchers.verbs import view as verb

    call = Call(home, cache, also=also)
    how: Any = call.choice("link", link, LINKS) or "hard"
    wishes = Wishes(
        link=how,
        layout=call.text("layout", layout),
        datalist=call.choice("datalist", datalist, FORMATS),
        split=call.text("split", split),
        by=call.choice("by", by, BY) or "patient",
        seed=call.one("seed", seed, lambda value: int(str(value))) or 0,
        uses=call.many("use", use, one_of(USES)),
    )
    return verb.run(call.context(), names_of(names), as_path(to), wishes)


def overlap(
    *names: str | Iterable[str],
    home: Where = None,
    cache: Where = None,
    also: Also = None,
    progress: Showing = None,
    no_pixels: bool | None = None,
    on: str | None = None,
) -> Overlap:
    """Return the images that two held datasets share: the same bytes, the same instance, the same decoded pixels.

    >>> fetchers.overlap().pairs
    ()
    """
    from fetchers.verbs import overlap as verb

    call = Call(home, cache, also=also, progress=progress)
    pixels = not call.flag("no_pixels", no_pixels)
    return verb.run(call.context(), names_of(names), pixels=pixels, on=call.text("on", on))


def statement(
    *names: str | Iterable[str],
    home: Where = None,
    cache: Where = None,
    also: Also = None,
    md: bool | None = None,
    tex: bool | None = None,
    ai_act: bool | None = None,
) -> Statement:
    """Return the data paragraph of a paper, in Markdown or with `tex` in LaTeX; each number is the record's.

    >>> fetchers.statement("shenzhen").numbers.files
    17
    """
    from fetchers.verbs import statement as verb

    call = Call(home, cache, also=also)
    if md and tex:
        raise CatalogueError("md and tex exclude one another", hint="give one of them")
    markup: Any = "tex" if call.flag("tex", tex) else "md"
    return verb.run(call.context(), names_of(names), markup=markup, ai_act=call.flag("ai_act", ai_act))


def export(
    *names: str | Iterable[str],
    home: Where = None,
    cache: Where = None,
    also: Also = None,
    croissant: Where = None,
    ro_crate: Where = None,
    bagit: Where = None,
    spdx: Where = None,
) -> Exported:
    """Hand a corpus on with its papers, as one of Croissant, RO-Crate, BagIt and SPDX; the value says where."""
    from fetchers.verbs import export as verb

    given = dict(zip(verb.FORMATS, (croissant, ro_crate, bagit, spdx), strict=True))
    wanted = [(kind, to) for kind, to in given.items() if to is not None]
    if len(wanted) != 1:
        raise CatalogueError("one of croissant, ro_crate, bagit and spdx is wanted", hint='export(croissant="x.json")')
    return verb.run(Call(home, cache, also=also).context(), names_of(names), wanted[0][0], as_path(wanted[0][1]))
