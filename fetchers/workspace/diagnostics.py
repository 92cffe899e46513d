"""Gather all faults of a file that a person wrote, with file, line and key."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fetchers.errors import CatalogueError

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from fetchers.workspace.toml_lines import Where


class Diagnostics:
    """Gathers the faults of one file; each is said as `FILE:LINE: KEY: what`."""

    def __init__(self, file: Path, text: str) -> None:
        self.file = file
        self._text = text
        self._found: list[tuple[Where, str]] = []
        self._plain: list[tuple[int, str]] = []
        self._aside: list[tuple[Where, str]] = []

    def __bool__(self) -> bool:
        return bool(self._found or self._plain)

    def add(self, where: Where, what: str) -> None:
        """Note a fault of the key at `where`."""
        self._found.append((where, what))

    def add_line(self, line: int, what: str) -> None:
        """Note a fault that has a line and no key: the file does not parse."""
        self._plain.append((line, what))

    def set_aside(self, where: Where, what: str) -> None:
        """Note a fault that concerns one dataset alone: the others can be used all the same."""
        self._aside.append((where, what))

    def of_datasets(self) -> dict[str, str]:
        """Return what was set aside, by the dataset's address: `NAME`, or `NAME/PART` where only a part is at fault."""
        said: dict[str, list[str]] = {}
        if self._aside:
            from fetchers.workspace.toml_lines import line_of, lines_of

            lines = lines_of(self._text)
            for where, what in self._aside:
                _, name, *more = map(str, where)
                address = f"{name}/{more[1]}" if more[0] == "parts" else name
                said.setdefault(address, []).append(f"{self.file}:{line_of(where, lines)}: {spell(where)}: {what}")
        return {address: "\n".join(sentences) for address, sentences in said.items()}

    def sentences(self) -> list[str]:
        """Return all faults in the order of the file's lines."""
        rows = [(line, f"{self.file}:{line}: {what}") for line, what in self._plain]
        if self._found:
            from fetchers.workspace.toml_lines import line_of, lines_of

            lines = lines_of(self._text)
            for where, what in self._found:
                line = line_of(where, lines)
                rows.append((line, f"{self.file}:{line}: {spell(where)}: {what}"))
        return [sentence for _, sentence in sorted(rows, key=lambda row: row[0])]


def spell(where: Where) -> str:
    """Write a path as a person would: `datasets.mine.files[3].url`, counted from 0."""
    written = ""
    for piece in where:
        if isinstance(piece, int):
            written += f"[{piece}]"
        else:
            shown = piece if piece.replace("-", "").replace("_", "").isalnum() else f'"{_without_user(piece)}"'
            written += f".{shown}" if written else shown
    return written


def _without_user(piece: str) -> str:
    """Leave the user's name and password out of an address that is a key."""
    scheme, mark, rest = piece.partition("://")
    return f"{scheme}{mark}...@{rest.rpartition('@')[2]}" if mark and "@" in rest else piece


def refuse(files: Iterable[Diagnostics]) -> None:
    """Raise one `CatalogueError` with every fault of every file; return where there is none."""
    sentences = [sentence for faults in files for sentence in faults.sentences()]
    if sentences:
        count = "1 fault" if len(sentences) == 1 else f"{len(sentences)} faults"
        raise CatalogueError("\n".join(sentences), hint=f"correct the {count} named above, then type the command again")
