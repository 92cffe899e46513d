"""List the files of ABIDE in its open bucket: https://s3.amazonaws.com/fcp-indi/data/Projects/ABIDE_Initiative/

    abide                                      the phenotypic table: 1112 people, what all other names are made of
    abide/PIPELINE-STRATEGY-DERIVATIVE         of each person, e.g. cpac-filt_noglobal-rois_cc200
    abide/raw-SITE                             raw images as BIDS, e.g. raw-NYU

`/` between the words is as good as `-`, `derivatives` may stand before a pipeline. The bucket's names are literal: a
derivative's file is FILE_ID_DERIVATIVE of the table's column FILE_ID, and rows with `no_filename` (77) have none; that
is said. Names and layout are those of the project's own download script (preprocessed-connectomes-project/abide,
download_abide_preproc.py). The raw copy is listed below data/Projects/ABIDE/RawDataBIDS/SITE/.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from fetchers.dataset import Dataset, RemoteFile, Selection
from fetchers.errors import NothingMatched
from fetchers.source import Refused, Source
from fetchers.sources import json_answers
from fetchers.sources.bucket import Bucket
from fetchers.sources.s3 import ENDPOINT, below

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    import httpx

BUCKET = "fcp-indi"
_TABLE = "data/Projects/ABIDE_Initiative/Phenotypic_V1_0b_preprocessed1.csv"
_OUTPUTS = "data/Projects/ABIDE_Initiative/Outputs/"
_RAW = "data/Projects/ABIDE/RawDataBIDS/"
_NONE = "no_filename"
PIPELINES = ("ccs", "cpac", "dparsf", "niak")
STRATEGIES = ("filt_global", "filt_noglobal", "nofilt_global", "nofilt_noglobal")
_VOLUMES = (
    "alff", "degree_binarize", "degree_weighted", "dual_regression", "eigenvector_binarize", "eigenvector_weighted",
    "falff", "func_mask", "func_mean", "func_preproc", "lfcd", "reho", "vmhc",
)  # fmt: skip
_SERIES = ("rois_aal", "rois_cc200", "rois_cc400", "rois_dosenbach160", "rois_ez", "rois_ho", "rois_tt")
DERIVATIVES = {name: f"{name}.nii.gz" for name in _VOLUMES} | {name: f"{name}.1D" for name in _SERIES}
_WORDS = re.compile(r"[-/]")
_ID = re.compile(r"[A-Za-z0-9_.-]+")


class Abide(Source):
    """The phenotypic table, derivatives of each person in it, or a site's raw images."""

    def files(self, dataset: Dataset, wanted: Selection, client: httpx.Client) -> Iterator[RemoteFile]:
        """Yield the files of a part; without one the phenotypic table alone, and say how to choose more."""
        del wanted
        options = dataset.options
        bucket = Bucket(str(options.get("endpoint") or ENDPOINT), str(options.get("bucket") or BUCKET), client)
        part = dataset.part or "phenotypic"
        kind, _, rest = _WORDS.sub("/", part).partition("/")
        if part.lower() == "phenotypic":
            if dataset.part is None:
                self.remarks.append(
                    "this is the table of all people; their images are parts: "
                    f"{dataset.name}/cpac-filt_noglobal-rois_cc200, {dataset.name}/raw-NYU and so on"
                )
            yield RemoteFile(url=bucket.url(_TABLE), path=_TABLE.rpartition("/")[2])
        elif kind.lower() == "raw":
            yield from _raw(bucket, dataset, part[len("raw-") :], self.refused)
        else:
            yield from self._derivative(bucket, dataset, rest if kind.lower() == "derivatives" else part, client)

    def parts(self, dataset: Dataset, client: httpx.Client) -> Iterable[tuple[str, str]]:
        """Yield the phenotypic table and every derivative; the sites of the raw images are the table's."""
        del dataset, client
        yield "phenotypic", "the table of all people, with diagnosis, age, sex and quality"
        for pipeline in PIPELINES:
            for strategy in STRATEGIES:
                for derivative in DERIVATIVES:
                    yield (
                        f"{pipeline}-{strategy}-{derivative}",
                        f"{derivative} of each person by {pipeline}, {strategy}",
                    )

    def _derivative(self, bucket: Bucket, dataset: Dataset, request: str, client: httpx.Client) -> Iterator[RemoteFile]:
        pipeline, strategy, derivative = _spelled(dataset, request)
        folder = f"{_OUTPUTS}{pipeline}/{strategy}/{derivative}/"
        without = 0
        for row in json_answers.table(client, bucket.url(_TABLE), ("SUB_ID", "FILE_ID")):
            person = row["FILE_ID"].strip()
            if person == _NONE:
                without += 1
                continue
            if not _ID.fullmatch(person):
                error = json_answers.faulty(bucket.url(_TABLE), f"field FILE_ID is no name: {person[:40]!r}")
                self.refused.add(person[:40], error)
                continue
            name = f"{person}_{DERIVATIVES[derivative]}"
            yield RemoteFile(url=bucket.url(folder + name), path=name, unpack=False)
        if without:
            self.remarks.append(f"{without} people of the table have no preprocessed images (FILE_ID {_NONE})")


def _raw(bucket: Bucket, dataset: Dataset, site: str, refused: Refused) -> Iterator[RemoteFile]:
    found = False
    # The slash closes the name: NYU is not the beginning of NYU_2.
    for remote in below(bucket, f"{_RAW}{site}/" if site else _RAW, refused):
        found = True
        yield remote
    if not found:
        raise NothingMatched(
            f"{dataset.address}: the bucket has no folder {_RAW}{site}/",
            hint="the folders are named after the table's SITE_ID, e.g. NYU, KKI, Pitt",
        )


def _spelled(dataset: Dataset, request: str) -> tuple[str, str, str]:
    words = [word.lower() for word in _WORDS.split(request)]
    lawful = (PIPELINES, STRATEGIES, tuple(DERIVATIVES))
    if len(words) == len(lawful) and all(word in known for word, known in zip(words, lawful, strict=True)):
        return words[0], words[1], words[2]
    from difflib import get_close_matches

    near = [
        (get_close_matches(word, known, n=1, cutoff=0.5) or [known[0]])[0]
        for word, known in zip(words, lawful, strict=False)
    ]
    near += [known[0] for known in lawful[len(near) :]]
    raise NothingMatched(
        f"{dataset.address}: no such part; derivatives are PIPELINE-STRATEGY-DERIVATIVE, raw images raw-SITE",
        hint=f"nearest: {dataset.name}/{'-'.join(near)}; pipelines: {', '.join(PIPELINES)}; "
        f"strategies: {', '.join(STRATEGIES)}; derivatives: {', '.join(DERIVATIVES)}",
    )
