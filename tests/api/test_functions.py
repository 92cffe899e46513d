"""The Python functions return what the command line prints, in the same circumstances."""

from __future__ import annotations

import doctest
import importlib
import json
import pkgutil
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import fetchers
import fetchers.api
from fetchers.acquire.download import Download
from fetchers.verbs.demo.places import COLLECTION
from tests.commands import fetch

if TYPE_CHECKING:
    from collections.abc import Callable

    from fetchers.verbs.demo.replica import Replica

SURFACE = Path(__file__).with_name("surface.txt")
MODULES = [f"fetchers.api.{module.name}" for module in pkgutil.iter_modules(fetchers.api.__path__)]


def test_the_public_surface_is_pinned() -> None:
    """What may be relied on stands in a file: a name that goes, or comes, is a decision."""
    assert SURFACE.read_text(encoding="utf-8").split() == sorted(fetchers.__all__)
    assert dir(fetchers) == sorted(fetchers.__all__)
    for name in fetchers.__all__:
        assert getattr(fetchers, name) is not None


def test_importing_loads_next_to_nothing() -> None:
    """A script that only imports pays for errors and nothing else."""
    program = "import sys; before = set(sys.modules); import fetchers; print(*sorted(set(sys.modules) - before))"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert [name for name in done.stdout.split() if name.startswith("fetchers")] == ["fetchers", "fetchers.errors"]


@pytest.mark.parametrize("name", MODULES)
def test_the_examples_of_the_docstrings_run(name: str, held: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What one copies out of `help(fetchers.get)` works."""
    monkeypatch.setenv("FETCH_HOME", str(held))
    module = importlib.import_module(name)
    finder, runner = doctest.DocTestFinder(), doctest.DocTestRunner(optionflags=doctest.ELLIPSIS)
    for test in finder.find(module, extraglobs={"fetchers": fetchers}):
        runner.run(test)
    assert runner.summarize(verbose=False).failed == 0


def _granted(home: Path) -> object:
    return fetchers.get("kidney", dry_run=True, limit=1, home=home)


CALLS: dict[str, tuple[tuple[str, ...], Callable[[Path], object]]] = {
    "get": (("get", "shenzhen"), lambda home: fetchers.get("shenzhen", home=home)),
    "get dry": (("get", "kidney", "--dry-run", "--limit", "1"), _granted),
    "list": (("list", "--access", "open"), lambda home: fetchers.list(access="open", home=home)),
    "show": (("show", "shenzhen"), lambda home: fetchers.show("shenzhen", home=home)),
    "status": (("status",), lambda home: fetchers.status(home=home)),
    "verify": (("verify",), lambda home: fetchers.verify(home=home)),
    "audit": (("audit", "--use", "train"), lambda home: fetchers.audit(use="train", home=home)),
    "tasks": (("tasks",), lambda home: fetchers.tasks(home=home)),
    "cite": (("cite", "shenzhen"), lambda home: fetchers.cite("shenzhen", home=home)),
}


@pytest.mark.parametrize("case", CALLS)
def test_a_record_is_the_verbs_json(case: str, held: Path) -> None:
    """`to_dict()` and `--json` say the same, key by key."""
    fetchers.grant("kidney", note="by mail", home=held)
    words, call = CALLS[case]
    typed = fetch(held, "--json", *words).document
    called = call(held).to_dict()  # type: ignore[attr-defined]  # every record has it
    assert json.loads(json.dumps(called)) == typed


@pytest.mark.parametrize("outcome", ["deny", "close"])
def test_a_last_day_of_what_has_none_is_left_out_and_said(outcome: str, home: Path, tmp_path: Path) -> None:
    """A program is told the same as a person at the command line."""
    fetchers.apply("kidney", home=home)
    shutil.copytree(home, tmp_path / "other")
    called = getattr(fetchers, outcome)("kidney", until="2099-01-01", home=home)
    typed = fetch(tmp_path / "other", "--json", outcome, "kidney", "--until", "2099-01-01")
    assert json.loads(json.dumps(called.to_dict())) == typed.document
    assert "--until 2099-01-01 was left out" in called.remark
    assert called.until is None


def test_one_pattern_may_be_a_text(home: Path) -> None:
    """`include="*.csv"` is one pattern, not five letters of which `*` matches all."""
    with pytest.raises(fetchers.NothingMatched):
        fetchers.get("shenzhen", include="*.csv", home=home)
    assert not fetchers.status(home=str(home)).held


def test_paths_are_those_of_the_selection(held: Path) -> None:
    """What was not selected is not returned, whether it is held or not."""
    everything = fetchers.fetch("shenzhen", home=held)
    assert fetchers.fetch("shenzhen", include="*.zip", home=held) == everything
    assert all(path.is_file() for path in everything)
    with pytest.raises(fetchers.NothingMatched):
        fetchers.fetch("shenzhen", exclude="*", home=held)


def test_configuration_and_environment_count(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`offline = true` holds for a program, too; an argument wins over both."""
    monkeypatch.setenv("FETCH_OFFLINE", "1")
    with pytest.raises(fetchers.TransferError, match="offline"):
        fetchers.get("shenzhen", home=home)
    monkeypatch.setenv("FETCH_INCLUDE", "*.csv *.txt")
    with pytest.raises(fetchers.NothingMatched):
        fetchers.get("shenzhen", home=home, offline=False)
    monkeypatch.delenv("FETCH_OFFLINE")
    monkeypatch.delenv("FETCH_INCLUDE")
    config = home / "config.toml"
    config.write_text("offline = true\n" + config.read_text(encoding="utf-8"), encoding="utf-8")
    with pytest.raises(fetchers.TransferError, match="offline"):
        fetchers.get("shenzhen", home=home)
    assert fetchers.get("shenzhen", home=home, offline=False).exit == 0


def test_a_configuration_that_cannot_be_is_refused(home: Path) -> None:
    """A key that is no option would be passed over in silence otherwise."""
    (home / "config.toml").write_text("nonsense = 3\n", encoding="utf-8")
    with pytest.raises(fetchers.CatalogueError, match="nonsense"):
        fetchers.status(home=home)


def test_consent_is_never_a_setting(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What agrees or destroys is said in the call itself."""
    monkeypatch.setenv("FETCH_YES", "1")
    fetchers.get("shenzhen", home=home)
    with pytest.raises(fetchers.AccessError):
        fetchers.release("shenzhen", home=home)
    assert fetchers.release("shenzhen", yes=True, home=home).files == 17


def test_a_refusal_raises_its_kind(home: Path) -> None:
    """Gates, usage, emptiness: the error of the exit status, with what to do next."""
    with pytest.raises(fetchers.AccessError) as gate:
        fetchers.get("kidney", home=home)
    assert gate.value.hint
    assert fetchers.tasks("kidney", home=home)[0].state == "todo"
    with pytest.raises(fetchers.CatalogueError, match="shenzen"):
        fetchers.get("shenzen", home=home)
    with pytest.raises(fetchers.CatalogueError, match="max_size"):
        fetchers.get("shenzhen", max_size="five", home=home)
    with pytest.raises(fetchers.NothingMatched):
        fetchers.verify(home=home)
    with pytest.raises(fetchers.TransferError):
        fetchers.get("shenzhen", home=home, mirror={"https://openi.nlm.nih.gov/": "http://127.0.0.1:9/"}, retries=0)


def test_findings_raise_only_when_that_is_wanted(home: Path) -> None:
    """A record tells; `check=True` raises."""
    report = fetchers.get(f"tcia/{COLLECTION}", home=home)
    assert report.exit == 4
    with pytest.raises(fetchers.ContentError):
        fetchers.verify("tcia", home=home, check=True)
    assert fetchers.verify("tcia", home=home).exit == 4
    fetchers.get("shenzhen", home=home)
    with pytest.raises(fetchers.TermsError):
        fetchers.audit("shenzhen", use="redistribute", home=home, check=True)


def test_interruption_stays_interruption(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`except FetchError: continue` does not swallow Ctrl-C."""

    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(Download, "run", interrupted)
    with pytest.raises(KeyboardInterrupt):
        fetchers.get("shenzhen", home=home)
    with pytest.raises(KeyboardInterrupt):
        fetchers.fetch("shenzhen", home=home)


def test_progress_is_told_or_drawn(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A function is told each step; True draws a bar on stderr; nothing is drawn unasked."""
    fetchers.get("shenzhen", home=home)
    assert capsys.readouterr().err == ""
    seen: list[fetchers.ProgressUpdate] = []
    fetchers.get("shenzhen", home=home, force=True, progress=seen.append)
    assert seen[0].label == "shenzhen"
    assert max(update.done_files for update in seen) == 1
    assert seen[-1].ended
    fetchers.verify(home=home, progress=True)
    assert "100%" in capsys.readouterr().err


def test_a_workspace_says_once_where(held: Path, replica: Replica) -> None:
    """What it was made with holds for each call, unless the call says otherwise."""
    lab = fetchers.Workspace(held, offline=True)
    before = replica.asked
    assert lab.get("shenzhen").exit == 0
    assert lab.verify("shenzhen", quick=True).checked_files == 17
    assert lab.status(home=held / "elsewhere").held == ()
    assert replica.asked == before
    assert repr(lab).startswith("Workspace(home=")


def test_several_threads_may_call(home: Path, replica: Replica) -> None:
    """Each gets the right answer, and one file is fetched once."""
    before = replica.asked
    with ThreadPoolExecutor(4) as pool:
        told = list(pool.map(lambda _: fetchers.get("shenzhen", home=home), range(4)))
        assert [(report.exit, report.datasets[0].files) for report in told] == [(0, 17)] * 4
        assert sum(report.datasets[0].downloaded_files for report in told) == replica.asked - before == 1
        found = list(pool.map(lambda _: fetchers.verify(home=home).checked_files, range(8)))
        lists = list(pool.map(lambda _: len(fetchers.list(home=home)), range(8)))
    assert found == [17] * 8
    assert len(set(lists)) == 1


def test_a_function_hears_of_a_total_that_becomes_known() -> None:
    """The next update has it."""
    from fetchers.api.progress import ProgressUpdate, shown

    told: list[ProgressUpdate] = []
    progress = shown(told.append)
    progress.begin("lungs", files=1)
    progress.measure(100)
    progress.advance(10)
    assert [(one.done_bytes, one.bytes) for one in told] == [(0, None), (0, 100), (10, 100)]
