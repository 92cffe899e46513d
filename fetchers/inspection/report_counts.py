"""Count for the report what the record says of the files, and choose the pictures that may be shown."""

from __future__ import annotations

from collections import Counter
from hashlib import sha256
from typing import TYPE_CHECKING

from fetchers.checks.dicom import modality
from fetchers.checks.formats.thumbnail import thumbnail
from fetchers.checks.terms import verdict
from fetchers.dataset import address_of
from fetchers.inspection.scope import known
from fetchers.records import Finding, Header
from fetchers.reports import html
from fetchers.storage import layout
from fetchers.storage.record import summary
from fetchers.storage.safe_folder import SafeFolder

if TYPE_CHECKING:
    from collections.abc import Iterator

    from fetchers.context import Context
    from fetchers.records import HeldFile, Problem

_PICTURES = 2  # of one copy
_TRIED = 20
_MOST_PICTURES = 24
_MOST_BYTES = 40 * 1024**2  # a larger file is not read for a thumbnail
_SHOWABLE = ("allowed", "allowed-with-duties")


class Counted:
    """What the record says of the files: what they are, what contradicts its listing, what may be shown."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._wrong: Counter[tuple[str, str | None, Problem]] = Counter()
        self._silent: Counter[tuple[str, str | None]] = Counter()
        self.kinds: Counter[str] = Counter()
        self.pictures: list[html.Picture] = []

    def add(self, group: summary.Alike) -> None:
        """Take in files about which the record says the same."""
        if group.beside:
            self.kinds["beside"] += group.files
        elif not group.has_header:
            self.kinds["unverifiable"] += group.files
            self._silent[group.dataset, group.part] += group.files
        else:
            self.kinds[group.modality or "none named"] += group.files
            header = Header(modality=group.modality, sop_class=group.sop_class)
            declared = known(self._context, group.dataset, group.part).modalities
            for problem in modality.verdict(header, declared, group.declared):
                self._wrong[group.dataset, group.part, problem] += group.files

    def findings(self) -> Iterator[Finding]:
        """Yield one finding for all files with which the same thing is wrong."""
        for (dataset, part, problem), count in self._wrong.items():
            yield Finding(
                rule=problem.rule,
                severity=problem.severity,
                dataset=dataset,
                part=part,
                message=f"{count:,} x {problem.message}",
                hint=f"fetch verify {address_of(dataset, part)}   (names the files)",
            )
        for (dataset, part), count in self._silent.items():
            message = f"{count:,} {'file' if count == 1 else 'files'} of a format that carries no modality"
            yield Finding(rule="unverifiable", severity="info", dataset=dataset, part=part, message=message)

    def show(self, dataset: str, part: str | None) -> None:
        """Add pictures of one dataset or part, where the page, which goes from hand to hand, may carry any."""
        address = address_of(dataset, part)
        if any(picture.address == address for picture in self.pictures):
            return
        for row in summary.pictures(self._context.store, dataset, part, _TRIED):
            mine = sum(picture.address == address for picture in self.pictures)
            if mine >= _PICTURES or len(self.pictures) >= _MOST_PICTURES:
                return
            if row.size <= _MOST_BYTES and self._may_be_shown(row) and (png := self._thumbnail(row)) is not None:
                self.pictures.append(html.Picture(address=address, name=row.path, png=png))

    def _thumbnail(self, row: HeldFile) -> bytes | None:
        try:
            with SafeFolder(self._context.store) as store:
                file = store.read(f"{layout.below(row.dataset, row.part)}/{row.path}")
            with file:
                data = file.read(_MOST_BYTES + 1)
        except OSError:
            return None  # `audit` says that it is missing
        if sha256(data).hexdigest() != row.sha256:
            return None  # what the terms allow to be shown are the recorded bytes, and no others
        return thumbnail(data)

    def _may_be_shown(self, row: HeldFile) -> bool:
        licence = row.licence or known(self._context, row.dataset, row.part).licence
        answer = verdict.judge(
            licence, "redistribute", self._context.workspace.catalogue.licences, (), self._context.now
        )
        return answer.verdict in _SHOWABLE
