"""The schema of the catalogue: the keys of each table, and the check of each value.

The field names are those of `fetchers.dataset`; a key that is not here is a fault, for a mistyped `sha265` would
otherwise switch a check off without a word.
"""

from __future__ import annotations

from fetchers.dataset import ACCESS, ANSWERS, CONTAINERS, DUTIES, USES
from fetchers.workspace.validation import validators
from fetchers.workspace.validation.validators import (
    Check,
    address,
    any_text,
    day,
    digest,
    each,
    flag,
    one_of,
    text,
    whole,
)

Keys = dict[str, Check]

LISTED: Keys = dict.fromkeys(
    ("data_types", "body_parts", "images", "patients", "availability", "licence", "link"), any_text
)
FILE: Keys = {
    "url": address(validators.FETCHABLE),
    "path": validators.path,
    "sha256": digest("sha256"),
    "sha1": digest("sha1"),
    "md5": digest("md5"),
    "size": whole(0),
    "unpack": flag,
    "into": validators.folder,
    "joins": validators.path,
    "hashes": validators.path,
    "licence": text,
    "licence_url": address(validators.READABLE),
    "modality": validators.modality,
    "body_part": text,
    "series": text,
    "images": whole(0),
    "mirrors": each(address(validators.FETCHABLE)),
}
STEP: Keys = {
    "key": validators.step_key,
    "title": text,
    "url": address(validators.READABLE),
    "expected_days": whole(0, validators.CENTURY),
    "lapses_after_days": whole(1, validators.CENTURY),
    "repeats_after_days": whole(1, validators.CENTURY),
    "needs": each(validators.step_key),
    "evidence": text,
    "waits": flag,
}
ERRATUM: Keys = {"field": text, "listed": any_text, "found": text, "evidence": text, "on": day}
CITATION: Keys = {"doi": validators.doi, "bibtex": text, "text": text}
ROWS: dict[str, tuple[Keys, tuple[str, ...]]] = {
    "steps": (STEP, ("key", "title")),
    "errata": (ERRATUM, ("field", "listed", "found", "evidence", "on")),
    "citations": (CITATION, ()),
}
DATASET: Keys = {
    "title": text,
    "aliases": each(validators.name),
    "source": text,
    "modalities": each(validators.modality),
    "body_parts": each(text),
    "images": whole(0),
    "patients": whole(0),
    "access": one_of(ACCESS),
    "container": one_of(CONTAINERS),
    "licence": text,
    "licence_words": text,
    "version": text,
    "files_from": validators.list_name,
    "origin": text,
    "link": address(validators.READABLE),
    "notes": text,
    "checked_on": day,
    "acknowledge": each(text),
    "made_from": each(validators.dataset),
}
LICENCE: Keys = {
    "name": text,
    "url": address(validators.READABLE),
    "text": text,
    "requires_acceptance": flag,
    "duties": each(one_of(DUTIES)),
    "duo": each(validators.duo),
    "source": text,
    "checked_on": day,
    "destroy_after_days": whole(1, validators.CENTURY),
}
ANSWERS_BY_USE: Keys = dict.fromkeys(USES, one_of(ANSWERS))
REASONS_BY_USE: Keys = dict.fromkeys(USES, text)
POLICY: Keys = {
    "uses": each(one_of(USES)),
    "allow": each(validators.licence_id),
    "forbid": each(validators.licence_id),
    "push": each(validators.bucket),
}
