"""Find names of files and folders that may identify a person, without repeating them."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from fetchers.checks.phi.findings import PhiFinding

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_SHORTEST = 3  # letters of a part of a name that is looked for
_person = re.compile(r"[^\W\d_]{2,}\^[^\W\d_]{1,}|[A-Z][a-z]{2,}, ?[A-Z][a-z]{2,}").search
_titled = re.compile(
    r"(?i)(?:^|[^a-z])(?:pat(?:ient)?(?:en)?s?[ _-]?name|name|mr\.?|mrs|ms|dr|herr|frau|mme)[ _=-]+[a-z]{3,}"
).search
_number = re.compile(r"(?i)(?:^|[^a-z])(?:mrn|ssn|nhs|accession|insurance)[ _#=-]*\d{4,}").search
_mail = re.compile(r"[\w.+-]+@[\w-]+\.[a-z]{2,}").search
_date = re.compile(r"(?<!\d)(?:19|20)\d\d([-_.]?)(?:0[1-9]|1[0-2])\1(?:0[1-9]|[12]\d|3[01])(?!\d)").search
_born = re.compile(r"(?i)(?:dob|born|birth)").search
_pair = re.compile(r"(?:^|[/_ -])([A-Z][a-z]{2,})[_ ]([A-Z][a-z]{2,})(?=$|[/_ .-])").finditer
# Words that stand in pairs in the names of data sets and are nobody's name.
_WORDS = frozenset(
    """
    abdomen abnormal adult anatomy annotation annotations anterior arterial atlas axial baseline bone brain breast
    cardiac case chest cine clinical computed contrast control coronal cyst data dataset delayed diagnosis diffusion
    digital dose early enhanced external fat field final fixed flair fluid follow full ground hand head heart high
    image images implant kidney knee label labels late lateral left liver localizer low lung lungs magnetic
    magnitude mask masks mass mean medical moving native neck nodule normal oblique original part patient pelvis
    perfusion phantom phase plan plane posterior prostate radiation radiography raw readme recon reference
    registered report resonance results right sagittal sample scan scanner scans scout screening segmentation series
    set shoulder signal site skull slice spine stack structure structures study subject supplementary surface survey
    task test therapy tissue tomography training transverse truth tumor tumour upper validation venous version
    volume volumes wave weighted whole with without
    """.split()  # noqa: SIM905 - a table of words
)


def examine(path: str, people: Sequence[str]) -> Iterator[PhiFinding]:
    """Yield what a path may say; `people` are the parts of names that stand in the file itself."""
    words = {word.lower() for word in re.findall(r"[^\W\d_]+", path)}
    if any(len(part) >= _SHORTEST and part.lower() in words for part in people):
        yield PhiFinding("path", "the name that stands in the file stands in its path, too", 1, placeholder=False)
    elif _person(path) or _titled(path):
        yield PhiFinding("path", "looks like a person's name", 1, placeholder=False)
    elif any(first.lower() not in _WORDS and last.lower() not in _WORDS for first, last in _pairs(path)):
        yield PhiFinding("path", "two words that may be a person's name", 1, placeholder=False)
    if _number(path):
        yield PhiFinding("path", "looks like a person's number", 1, placeholder=False)
    if _mail(path):
        yield PhiFinding("path", "an address", 1, placeholder=False)
    if _date(path):
        yield PhiFinding("path", "a birth date" if _born(path) else "a date", 1, placeholder=not _born(path))


def _pairs(path: str) -> Iterator[tuple[str, str]]:
    for found in _pair(path):
        yield found[1], found[2]
