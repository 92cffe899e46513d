"""Describe a folder for training to MONAI, to nnU-Net v2 or to anybody who reads CSV. Values in, texts out.

MONAI: the Medical Segmentation Decathlon's `dataset.json`, as `monai.data.load_decathlon_datalist` reads it.
nnU-Net v2: `dataset.json` with its `dataset` key, and `splits_final.json`; it wants NIfTI, PNG or TIFF.
"""

from __future__ import annotations

import csv
import io
import json
from collections import Counter
from typing import TYPE_CHECKING, NamedTuple

from fetchers.reports.escape import is_formula

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

FORMATS = ("csv", "monai", "nnunet")
_MONAI = {"train": "training", "val": "validation", "test": "test"}
_LABELS = ("labelstr", "labels", "labelsts", "masks", "mask", "segmentations")
_IMAGES = ("imagestr", "images", "imagests")
_COLUMNS = ("path", "split", "dataset", "part", "patient", "study", "series", "modality", "kind", "sha256")


class Item(NamedTuple):
    """One file of the folder: its path there, and what is known of it."""

    path: str
    split: str
    dataset: str
    part: str | None
    patient: str | None
    study: str | None
    series: str | None
    modality: str | None
    kind: str
    sha256: str


class Case(NamedTuple):
    """One image of a training set: a file, or the folder (else the files) of a series."""

    name: str
    images: tuple[str, ...]
    label: str | None
    items: tuple[Item, ...]

    @property
    def split(self) -> str:
        """The share that it is in."""
        return self.items[0].split


def texts(kind: str, items: Sequence[Item], title: str) -> dict[str, str]:
    """Return the files of a datalist by their names; the first one is the list itself."""
    if kind == "csv":
        return {"datalist.csv": _csv(items)}
    found = cases(items)
    if kind == "monai":
        return {"datalist.json": _json(_decathlon(found, title))}
    made = {"dataset.json": _json(_nnunet(found, title))}
    if any(case.split for case in found):
        train = [case.name for case in found if case.split == "train"]
        made["splits_final.json"] = _json([{"train": train, "val": [one.name for one in found if one.split == "val"]}])
    return made


def cases(items: Iterable[Item]) -> list[Case]:
    """Return the images: a DICOM series is one, any other file is one unless it is the label of another."""
    series: dict[tuple[str, str], list[Item]] = {}
    single: list[Item] = []
    for item in items:
        if item.kind == "dicom" and item.series is not None:
            series.setdefault((item.series, item.split), []).append(item)
        else:
            single.append(item)
    labels = {_bare(item.path): item.path for item in single if _folder(item.path) in _LABELS}
    taken: Counter[str] = Counter()
    inside = Counter(folder for members in series.values() for folder in {_parent(item.path) for item in members})
    inside.update(_parent(item.path) for item in single)
    found = [_series(members, taken, inside) for members in series.values()]
    for item in single:
        if _folder(item.path) not in _LABELS:
            label = labels.get(_bare(item.path)) if _folder(item.path) in _IMAGES else None
            found.append(Case(_unique(_bare(item.path), taken), (item.path,), label, (item,)))
    return found


def _series(members: list[Item], taken: Counter[str], inside: Counter[str]) -> Case:
    """Return a series as its folder, where nothing else lies in it, else as its files."""
    folders = {_parent(item.path) for item in members}
    paths = tuple(item.path for item in members)
    alone = len(folders) == 1 and "" not in folders and inside[next(iter(folders))] == 1
    name = _unique(members[0].series or "series", taken)
    return Case(name, (folders.pop(),) if alone and len(paths) > 1 else paths, None, tuple(members))


def _decathlon(found: Sequence[Case], title: str) -> dict[str, object]:
    kinds = sorted({item.modality for case in found for item in case.items if item.modality})
    lists: dict[str, list[dict[str, object]]] = {"training": []}
    for case in found:
        image: object = case.images[0] if len(case.images) == 1 else list(case.images)
        entry: dict[str, object] = {"image": image}
        entry |= {"label": case.label} if case.label else {}
        entry |= {"patient": case.items[0].patient} if case.items[0].patient else {}
        lists.setdefault(_MONAI.get(case.split or "train", case.split), []).append(entry)
    return {
        "name": title,
        "description": f"made by fetch: {title}",
        "tensorImageSize": "3D",
        "modality": {str(number): kind for number, kind in enumerate(kinds or ["unknown"])},
        "labels": {"0": "background"},
        "numTraining": len(lists["training"]),
        "numTest": len(lists.get("test", ())),
        **lists,
    }


def _nnunet(found: Sequence[Case], title: str) -> dict[str, object]:
    kinds = sorted({item.modality for case in found for item in case.items if item.modality})
    train = [case for case in found if case.split in ("", "train", "val")]
    endings = Counter(_ending(item.path) for case in train for item in case.items if item.kind != "dicom")
    return {
        "name": title,
        "channel_names": {str(number): kind for number, kind in enumerate(kinds or ["unknown"])},
        "labels": {"background": 0},
        "numTraining": len(train),
        "file_ending": endings.most_common(1)[0][0] if endings else ".nii.gz",
        "dataset": {case.name: {"images": list(case.images), "label": case.label} for case in train},
        "test": [list(case.images) for case in found if case.split == "test"],
    }


def _csv(items: Sequence[Item]) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(_COLUMNS)
    for item in items:
        writer.writerow([f"'{item.path}" if is_formula(item.path) else item.path, *item[1:]])
    return out.getvalue()


def _json(value: object) -> str:
    return json.dumps(value, indent=2) + "\n"


def _parent(path: str) -> str:
    return path.rpartition("/")[0]


def _folder(path: str) -> str:
    return path.rpartition("/")[0].rpartition("/")[2].lower()


def _ending(path: str) -> str:
    name = path.rpartition("/")[2].lower()
    return ".nii.gz" if name.endswith(".nii.gz") else f".{name.rpartition('.')[2]}" if "." in name else ""


def _bare(path: str) -> str:
    """Return a file's name without its ending, and without the channel that nnU-Net puts behind it."""
    name = path.rpartition("/")[2]
    ending = _ending(path)
    bare = name[: len(name) - len(ending)] if ending else name
    stem, _, channel = bare.rpartition("_")
    return stem if stem and len(channel) == 4 and channel.isdigit() else bare  # noqa: PLR2004 - `_0000`


def _unique(name: str, taken: Counter[str]) -> str:
    taken[name] += 1
    return name if taken[name] == 1 else f"{name}-{taken[name]}"
