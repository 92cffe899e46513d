"""Lists of files in files of their own are read."""

from __future__ import annotations

import json
import tracemalloc
from typing import TYPE_CHECKING

import pytest

from fetchers.errors import CatalogueError
from fetchers.workspace.listed_files import rows

if TYPE_CHECKING:
    from pathlib import Path

    from fetchers.dataset import RemoteFile

SHA, MD5 = "a" * 64, "b" * 32


def read(folder: Path, name: str, text: str) -> tuple[list[RemoteFile], list[tuple[str, str]]]:
    """Read a list: its files, and what was refused."""
    (folder / name).write_text(text, encoding="utf-8")
    refused: list[tuple[str, str]] = []
    return list(rows(folder, name, lambda where, error: refused.append((where, error.what)))), refused


def test_a_table_names_files(tmp_path: Path) -> None:
    """Only the address must be there; further columns are passed over, a byte order mark and blanks do no harm."""
    text = f"\ufeffurl,note,path,size,sha256,md5\nhttps://h.example/a.zip,x,b/a.zip, 7 ,{SHA},\nhttps://h.example/c.csv,,,,,{MD5}\n"
    (first, second), refused = read(tmp_path, "list.csv", text)
    assert (first.path, first.size, first.checksum) == ("b/a.zip", 7, f"sha256:{SHA}")
    assert (second.path, second.size, second.checksum) == ("c.csv", None, f"md5:{MD5}")
    assert refused == []


def test_json_lines_name_files(tmp_path: Path) -> None:
    """One object a line."""
    lines = [
        {"url": "https://h.example/a.zip", "size": 7},
        {"url": "https://h.example/b", "path": "b.dcm", "sha1": "c" * 40},
    ]
    (first, second), refused = read(tmp_path, "list.jsonl", "\n".join(map(json.dumps, lines)) + "\n\n")
    assert (first.path, first.size) == ("a.zip", 7)
    assert (second.path, second.checksum) == ("b.dcm", f"sha1:{'c' * 40}")
    assert refused == []


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("https://u:p@h.example/a,a,,", "user name"),
        ("file:///etc/passwd,a,,", "url"),
        ("https://h.example/a,../a,,", "'..'"),
        ("https://h.example/a,a,many,", "whole number"),
        ("https://h.example/a,a,-1,", "size"),
        ("https://h.example/a,a,,zz", "sha256"),
        ("https://h.example/,,,", "path is wanted"),
        (",a,,", "url is missing"),
    ],
)
def test_a_row_that_cannot_be_costs_itself_alone(tmp_path: Path, row: str, said: str) -> None:
    """It is named by its line, and the others go on."""
    text = f"url,path,size,sha256\nhttps://h.example/1,1.dcm,,\n{row}\nhttps://h.example/2,2.dcm,,\n"
    found, refused = read(tmp_path, "list.csv", text)
    assert [remote.path for remote in found] == ["1.dcm", "2.dcm"]
    assert [where for where, _ in refused] == ["list.csv:3"]
    assert said in refused[0][1]


@pytest.mark.parametrize("line", ["nope", "[1]", '{"path": "x"}', '{"url": 7}'])
def test_a_line_that_is_no_row_is_named(tmp_path: Path, line: str) -> None:
    """By its number, with an address never shown in full."""
    found, refused = read(tmp_path, "list.jsonl", f'{line}\n{{"url": "https://h.example/a.zip"}}\n')
    assert [remote.path for remote in found] == ["a.zip"]
    assert [where for where, _ in refused] == ["list.jsonl:1"]


def test_a_list_that_is_not_there_is_a_fault(tmp_path: Path) -> None:
    """Missing, without the column, or a link in its place."""
    with pytest.raises(CatalogueError, match="cannot be read"):
        list(rows(tmp_path, "none.csv", print))
    with pytest.raises(CatalogueError, match="column url"):
        read(tmp_path, "list.csv", "address\nhttps://h.example/a\n")
    (tmp_path / "link.csv").symlink_to(tmp_path / "list.csv")
    with pytest.raises(CatalogueError, match="cannot be read"):
        list(rows(tmp_path, "link.csv", print))


def test_a_long_list_is_never_in_memory(tmp_path: Path) -> None:
    """Memory does not grow with the rows."""
    with (tmp_path / "long.csv").open("w") as file:
        file.write("url,path,size,sha256\n")
        file.writelines(f"https://h.example/{number},d/{number:06}.dcm,7,{SHA}\n" for number in range(20_000))
    tracemalloc.start()
    count = sum(1 for _ in rows(tmp_path, "long.csv", print))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert count == 20_000
    assert peak < 1 << 20
