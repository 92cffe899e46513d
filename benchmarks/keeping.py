"""Is keeping account as fast as reading the disk?

    python benchmarks/keeping.py [W6 W7 W9] [--rounds N]

W6 headers of 20,000 DICOM files, W7 the full hash of the same, W9 a scan of 200,000 unrelated files for copies.
"""

from __future__ import annotations

import argparse
import shutil
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from timing import Command, race, table
from web import DATA, dicom_folder

FETCH = str(Path(sys.executable).with_name("fetch"))
_PYDICOM = """
import sys, pathlib, pydicom
for path in pathlib.Path(sys.argv[1]).rglob("*.dcm"):
    pydicom.dcmread(path, stop_before_pixels=True).Modality
"""
COUNT = 20_000
UNRELATED = 200_000


def held() -> Path:
    """Make, once, a home that holds 20,000 DICOM files."""
    home = DATA / "home-keeping"
    folder = dicom_folder(COUNT)
    if not (home / "cache" / "manifest.sqlite").exists():
        shutil.rmtree(home, ignore_errors=True)
        home.mkdir(parents=True)
        (home / "catalogue.toml").write_text(
            '[datasets.bench]\ntitle = "bench"\naccess = "open"\ncontainer = "dicom"\nmodalities = ["CT"]\n', "utf-8"
        )
        subprocess.run([FETCH, "--home", str(home), "--quiet", "adopt", "bench", str(folder)], check=True)
    return home


def ours(home: Path, *words: str) -> Command:
    """Make our command."""
    return Command("fetch " + " ".join(words[:2]), [FETCH, "--home", str(home), "--quiet", *words])


def shell(name: str, line: str) -> Command:
    """Make a rival's command."""
    return Command(name, ["sh", "-ec", line])


def w6(rounds: int) -> str:
    """Race over headers."""
    home = held()
    folder = home / "cache" / "bench"
    commands = [
        ours(home, "verify", "--headers", "bench"),
        shell("pydicom, stop_before_pixels", f"{sys.executable} -c '{_PYDICOM}' {folder}"),
    ]
    if shutil.which("gdcmscanner"):
        commands.append(shell("gdcmscanner, 9 tags", f"gdcmscanner -d {folder} -r {_tags()} >/dev/null"))
    if shutil.which("dcmdump"):
        dump = "xargs -0 -n 500 -P2 dcmdump -q +P Modality >/dev/null 2>&1 || true"
        line = f"find {folder} -name '*.dcm' -print0 | {dump}"
        commands.append(shell("dcmdump on both cores", line))
    race(commands, rounds)
    goals = {"pydicom, stop_before_pixels": 10, "gdcmscanner, 9 tags": 1}
    return table(f"W6: headers of {COUNT:,} DICOM files", commands, goals)


def _tags() -> str:
    tags = ("8,16", "8,18", "8,60", "18,15", "20,d", "20,e", "28,8", "28,10", "28,11")
    return " ".join(f"-t {tag}" for tag in tags)


def w7(rounds: int) -> str:
    """Race over full hashes."""
    home = held()
    folder = home / "cache" / "bench"
    hashing = f"find {folder} -type f -print0 | xargs -0 -n 500 -P2 openssl dgst -sha256 >/dev/null"
    commands = [ours(home, "verify", "bench"), shell("openssl dgst on both cores", hashing)]
    race(commands, rounds)
    return table(f"W7: full verification of {COUNT:,} files", commands, {"openssl dgst on both cores": 0.95})


def w9(rounds: int) -> str:
    """Race over a scan for copies."""
    home = held()
    tree = DATA / "unrelated"
    if not tree.exists():
        for number in range(UNRELATED):
            folder = tree / f"{number // 1000:03}"
            folder.mkdir(parents=True, exist_ok=True)
            (folder / f"{number:06}.txt").write_bytes(b"x" * (number % 4000))
    commands = [
        ours(home, "audit", "bench", "--scan", str(tree)),
        shell("find -type f -size", f"find {tree} -type f -size -100k >/dev/null"),
    ]
    race(commands, rounds)
    return table(f"W9: a scan of {UNRELATED:,} unrelated files", commands, {"find -type f -size": 0.75})


def main() -> None:
    """Run the named workloads, all by default."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("workloads", nargs="*", default=["W6", "W7", "W9"])
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    for name in options.workloads:
        print({"W6": w6, "W7": w7, "W9": w9}[name](options.rounds), flush=True)


if __name__ == "__main__":
    main()
