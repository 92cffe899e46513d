"""Read the index of the Imaging Data Commons, which they publish as the package `idc-index-data`.

Parquet, a row for each series: collection, identifiers, modality, licence, DOI, counts, the bucket's folder. It is read
by duckdb where it lies and never as a whole: all chest CT under CC BY 4.0 in version 25.0.5 (202,677 series) is counted
in 30 ms and 30 MB. `series_size_MB` is bytes by 10^6, to the byte. Beside it lie the collections, as they are spelled,
and the series of earlier versions. Another file of the same columns may stand in its place.
"""

# ruff: noqa: S608 - what is put into the SQL is ours: columns and quoted paths; every value goes apart from it
from __future__ import annotations

import re
from contextlib import contextmanager
from functools import cached_property
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from fetchers.errors import AccessError, CatalogueError, SourceError
from fetchers.sources.licence_ids import identifier_of
from fetchers.sources.reading.idc_records import About, Collection, Series, Wishes

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from fetchers.dataset import Count

_PACKAGE = "idc_index_data"
_FILE, _COLLECTIONS, _PRIOR, _VERSIONS = (
    "idc_index.parquet", "collections_index.parquet", "prior_versions_index.parquet", "version_metadata_index.parquet",
)  # fmt: skip
_NEEDED = (
    "collection_id", "PatientID", "StudyInstanceUID", "SeriesInstanceUID", "Modality", "BodyPartExamined",
    "crdc_series_uuid", "aws_bucket", "license_short_name", "instanceCount", "series_size_MB",
)  # fmt: skip
_HINT = "pip install --upgrade idc-index-data, or bring the portal's s5cmd manifest: --manifest FILE"
_AT_ONCE = 2048  # rows of an answer that are held at once
_BYTES = "coalesce(sum(cast(round(series_size_MB * 1e6) as bigint)), 0)"
_UID = re.compile(r"[0-9][0-9.]{0,63}")


def collection_id(collection: str) -> str:
    """Spell a collection as the Commons do: `CPTAC-CCRCC` is `cptac_ccrcc`."""
    return re.sub(r"[^a-z0-9]+", "_", collection.lower()).strip("_")


def installed() -> bool:
    """Return True where the index and what reads it are there."""
    return find_spec(_PACKAGE) is not None and find_spec("duckdb") is not None


class Index:
    """The index at one path. Raises `SourceError` with file and field where it is not what it should be."""

    def __init__(self, path: str | None = None) -> None:
        spec = find_spec(_PACKAGE)
        self._package = Path(((spec and spec.submodule_search_locations) or ["/nonexistent"])[0])
        self._own = path is not None
        self._path = Path(path) if path is not None else self._package / _FILE

    # --- collections

    @cached_property
    def spellings(self) -> Mapping[str, str]:
        """The collections' names as they are spelled, by their identifiers."""
        known: dict[str, str] = {}
        beside = self._beside(_COLLECTIONS)
        if beside is not None:
            known = dict(self._rows(f"select collection_id, collection_name from {_quoted(beside)}"))
        own = self._rows(f"select distinct collection_id from {self._table}") if self._own or beside is None else ()
        return {**{row[0]: row[0] for row in own}, **known}

    def spelled(self, written: str) -> str | None:
        """Return a collection's name as it is spelled; None for one that is not in the index."""
        return self.spellings.get(collection_id(written))

    def of_doi(self, doi: str) -> str | None:
        """Return the collection whose own data have this DOI."""
        wanted = doi.lower()
        own = "" if not self._has("analysis_result_id") else "and analysis_result_id is null"
        rows = self._rows(
            f"select collection_id from {self._table} where lower(source_DOI) = ? {own} limit 1", [wanted]
        )
        found = next(iter(rows), None)
        return None if found is None else self.spellings.get(found[0], found[0])

    def collections(self) -> list[Collection]:
        """Return all collections with their counts, by name."""
        sql = (
            "select collection_id, count(distinct PatientID), count(*), coalesce(sum(instanceCount), 0), "
            f"{_BYTES}, list_sort(list(distinct Modality)), list_sort(list(distinct license_short_name)) "
            f"from {self._table} group by 1"
        )
        found = [
            Collection(
                name=self.spellings.get(row[0], row[0]),
                patients=row[1],
                series=row[2],
                images=int(row[3]),
                bytes=int(row[4]),
                modalities=tuple(one for one in row[5] if one),
                licences=tuple(filter(None, (identifier_of(one, None, f"idc-{row[0]}") for one in row[6] if one))),
            )
            for row in self._rows(sql)
        ]
        return sorted(found, key=lambda one: one.name.casefold())

    def about(self, collection: str) -> About | None:
        """Return what is said of a collection; None for one that is not in the index."""
        identifier = collection_id(collection)
        if identifier not in self.spellings:
            return None
        title, doi, citation, words = None, None, None, ""
        if (beside := self._beside(_COLLECTIONS)) is not None:
            sql = (
                f"select source.source_title, source.source_doi, source.citation, cancer_types, tumor_locations "
                f"from (select *, unnest(sources) as source from {_quoted(beside)} where collection_id = ?) "
                "where source.source_type = 'original_data' limit 1"
            )
            for row in self._rows(sql, [identifier]):
                title, doi, citation, words = row[0], row[1], _plain(row[2]), " ".join(filter(None, row[3:5]))
        if doi is None and self._has("source_DOI"):
            own = "and analysis_result_id is null" if self._has("analysis_result_id") else ""
            sql = (
                f"select source_DOI from {self._table} where collection_id = ? {own} group by 1 order by count(*) desc"
            )
            doi = next((row[0] for row in self._rows(sql, [identifier])), None)
        return About(title=title, doi=doi, citation=citation, words=words)

    def words(self) -> Iterator[tuple[str, str]]:
        """Yield the name of each collection with the words that are said of it, for a search."""
        if (beside := self._beside(_COLLECTIONS)) is not None:
            columns = "collection_name, concat_ws(' ', cancer_types, tumor_locations, species, supporting_data)"
            yield from self._rows(f"select {columns} from {_quoted(beside)}")
        else:
            yield from ((name, "") for name in self.spellings.values())

    # --- series

    def counted(self, wishes: Wishes, limit: int | None) -> Count:
        """Return how many instances and bytes the wishes come to, of the first `limit` series."""
        from fetchers.dataset import Count

        condition, values = self._condition(wishes)
        source = f"(select * from {self._table} where {condition} limit {int(limit)})" if limit else None
        sql = f"select coalesce(sum(instanceCount), 0), {_BYTES}, count(*) from {source or self._table}"
        row = next(iter(self._rows(sql if source else f"{sql} where {condition}", values)))
        return Count(files=int(row[0]), bytes=int(row[1]), series=int(row[2]))

    def lookup(self, wishes: Wishes, limit: int | None = None) -> Iterator[Series]:
        """Yield the series that all of the wishes allow, some of them at a time."""
        condition, values = self._condition(wishes)
        columns = (
            "SeriesInstanceUID, aws_bucket, crdc_series_uuid, license_short_name, Modality, BodyPartExamined, "
            "instanceCount, collection_id"
        )
        end = f" limit {int(limit)}" if limit else ""
        for row in self._rows(f"select {columns} from {self._table} where {condition}{end}", values):
            uid, bucket, uuid, words, modality, body_part, images, found = row
            licence = identifier_of(words, None, f"idc-{found}")
            yield Series(uid, bucket, uuid, licence, modality, body_part, images)

    def missing(self, uids: Sequence[str]) -> list[str]:
        """Return those of the UIDs that are not in the index, in their order."""
        sql = f"select SeriesInstanceUID from {self._table} where SeriesInstanceUID in (select unnest(?))"
        here = {row[0] for row in self._rows(sql, [list(uids)])}
        return [uid for uid in dict.fromkeys(uids) if uid not in here]

    def earlier(self, *, uids: Sequence[str] = (), folders: Sequence[str] = ()) -> dict[str, tuple[str, str]]:
        """Return, of series in earlier versions, (SeriesInstanceUID, in which versions), by UID or by folder's name."""
        beside = self._beside(_PRIOR)
        if beside is None:
            return {}
        column = "SeriesInstanceUID" if uids else "crdc_series_uuid"
        sql = (
            f"select {column}, any_value(SeriesInstanceUID), min(min_idc_version), max(max_idc_version) "
            f"from {_quoted(beside)} where {column} in (select unnest(?)) group by 1"
        )
        return {row[0]: (row[1], f"{row[2]} to {row[3]}") for row in self._rows(sql, [list(uids or folders)])}

    # --- the index itself

    @cached_property
    def version(self) -> tuple[str, str | None]:
        """Its version, and the day on which that version of the Commons came out."""
        if not self._path.is_file():
            return "unknown", None
        sql = f"select value from parquet_kv_metadata({_quoted(self._path)}) where key = 'idc_index_data_version'"
        found = next((row[0] for row in self._rows(sql)), None)
        version = found.decode("ascii", "replace").partition("-")[0] if isinstance(found, bytes) else "unknown"
        day = None
        beside = self._beside(_VERSIONS)
        if beside is not None and version.partition(".")[0].isdecimal():
            sql = f"select version_timestamp from {_quoted(beside)} where idc_version = ?"
            day = next((str(row[0])[:10] for row in self._rows(sql, [int(version.partition(".")[0])])), None)
        return version, day

    # --- inside

    @cached_property
    def _table(self) -> str:
        """The table, after its columns were looked at."""
        missing = [column for column in _NEEDED if column not in self._columns]
        if missing:
            raise SourceError(
                f"{self._path}: field {missing[0]} is missing", hint="pip install --upgrade idc-index-data"
            )
        return f"read_parquet({_quoted(self._path)})"

    @cached_property
    def _columns(self) -> frozenset[str]:
        if not self._path.is_file():
            if self._own:
                raise CatalogueError(f"{self._path}: there is no such index", hint="--idc-index names a Parquet file")
            raise AccessError("the index of the Imaging Data Commons is not installed", hint=_HINT)
        return frozenset(row[0] for row in self._rows(f"describe select * from read_parquet({_quoted(self._path)})"))

    def _has(self, column: str) -> bool:
        return column in self._columns

    def _beside(self, name: str) -> Path | None:
        """Find a file that belongs to the index: beside it, else in the package."""
        return next((path for path in (self._path.parent / name, self._package / name) if path.is_file()), None)

    @cached_property
    def _database(self) -> Any:  # noqa: ANN401 - duckdb's own, which has no useful type
        try:
            import duckdb
        except ImportError as error:
            raise AccessError("duckdb, which reads the index, is not installed", hint="pip install duckdb") from error
        off = dict.fromkeys(("autoinstall_known_extensions", "autoload_known_extensions"), "false")
        return duckdb.connect(":memory:", config={**off, "threads": "2", "preserve_insertion_order": "true"})

    @contextmanager
    def _readable(self) -> Iterator[None]:
        from duckdb import Error

        try:
            yield
        except Error as error:
            said = str(error).splitlines()[0][:200]
            raise SourceError(
                f"{self._path} cannot be read: {said}", hint="pip install --force-reinstall idc-index-data"
            ) from error

    def _rows(self, sql: str, values: Sequence[object] = ()) -> Iterator[tuple[Any, ...]]:
        database = self._database
        with self._readable():
            found = database.cursor().execute(sql, list(values))
            while rows := found.fetchmany(_AT_ONCE):
                yield from rows

    def _condition(self, wishes: Wishes) -> tuple[str, list[object]]:
        """Return the SQL of the wishes, with its values apart."""
        parts, values = ["true"], list[object]()
        asked: list[tuple[str, Sequence[str]]] = [
            ("collection_id", (collection_id(wishes.collection),) if wishes.collection else ()),
            ("PatientID", wishes.patients),
            ("StudyInstanceUID", wishes.studies),
            ("SeriesInstanceUID", wishes.series),
            ("Modality", wishes.modalities),
            ("upper(BodyPartExamined)", [part.upper() for part in wishes.body_parts]),
            ("crdc_series_uuid", [folder.partition("/")[2].strip("/*") for folder in wishes.folders]),
        ]
        if wishes.licences:
            asked.append(("license_short_name", self._licence_names(wishes.licences)))
        for column, those in asked:
            if len(those) == 1:
                parts.append(f"{column} = ?")
                values.append(those[0])
            elif those:
                parts.append(f"{column} in (select unnest(?))")
                values.append(list(those))
        return " and ".join(parts), values

    def _licence_names(self, wanted: Sequence[str]) -> list[str]:
        """Return the index's own words for licences; the words themselves are as good as the identifier."""
        folded = {one.casefold() for one in wanted}
        rows = self._rows(f"select distinct license_short_name from {self._table} where license_short_name is not null")
        names = [row[0] for row in rows]
        fit = [one for one in names if {one.casefold(), (identifier_of(one, None) or "").casefold()} & folded]
        return fit or [""]  # a licence that no series is under: nothing, and not everything


def _quoted(path: Path) -> str:
    return "'" + str(path).replace("'", "''") + "'"


def _plain(written: str | None) -> str | None:
    """Return a citation without its HTML, in one line."""
    if written is None:
        return None
    from html import unescape

    return " ".join(unescape(re.sub(r"<[^<>]{0,200}>", "", written)).split())[:2000]
