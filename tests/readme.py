"""The generated parts of README.md and the generated pages of docs/: `python -m tests.readme` writes them."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from fetchers.cli.style import size
from fetchers.dataset import ACCESS
from fetchers.reports.rule_table import GROUPS
from fetchers.verbs.demo.replica import running
from fetchers.workspace import open_workspace

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from fetchers.dataset import Dataset

README = Path(__file__).parent.parent / "README.md"
DOCS = README.parent / "docs"
_PART = re.compile(r"(<!-- generated: (\w+) -->\n)(.*?)(<!-- end -->)", re.DOTALL)
_HOME = "/home/ada/imaging"


def fetch(*words: str, home: Path, width: int = 100) -> str:
    """Run the program as a person would and return what it prints, stderr too."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("FETCH_")}
    done = subprocess.run(
        [sys.executable, "-m", "fetchers", *words],
        env={**kept, "FETCH_HOME": str(home), "COLUMNS": str(width), "NO_COLOR": "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        stdin=subprocess.DEVNULL,
        text=True,
        check=False,
        timeout=60,
    )
    return done.stdout


def shenzhen() -> str:
    """Fetch it from a small replica on loopback; where it lies is shown as a person's own home would be."""
    with TemporaryDirectory() as folder, running() as replica:
        home = Path(folder).resolve()
        (home / "config.toml").write_text(
            f'[mirrors]\n"https://openi.nlm.nih.gov/" = "{replica.address}/nlm/"\n', encoding="utf-8"
        )
        text = "$ fetch shenzhen\n" + fetch("shenzhen", home=home)
        return _block(text.replace(str(home), _HOME), "console")


def datasets() -> str:
    """Tabulate the 19 datasets of the original list: access, licence, and where the list is wrong."""
    with TemporaryDirectory() as folder:
        workspace = open_workspace(home=Path(folder), cache=None, environ={}, cwd=Path(folder))
    rows = ["| name | what it is | access | licence | where the list is wrong |", "|---|---|---|---|---|"]
    rows += [_row(dataset) for dataset in workspace.catalogue.all() if dataset.listed]
    return "\n".join(rows) + "\n"


def further() -> str:
    """Name the datasets beside the original list, by their access; what a person must do first says `fetch show`."""
    with TemporaryDirectory() as folder:
        workspace = open_workspace(home=Path(folder), cache=None, environ={}, cwd=Path(folder))
    rows = ["| access | datasets |", "|---|---|"]
    for access in ACCESS:
        names = [f"`{one.name}`" for one in workspace.catalogue.all() if one.access == access and not one.listed]
        rows += [f"| {access} | {' '.join(names)} |"] if names else []
    return "\n".join(rows) + "\n"


def _row(dataset: Dataset) -> str:
    kind = f"{' '.join(dataset.modalities)}, {', '.join(dataset.body_parts)}"
    images = f", {dataset.images:,} images" if dataset.images else ""
    # The first clause of what was found; `fetch show` has the whole, and addresses that moved are told there, too.
    wrong = "; ".join(
        f"{erratum.field}: {erratum.listed or 'nothing'} → **{re.split('[:;(]', erratum.found)[0].strip()}**"
        for erratum in dataset.errata
        if erratum.field != "link"
    )
    cells = (f"`{dataset.name}`", kind + images, dataset.access, dataset.licence or "unknown", wrong)
    return "| " + " | ".join(cell.replace("|", "\\|").replace("\n", " ") for cell in cells) + " |"


def verbs() -> str:
    """Show the help of the program."""
    with TemporaryDirectory() as folder:
        return _block("$ fetch --help\n" + fetch("--help", home=Path(folder)), "console")


def packages() -> str:
    """List the packages and modules of the top level, each with its first line."""
    package = README.parent / "fetchers"
    lines = []
    for path in sorted(package.iterdir()):
        source = path / "__init__.py" if path.is_dir() else path
        if source.suffix == ".py" and source.exists() and path.name != "__init__.py":
            caption = source.read_text(encoding="utf-8").split('"""', 2)[1].split("\n", 1)[0].strip()
            lines.append(f"{path.name + ('/' if path.is_dir() else ''):<14} {caption}")
    return _block("\n".join(lines), "text")


def rules() -> str:
    """Return the page of all rules."""
    lines = [
        "# Rules",
        "",
        "Every finding of `verify`, `audit`, `get`, `adopt` and `doctor` has a rule. `NAME` stands for the dataset, as",
        "in the finding. An `error` decides the exit status (`verify` 4, `audit` 8), a `warning` does so with `audit",
        "--strict`, and an `info` never does. This page is generated from",
        "`fetchers/reports/rule_table.py` (`make readme`).",
    ]
    for group in GROUPS:
        lines += ["", f"## {group.title}", "", "| rule | severity | reported by | meaning | what to do |"]
        lines += ["|---|---|---|---|---|"]
        for one in group.rules:
            cells = (f"`{one.rule}`", one.severities, f"`{one.verbs}`".replace(", ", "` `"), one.meaning, one.action)
            lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


PAGES: dict[str, Callable[[], str]] = {"rules.md": rules}
PARTS: dict[str, Callable[[], str]] = {
    "shenzhen": shenzhen,
    "datasets": datasets,
    "further": further,
    "verbs": verbs,
    "packages": packages,
}


def regenerated(text: str, names: Iterable[str] = tuple(PARTS)) -> str:
    """Return the text with the named generated parts made anew."""
    made = {name: PARTS[name]() for name in names}
    return _PART.sub(lambda part: part[1] + made.get(part[2], part[3]) + part[4], text)


def part(text: str, name: str) -> str:
    """Return one generated part as it stands in the text."""
    return next(found[3] for found in _PART.finditer(text) if found[2] == name)


def _block(text: str, language: str) -> str:
    return f"```{language}\n{text.rstrip()}\n```\n"


if __name__ == "__main__":
    README.write_text(regenerated(README.read_text(encoding="utf-8")), encoding="utf-8")
    for name, page in PAGES.items():
        (DOCS / name).write_text(page(), encoding="utf-8")
    sys.stdout.write(f"{README.name}: {size(README.stat().st_size)}\n")
