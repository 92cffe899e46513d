"""May we hold it, and use it so: edited, renamed, exposed and forgotten copies; changed terms; moved clocks."""

from __future__ import annotations

import bz2
import gzip
import lzma
import os
import tarfile
import zipfile
from collections import Counter
from datetime import UTC, date, datetime
from io import BytesIO
from typing import TYPE_CHECKING, Any

import pytest

from fetchers import system
from fetchers.checks.dicom.samples import CT, in_series, scanner_file
from fetchers.dataset import Dataset
from fetchers.errors import CatalogueError
from fetchers.inspection.scope import today
from fetchers.records import TermsSeen
from fetchers.storage.record.manifest import Manifest
from fetchers.verbs import accept, adopt, audit, decide, permit
from tests.checks.test_container import picture
from tests.verbs.contexts import context
from tests.verbs.holdings import hold

if TYPE_CHECKING:
    from pathlib import Path

    from fetchers.context import Context
    from fetchers.records import Finding
    from fetchers.verbs.audit import Audit

CATALOGUE = """
[datasets.free]
title = "Free"
access = "open"
licence = "CC-BY-4.0"
[datasets.mine]
title = "Mine"
access = "open"
licence = "LicenseRef-Mine"
[datasets.gated]
title = "Gated"
access = "application"
licence = "LicenseRef-Mine"
[datasets.asking]
title = "Asking"
access = "open"
licence = "LicenseRef-Asking"
[datasets.nothing]
title = "No licence at all"
access = "open"
[datasets.parted]
title = "Parted"
access = "open"
licence = "CC-BY-4.0"
[datasets.parted.parts.nc]
licence = "CC-BY-NC-4.0"
[datasets.place]
title = "A place that names a licence by series"
access = "open"
source = "tcia"
[datasets.place.options]
open_parts = true
[licences.LicenseRef-Mine]
name = "Mine"
duties = ["cite", "destroy-at-end"]
destroy_after_days = 400
[licences.LicenseRef-Mine.uses]
research = "yes"
modify = "no"
share-team = "no"
[licences.LicenseRef-Asking]
text = "Be kind."
requires_acceptance = true
[licences.LicenseRef-Asking.uses]
research = "yes"
"""


@pytest.fixture(name="here")
def _here(tmp_path: Path) -> Context:
    return context(tmp_path / "home", catalogue=CATALOGUE)


def _on(here: Context, day: str) -> Context:
    return here._replace(now=datetime.fromisoformat(f"{day}T08:00:00").replace(tzinfo=UTC))


def _again(here: Context, catalogue: str) -> Context:
    return context(here.workspace.home, catalogue=catalogue)._replace(now=here.now)


def _rules(told: Audit, *, info: bool = False) -> list[tuple[str, str]]:
    return [(one.rule, one.severity) for one in told.findings if info or one.severity != "info"]


def _one(told: Audit, rule: str) -> Finding:
    (found,) = [one for one in told.findings if one.rule == rule]
    return found


def test_nothing_held_is_nothing_wrong(here: Context) -> None:
    """An empty workspace audits clean and is not made by it."""
    told = audit.run(here, uses=["commercial"])
    assert (told.verdicts, told.findings, told.scanned_files, told.exit) == ((), (), 0, 0)
    assert not here.store.exists()


@pytest.mark.parametrize(
    ("name", "use", "verdict", "status", "strict"),
    [
        ("free", "commercial", "allowed-with-duties", 0, 0),
        ("mine", "modify", "forbidden", 8, 8),
        ("mine", "commercial", "unknown", 0, 8),
        ("nothing", "research", "unknown", 0, 8),
        ("parted/nc", "commercial", "forbidden", 8, 8),
    ],
)
def test_what_is_not_held_is_answered_too(
    here: Context, name: str, use: str, verdict: str, status: int, strict: int
) -> None:
    """A pipeline asks before it fetches; an unknown use is a warning, with --strict an error."""
    told = audit.run(here, [name], uses=[use])
    assert told.verdicts[0].verdict == verdict
    assert told.verdicts[0].use == use
    assert told.exit == status
    assert audit.run(here, [name], uses=[use], strict=True).exit == strict


def test_the_policys_uses_are_asked_by_default(here: Context) -> None:
    """`config.toml` says what one does; the command line says otherwise; without either nothing is asked."""
    (here.workspace.home / "config.toml").write_text('[policy]\nuses = ["commercial"]\n', encoding="utf-8")
    configured = context(here.workspace.home)
    assert audit.run(configured, ["free"]).uses == ("commercial",)
    assert audit.run(configured, ["free"], uses=["research", "research"]).uses == ("research",)
    assert audit.run(here, ["free"]).verdicts == ()
    with pytest.raises(CatalogueError):
        audit.run(here, ["fre"])


def test_each_part_and_each_licence_answers(here: Context) -> None:
    """Parts on other terms are named; within a part, each series' licence has its own verdict."""
    answers = audit.run(here, ["parted"], uses=["commercial"]).verdicts
    assert [(row.part, row.licence, row.verdict) for row in answers] == [
        (None, "CC-BY-4.0", "allowed-with-duties"),
        ("nc", "CC-BY-NC-4.0", "forbidden"),
    ]
    hold(here, "place/X", {"1.dcm": b"1"}, licence="CC-BY-3.0")
    hold(here, "place/X", {"2.dcm": b"2"}, licence="CC-BY-NC-3.0")
    told = audit.run(here, uses=["commercial"])
    assert [(row.dataset, row.part, row.licence, row.verdict) for row in told.verdicts] == [
        ("place", "X", "CC-BY-3.0", "allowed-with-duties"),
        ("place", "X", "CC-BY-NC-3.0", "forbidden"),
    ]
    assert _rules(told) == [("use-forbidden", "error")]
    assert audit.run(here, ["place/X"], uses=["commercial"]).verdicts == told.verdicts


def test_a_clean_copy_has_only_duties(here: Context) -> None:
    """What is as it came is no finding; its duties are recalled."""
    hold(here, "free", {"a/1.png": b"1", "2.png": b"22"}, private=False)
    hold(here, "mine", {"1.png": b"333"})
    told = audit.run(here)
    assert _rules(told, info=True) == [("duty-open", "info"), ("duty-open", "info")]
    assert told.exit == 0


@pytest.mark.parametrize(("name", "severity", "status"), [("free", "warning", 0), ("mine", "error", 8)])
def test_an_edited_copy_is_found(here: Context, name: str, severity: str, status: int) -> None:
    """Same size or not, an edited copy is an error where modifying is forbidden; a mere touch is nothing."""
    root = hold(here, name, {"1.png": b"first", "2.png": b"second", "3.png": b"third"})
    (root / "1.png").write_bytes(b"FIRST")
    (root / "2.png").write_bytes(b"longer than before")
    (root / "3.png").touch()
    told = audit.run(here, [name])
    assert _rules(told) == [("copy-modified", severity)] * 2
    assert sorted(str(one.path) for one in told.findings if one.rule == "copy-modified") == ["1.png", "2.png"]
    assert told.exit == status
    assert audit.run(here, [name], strict=True).exit == 8


def test_what_is_gone_and_what_nobody_knows(here: Context) -> None:
    """A missing, a renamed, a linked and a foreign file are said; the kept terms are not foreign."""
    names = ("1.png", "2.png", "sub/3.png", "LICENCE/4.png")
    root = hold(here, "free", {name: name.encode() for name in names}, private=False)
    assert (root / "LICENCE/CC-BY-4.0.txt").is_file()
    (root / "LICENCE/strange.png").write_bytes(b"x")
    (root / "1.png").unlink()
    (root / "2.png").rename(root / "renamed.png")
    (root / "sub/3.png").rename(root / "sub/real.png")
    (root / "sub/3.png").symlink_to("real.png")
    told = audit.run(here)
    found = {(one.rule, one.path) for one in told.findings if one.severity != "info"}
    assert found == {
        ("copy-missing", "1.png"),
        ("copy-missing", "2.png"),
        ("copy-missing", "sub/3.png"),
        ("copy-unknown", "LICENCE/strange.png"),
        ("copy-unknown", "renamed.png"),
        ("copy-unknown", "sub/real.png"),
    }


def test_no_order_of_names_confuses_record_and_disk(here: Context) -> None:
    """Signs before and behind the slash, capitals, letters of other scripts, pairs of surrogates in UTF-16."""
    stems = ["a/x", "a-x", "a.x", "a0", "A/x", "a/x-/y", "a/x0"]
    stems += ["\u00e9/1", "\u00e9", "\uff5a", "\U0001d538/1", "\U0001d538.1"]
    names = [f"{stem}.png" for stem in stems]
    root = hold(here, "free", {name: name.encode() for name in names}, private=False)
    assert _rules(audit.run(here)) == []
    for name in names[::2]:
        (root / name).unlink()
        (root / f"{name}+").write_bytes(b"strange")
    found = {(one.rule, one.path) for one in audit.run(here).findings if one.severity != "info"}
    gone = {("copy-missing", name) for name in names[::2]}
    assert found == gone | {("copy-unknown", f"{name}+") for name in names[::2]}


def test_a_datasets_parts_are_not_its_foreign_files(here: Context) -> None:
    """The folders of the parts lie in that of the dataset, and each is judged once."""
    hold(here, "parted", {"1.png": b"1"}, private=False)
    root = hold(here, "parted/nc", {"2.png": b"2"}, private=False)
    assert _rules(audit.run(here)) == []
    (root / "stranger.png").write_bytes(b"x")
    told = audit.run(here)
    assert [(one.rule, one.part, one.path) for one in told.findings if one.severity != "info"] == [
        ("copy-unknown", "nc", "stranger.png")
    ]


@pytest.mark.parametrize(
    ("name", "file", "folder", "found"),
    [
        ("mine", 0o600, 0o700, []),
        ("mine", 0o644, 0o755, [("copy-exposed", "error")]),
        ("mine", 0o640, 0o750, [("copy-exposed", "error")]),
        ("mine", 0o644, 0o700, [("copy-exposed", "warning")]),
        ("mine", 0o600, 0o755, []),
        ("nothing", 0o644, 0o755, [("copy-exposed", "error")]),  # unknown terms allow nobody
        ("free", 0o644, 0o755, []),
    ],
)
def test_what_others_can_read(here: Context, name: str, file: int, folder: int, found: list[tuple[str, str]]) -> None:
    """Where sharing is not allowed, a copy that others can read is exposed."""
    root = hold(here, name, {"1.png": b"1"})
    (root / "1.png").chmod(file)
    root.chmod(folder)
    here.store.chmod(0o755)
    assert _rules(audit.run(here)) == found


@pytest.mark.parametrize("until", [None, date(2026, 1, 1)])
def test_a_copy_that_may_be_shared_by_permission_is_not_exposed(here: Context, until: date | None) -> None:
    """As long as the permission holds."""
    hold(here, "asking", {"1.png": b"1"}, private=False)
    permit.run(here, "asking", "share-team", until=until, note="by letter")
    exposed = [] if until is None else [("copy-exposed", "error")]
    assert [one for one in _rules(audit.run(here)) if one[0].startswith("copy")] == exposed


@pytest.mark.parametrize("until", [None, date(2026, 1, 1)])
def test_a_permission_to_share_opens_a_copy_that_comes_in(here: Context, tmp_path: Path, until: date | None) -> None:
    """What is taken in while the permission holds is a team's; `audit` and the modes say the same."""
    permit.run(here, "asking", "share-team", until=until, note="by letter")
    (tmp_path / "1.png").write_bytes(picture("png"))
    adopt.run(here, "asking", [tmp_path / "1.png"])
    mode = (here.store / "asking" / "1.png").stat().st_mode & 0o777
    assert mode == (0o644 if until is None else 0o600)
    text = next((here.store / "asking" / "LICENCE").iterdir())
    assert text.stat().st_mode & 0o777 == mode


@pytest.mark.parametrize("thing", ["link", "pipe"])
def test_what_stands_in_a_files_place_is_not_exposed(here: Context, thing: str) -> None:
    """The file is missing; the mode of what stands there is not its own."""
    root = hold(here, "mine", {"1.png": b"1", "2.png": b"2"})
    (root / "1.png").unlink()
    if thing == "link":
        (root / "1.png").symlink_to("2.png")
    else:
        os.mkfifo(root / "1.png")
        (root / "1.png").chmod(0o644)
    root.chmod(0o755)
    here.store.chmod(0o755)
    assert _rules(audit.run(here)) == [("copy-missing", "warning")]


def test_copies_without_access(here: Context) -> None:
    """Missing before the grant, clean with it, announced before its end, lapsed after it, and lapsed for good."""
    hold(here, "gated", {"1.png": b"1"})
    assert _rules(audit.run(here)) == [("access-missing", "error")]
    decide.settle(here, "gated", "grant", until=date(2026, 12, 31), note="by letter")
    assert _rules(audit.run(here)) == []
    soon = audit.run(_on(here, "2026-12-01"))
    assert _rules(soon) == [("access-lapsing", "warning")]
    assert (soon.exit, audit.run(_on(here, "2026-12-01"), strict=True).exit) == (0, 8)
    over = audit.run(_on(here, "2027-01-01"))
    assert _rules(over) == [("access-lapsed", "error"), ("retention-due", "warning")]
    assert over.exit == 8
    assert _rules(audit.run(here))[0] == ("access-lapsed", "error"), "the clock went back; the lapse did not"
    decide.settle(_on(here, "2027-01-02"), "gated", "renew", until=date(2027, 12, 31), note="by letter")
    assert _rules(audit.run(_on(here, "2027-01-02"))) == []
    decide.settle(_on(here, "2027-01-03"), "gated", "deny")
    assert _rules(audit.run(_on(here, "2027-01-03")))[0] == ("access-missing", "error")


def test_retention_ends(here: Context) -> None:
    """What must be destroyed so many days after it came is due on that day."""
    hold(here, "mine", {"1.png": b"1"})
    assert _rules(audit.run(_on(here, "2027-12-29"))) == []
    told = audit.run(_on(here, "2027-12-30"))
    assert _rules(told) == [("retention-due", "warning")]
    assert "fetch release mine" in str(_one(told, "retention-due").hint)


def test_a_text_that_nobody_agreed_to(here: Context) -> None:
    """Held without consent is an error; a text that changed after the consent is a warning until it is agreed to."""
    hold(here, "asking", {"1.png": b"1"})
    assert _rules(audit.run(here)) == [("terms-not-accepted", "error")]
    accept.run(here, "LicenseRef-Asking", confirm=lambda _: True)
    assert _rules(audit.run(here)) == []
    changed = _again(here, CATALOGUE.replace("Be kind.", "Be very kind."))
    told = audit.run(changed)
    assert set(_rules(told)) == {("terms-changed", "warning")}
    assert told.exit == 0


@pytest.mark.parametrize("way", ["accepted", "kept"])
def test_a_changed_text_is_told_until_the_new_one_is_known(here: Context, way: str) -> None:
    """It was accepted, or kept beside copies that came since; another change is told again."""
    hold(here, "mine", {"1.png": b"1"})
    before = "[licences.LicenseRef-Mine]\n"
    changed = _again(here, CATALOGUE.replace(before, f'{before}text = "Anew."\n'))
    told = _one(audit.run(changed, ["mine"]), "terms-changed")
    assert (told.hint or "").startswith("fetch accept LicenseRef-Mine ")
    if way == "accepted":
        accept.run(changed, "LicenseRef-Mine", confirm=lambda _: True)
    else:
        hold(changed, "mine", {"2.png": b"2"})
    assert _rules(audit.run(changed, ["mine"])) == []
    again = _again(here, CATALOGUE.replace(before, f'{before}text = "Once more."\n'))
    assert _rules(audit.run(again, ["mine"])) == [("terms-changed", "warning")]
    if way == "kept":
        assert _rules(audit.run(here, ["mine"])) == [], "the first text is kept, too"


def test_a_consent_to_a_new_text_ends_every_warning_of_it(here: Context) -> None:
    """The warning of the old consent and the one of the old copies."""
    hold(here, "asking", {"1.png": b"1"})
    accept.run(here, "LicenseRef-Asking", confirm=lambda _: True)
    changed = _again(here, CATALOGUE.replace("Be kind.", "Be very kind."))
    accept.run(changed, "LicenseRef-Asking", confirm=lambda _: True)
    assert _rules(audit.run(changed)) == []


def test_a_copy_under_unknown_terms_makes_the_answer_unknown(here: Context) -> None:
    """The strictest answer counts over all copies of an image, and unknown is stricter than allowed."""
    hold(here, "free", {"1.png": b"shared", "2.png": b"own"}, private=False)
    assert [row.verdict for row in audit.run(here, uses=["commercial"]).verdicts] == ["allowed-with-duties"]
    hold(here, "nothing", {"a.png": b"shared"})
    told = audit.run(here, ["free"], uses=["commercial"])
    assert [row.verdict for row in told.verdicts] == ["unknown"]
    assert "nothing, which holds some of its images, too: no licence is recorded" in told.verdicts[0].reason
    assert _one(told, "licence-stricter-elsewhere").dataset == "free"
    assert (told.exit, audit.run(here, ["free"], uses=["commercial"], strict=True).exit) == (0, 8)


def test_another_reading_of_one_text_is_no_other_text(here: Context) -> None:
    """What SPDX's identifier names does not change; what this program says of it may, and that is nobody's warning."""
    mine = 'licence = "{}"\n[datasets.gated]'
    here = _again(here, CATALOGUE.replace(mine.format("LicenseRef-Mine"), mine.format("CC-BY-4.0")))
    hold(here, "mine", {"1.png": b"1"})
    with Manifest.open(here.store, write=True) as manifest:
        manifest.saw_terms(TermsSeen("mine", None, "CC-BY-4.0", None, "0" * 64, None, here.stamp))
    assert "terms-changed" not in {rule for rule, _ in _rules(audit.run(here, ["mine"]))}


@pytest.mark.parametrize(
    ("before", "after", "verdict"),
    [
        ('licence = "LicenseRef-Mine"\n[datasets.gated]', 'licence = "CC0-1.0"\n[datasets.gated]', "allowed"),
        ('modify = "no"', 'modify = "yes"', "allowed-with-duties"),
    ],
)
def test_changed_terms_are_said(here: Context, before: str, after: str, verdict: str) -> None:
    """Another licence, or other answers under the same name: said, and judged by what holds today."""
    hold(here, "mine", {"1.png": b"1"})
    told = audit.run(_again(here, CATALOGUE.replace(before, after)), ["mine"], uses=["modify"])
    assert ("terms-changed", "warning") in _rules(told)
    assert [row.verdict for row in told.verdicts] == [verdict]


def test_a_series_own_licence_is_no_change(here: Context) -> None:
    """What the place says of a series is not overruled by a catalogue that says nothing."""
    hold(here, "place/X", {"1.dcm": b"1"}, licence="CC-BY-3.0", private=False)
    assert _rules(audit.run(here)) == []


@pytest.mark.parametrize(
    ("source", "catalogue", "recorded", "holds"),
    [
        ("listed", "MIT", "MIT", "MIT"),
        ("listed", "MIT", "CC0-1.0", "MIT"),  # the catalogue was mended since
        ("listed", "MIT", None, "MIT"),
        ("listed", None, "MIT", None),
        ("zenodo", "MIT", "CC0-1.0", "CC0-1.0"),  # the place said so of its files
        ("zenodo", "MIT", None, "MIT"),
        ("zenodo", None, None, None),
    ],
)
def test_which_licence_holds_today(source: str, catalogue: str | None, recorded: str | None, holds: str | None) -> None:
    """The catalogue's where it alone ever spoke; else what the place said when the file came."""
    assert today(Dataset(name="x", source=source, licence=catalogue), recorded) == holds


def test_a_dataset_that_the_catalogue_forgot(here: Context) -> None:
    """Its copies are judged by the record, and the rest of the audit goes on."""
    hold(here, "mine", {"1.png": b"1"})
    hold(here, "free", {"1.png": b"2"})
    forgotten = _again(here, CATALOGUE.replace("[datasets.free]", "[datasets.liberated]"))
    told = audit.run(forgotten, uses=["commercial"])
    assert {(row.dataset, row.verdict) for row in told.verdicts} == {
        ("free", "allowed-with-duties"), ("mine", "unknown"),
    }  # fmt: skip


# --- copies elsewhere


def _archives(folder: Path, name: str, data: bytes) -> None:
    with zipfile.ZipFile(folder / "some.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(f"in/{name}", data)
        archive.writestr("in/else.txt", b"else")
    plain = BytesIO()
    with tarfile.open(fileobj=plain, mode="w") as packed:
        info = tarfile.TarInfo(f"in/{name}")
        info.size = len(data)
        packed.addfile(info, BytesIO(data))
    (folder / "some.tar").write_bytes(plain.getvalue())
    for suffix, pack in (("gz", gzip.compress), ("bz2", bz2.compress), ("xz", lzma.compress)):
        (folder / f"some.tar.{suffix}").write_bytes(pack(plain.getvalue()))


def test_copies_elsewhere_by_content(here: Context, tmp_path: Path) -> None:
    """Renamed, in folders, in zip and tar, once for each; links and the store itself are left alone."""
    data = os.urandom(5000)
    hold(here, "mine", {"1.png": data})
    outside = tmp_path / "home" / "work" / "deep"
    outside.mkdir(parents=True)
    (outside / "quite another name.bin").write_bytes(data)
    (outside / "same size.bin").write_bytes(b"x" * 5000)
    (outside / "other.bin").write_bytes(b"x")
    (outside / "link.png").symlink_to(here.store / "mine" / "1.png")
    (outside / "loop").symlink_to("..")
    _archives(outside, "1.png", data)
    before = {path: path.lstat().st_atime_ns for path in outside.iterdir()}
    told = audit.run(here, scan=[tmp_path / "home", tmp_path / "home" / "work"])
    found = sorted(str(one.path).removeprefix(f"{outside}/") for one in told.findings if one.rule == "copy-elsewhere")
    assert found == [
        "quite another name.bin",
        "some.tar!in/1.png",
        "some.tar.bz2!in/1.png",
        "some.tar.gz!in/1.png",
        "some.tar.xz!in/1.png",
        "some.zip!in/1.png",
    ]
    assert told.scanned_files == 9, "eight files, and the workspace's catalogue.toml"
    assert "copy-modified" not in {one.rule for one in told.findings}
    if system.no_atime() is not None:
        assert {path: path.lstat().st_atime_ns for path in outside.iterdir()} == before


def test_a_changed_dicom_object_is_known_by_its_uid(here: Context, tmp_path: Path) -> None:
    """Other bytes, the same SOP Instance UID: a copy elsewhere, and a modified one; in an archive, too."""
    original = scanner_file(CT)
    hold(here, "mine", {"1.dcm": original})
    hold(here, "free", {"2.dcm": in_series(original, series="2.25.1", instance="2.25.2")}, private=False)
    outside = tmp_path / "out"
    outside.mkdir()
    changed = original[:-100] + bytes(100)
    (outside / "whatever").write_bytes(changed)
    (outside / "cut.dcm").write_bytes(original[:-1000])
    (outside / "exact.dcm").write_bytes(original)
    (outside / "another.dcm").write_bytes(in_series(original, series="2.25.1", instance="2.25.3"))
    with zipfile.ZipFile(outside / "some.zip", "w") as archive:
        archive.writestr("x.dcm", changed)
    told = audit.run(here, scan=[outside])
    assert Counter((one.rule, one.severity) for one in told.findings if one.severity != "info") == {
        ("copy-elsewhere", "warning"): 4,
        ("copy-modified", "error"): 3,
    }
    assert told.exit == 8
    assert told.scanned_files == 5
    (outside / "2.dcm").write_bytes(in_series(original, series="2.25.9", instance="2.25.2"))
    mild = audit.run(here, ["free"], scan=[outside])
    assert _rules(mild) == [("copy-elsewhere", "warning"), ("copy-modified", "warning")]


def test_a_changed_dicom_object_is_known_without_preamble_and_meta_header(here: Context, tmp_path: Path) -> None:
    """As `verify` recognises it, in a folder and in each kind of archive."""
    original = scanner_file(CT)
    hold(here, "mine", {"1.dcm": original})
    changed = original[:-100] + bytes(100)
    meta = 144 + int.from_bytes(original[140:144], "little")
    outside = tmp_path / "out"
    outside.mkdir()
    (outside / "no preamble").write_bytes(changed[128 + 4 :])
    (outside / "no meta header").write_bytes(changed[meta:])
    plain = BytesIO()
    with tarfile.open(fileobj=plain, mode="w") as packed:
        info = tarfile.TarInfo("1")
        info.size = len(changed) - meta
        packed.addfile(info, BytesIO(changed[meta:]))
    (outside / "some.tbz").write_bytes(bz2.compress(plain.getvalue()))
    told = audit.run(here, scan=[outside])
    found = sorted(str(one.path).removeprefix(f"{outside}/") for one in told.findings if one.rule == "copy-modified")
    assert found == ["no meta header", "no preamble", "some.tbz!1"]


def test_broken_and_hostile_archives_stop_nothing(here: Context, tmp_path: Path) -> None:
    """What cannot be read is named; the scan goes on."""
    data = os.urandom(3000)
    hold(here, "mine", {"1.png": data})
    outside = tmp_path / "out"
    outside.mkdir()
    (outside / "a.zip").write_bytes(b"PK\x03\x04 not really")
    (outside / "b.tar.gz").write_bytes(b"\x1f\x8b\x08\x00 not really")
    (outside / "c.png").write_bytes(data)
    os.mkfifo(outside / "d.png")
    (outside / "shut").mkdir(mode=0o000)
    told = audit.run(here, scan=[outside])
    rules = Counter(one.rule for one in told.findings)
    assert rules["copy-elsewhere"] == 1
    assert rules["scan-incomplete"] >= 2
    assert told.scanned_files == 3


def test_a_folder_that_is_not_there(here: Context, tmp_path: Path) -> None:
    """A mistyped folder is the command's fault, not a clean bill."""
    with pytest.raises(CatalogueError) as caught:
        audit.run(here, scan=[tmp_path / "nowhere"])
    assert caught.value.exit_status == 2


def test_scanning_the_store_itself_finds_nothing(here: Context) -> None:
    """What lies in the store is not elsewhere, by whatever way one comes to it."""
    root = hold(here, "mine", {"1.png": b"12345"})
    link = here.workspace.home / "way"
    link.symlink_to(here.store)
    for folder in (here.store, root, link):
        told = audit.run(here, scan=[folder])
        assert (told.scanned_files, _rules(told)) == (0, [])


def test_the_audit_writes_nothing(here: Context) -> None:
    """Without something that lapsed, not a byte of the store changes."""
    hold(here, "mine", {"1.png": b"12345"})
    before = {path: path.stat().st_mtime_ns for path in here.store.rglob("*")}
    audit.run(here, uses=["commercial"], scan=[here.workspace.home])
    assert {path: path.stat().st_mtime_ns for path in here.store.rglob("*")} == before
    with Manifest.open(here.store, write=False) as manifest:
        assert manifest.events() == []


def test_a_scan_decides_by_content_and_not_by_name(here: Context, tmp_path: Path) -> None:
    """Changed copies under any name, packed ones, and archives that are not called so."""
    original = scanner_file(CT)
    hold(here, "free", {"1.dcm": original})
    changed = original[:-4] + b"\0\1\2\3"
    outside = tmp_path / "outside"
    outside.mkdir()
    for name in ("IM1", "IMG", "scan.img", "notes.txt", "a.png"):
        (outside / name).write_bytes(changed)
    (outside / "same.dcm.gz").write_bytes(gzip.compress(original))
    (outside / "other.dcm.bz2").write_bytes(bz2.compress(changed))
    (outside / "small.txt").write_bytes(b"x" * 900)
    with zipfile.ZipFile(outside / "pack.dat", "w") as archive:
        archive.writestr("inside", original)
    told = audit.run(here, scan=[outside])
    where = {str(one.path).removeprefix(f"{outside}/") for one in told.findings if one.rule == "copy-elsewhere"}
    assert where == {
        "IM1", "IMG", "scan.img", "notes.txt", "a.png", "same.dcm.gz", "other.dcm.bz2", "pack.dat!inside",
    }  # fmt: skip
    modified = {str(one.path).removeprefix(f"{outside}/") for one in told.findings if one.rule == "copy-modified"}
    assert modified == {"IM1", "IMG", "scan.img", "notes.txt", "a.png", "other.dcm.bz2"}


def test_each_folder_that_cannot_be_read_is_named(
    here: Context, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whether the store is there or not; with `--strict` that alone ends with 9."""
    shut = [tmp_path / "outside" / name for name in ("a", "b", "c")]
    for folder in shut:
        folder.mkdir(parents=True)
    real, real_stat = os.open, os.stat

    def refusing(path: Any, *words: Any, **named: Any) -> Any:  # noqa: ANN401 - as os.open takes them
        if path in map(str, shut):
            raise PermissionError(13, "Permission denied", path)
        return real(path, *words, **named)

    def blind(path: Any, *words: Any, **named: Any) -> Any:  # noqa: ANN401 - as os.stat takes them
        if path in map(str, shut):
            raise PermissionError(13, "Permission denied", path)
        return real_stat(path, *words, **named)

    monkeypatch.setattr(os, "open", refusing)
    monkeypatch.setattr(os, "stat", blind)
    told = audit.run(here, scan=[tmp_path / "outside"], strict=True)
    incomplete = {one.path for one in told.findings if one.rule == "scan-incomplete"}
    assert incomplete == set(map(str, shut))
    assert told.exit == 9
