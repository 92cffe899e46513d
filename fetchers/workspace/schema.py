"""Which keys may stand in which table of the catalogue, and what does each want?

The field names are those of `fetchers.dataset`; a key that is not here is a fault, for a mistyped `sha265` would
otherwise switch a check off without a word.
"""

from __future__ import annotations

from fetchers.dataset import ACCESS, ANSWERS, CONTAINERS, DUTIES, USES
from fetchers.workspace import shapes
from fetchers.workspace.shapes import Check, address, any_text, day, digest, each, flag, one_of, text, whole

Keys = dict[str, Check]

LISTED: Keys = dict.fromkeys(
    ("data_types", "body_parts", "images", "patients", "availability", "licence", "link"), any_text
)
FILE: Keys = {
    "url": address(shapes.FETCHABLE),
    "path": shapes.path,
    "sha256": digest("sha256"),
    "sha1": digest("sha1"),
    "md5": digest("md5"),
    "size": whole(0),
    "unpack": flag,
    "into": shapes.folder,
    "joins": shapes.path,
    "hashes": shapes.path,
    "licence": text,
    "licence_url": address(shapes.READABLE),
    "modality": shapes.modality,
    "body_part": text,
    "series": text,
    "images": whole(0),
    "mirrors": each(address(shapes.FETCHABLE)),
}
STEP: Keys = {
    "key": shapes.step_key,
    "title": text,
    "url": address(shapes.READABLE),
    "expected_days": whole(0, shapes.CENTURY),
    "lapses_after_days": whole(1, shapes.CENTURY),
    "needs": each(shapes.step_key),
    "evidence": text,
}
ERRATUM: Keys = {"field": text, "listed": any_text, "found": text, "evidence": text, "on": day}
CITATION: Keys = {"doi": shapes.doi, "bibtex": text, "text": text}
ROWS: dict[str, tuple[Keys, tuple[str, ...]]] = {
    "steps": (STEP, ("key", "title")),
    "errata": (ERRATUM, ("field", "listed", "found", "evidence", "on")),
    "citations": (CITATION, ()),
}
DATASET: Keys = {
    "title": text,
    "aliases": each(shapes.name),
    "source": text,
    "modalities": each(shapes.modality),
    "body_parts": each(text),
    "images": whole(0),
    "patients": whole(0),
    "access": one_of(ACCESS),
    "container": one_of(CONTAINERS),
    "licence": text,
    "link": address(shapes.READABLE),
    "notes": text,
    "checked_on": day,
}
LICENCE: Keys = {
    "name": text,
    "url": address(shapes.READABLE),
    "text": text,
    "requires_acceptance": flag,
    "duties": each(one_of(DUTIES)),
    "duo": each(shapes.duo),
    "source": text,
    "checked_on": day,
    "destroy_after_days": whole(1, shapes.CENTURY),
}
ANSWERS_BY_USE: Keys = dict.fromkeys(USES, one_of(ANSWERS))
REASONS_BY_USE: Keys = dict.fromkeys(USES, text)
POLICY: Keys = {
    "uses": each(one_of(USES)),
    "allow": each(shapes.licence_id),
    "forbid": each(shapes.licence_id),
}
