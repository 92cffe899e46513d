"""The types of the Imaging Data Commons' index: series, collections, and selections of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence


class Series(NamedTuple):
    """One series as the Commons keep it. `uuid` is its folder in `bucket`, `images` its instances."""

    uid: str | None
    bucket: str
    uuid: str
    licence: str | None = None
    modality: str | None = None
    body_part: str | None = None
    images: int | None = None

    @property
    def folder(self) -> str:
        """`BUCKET/FOLDER`, as an s5cmd manifest names it."""
        return f"{self.bucket}/{self.uuid}"


class Wishes(NamedTuple):
    """A selection of series: a collection by its identifier, the others in DICOM's terms; empty means all."""

    collection: str | None = None
    patients: Sequence[str] = ()
    studies: Sequence[str] = ()
    series: Sequence[str] = ()
    modalities: Sequence[str] = ()
    body_parts: Sequence[str] = ()
    licences: Sequence[str] = ()
    folders: Sequence[str] = ()


class Collection(NamedTuple):
    """One collection: its name as it is spelled, and what lies in it."""

    name: str
    patients: int
    series: int
    images: int
    bytes: int
    modalities: tuple[str, ...]
    licences: tuple[str, ...]

    @property
    def line(self) -> str:
        """What is in it, for a person."""
        size = f"{self.bytes / 1e9:,.1f} GB"
        return f"{self.patients:,} patients, {self.series:,} series, {size}, {' '.join(self.modalities)}"


class About(NamedTuple):
    """What the Commons say of a collection."""

    title: str | None
    doi: str | None
    citation: str | None
    words: str
