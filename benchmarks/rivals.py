"""Are we ahead of what the field really uses, with all checks on?

    python benchmarks/rivals.py [W10 W11 W12 W14 W15] [--rounds N] [--share 1.0]

W10 instances of the Imaging Data Commons by series beside `s5cmd run` and rclone, W11 `adopt --move` and `--copy` beside
`cp`, W12 `verify --phi` beside pydicom, W14 the wholeness of `.nii.gz` on arrival beside `gzip -t`, W15 the second run
over a collection of 100,000 instances. W13, a record of a million files, is `record.py`. `--share` makes the data
smaller, and the titles say so.
"""

from __future__ import annotations

import argparse
import gzip
import os
import random
import shutil
import struct
import subprocess
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from disk import MOUNT, TARGET, Disk, clear, empty
from keeping import held, ours
from timing import Command, race, table
from transfers import FETCH, workspace
from web import DATA, Web, idc, idc_index, instance, listing

_PHI = """
import sys, pathlib, pydicom
from fetchers.checks.phi.deid_profile import TAGS
tags = set(TAGS)
for path in pathlib.Path(sys.argv[1]).rglob("*.dcm"):
    sum(1 for one in pydicom.dcmread(path, stop_before_pixels=True).iterall() if int(one.tag) in tags and one.value)
"""


def tool(name: str) -> str | None:
    """Find a rival's command, also beside this Python."""
    beside = Path(sys.executable).with_name(name)
    return str(beside) if beside.exists() else shutil.which(name)


def shell(name: str, line: str) -> Command:
    """Make a rival's command."""
    environ = {"RCLONE_CONFIG": "/dev/null", "AWS_CONFIG_FILE": "/dev/null"}
    return Command(name, ["sh", "-ec", line], empty, environ)


def w10(base: str, rounds: int, share: float) -> str:
    """Race over instances in a hundred folders of a bucket."""
    each = max(1, int(200 * share))
    keys = idc(100, each)
    index, home = DATA / "idc.parquet", DATA / "home-idc"
    idc_index(index, "idc-open-data", 100, each)
    home.mkdir(exist_ok=True)
    series = [word for number in range(100) for word in ("--series", f"1.2.{number}")]
    mirror = f"https://idc-open-data.s3.amazonaws.com/={base}/idc-open-data/"
    where = ["--home", str(home), "--cache", str(TARGET), "--quiet", "--mirror", mirror, "--idc-index", str(index)]
    commands = [Command("fetch, all checks", [*FETCH, *where, "get", "idc/bench", *series], empty)]
    todo = DATA / "s5cmd.run"
    todo.write_text("".join(f"cp s3://idc-open-data/{key} {TARGET}/{key}\n" for key in keys), encoding="ascii")
    if s5cmd := tool("s5cmd"):
        line = f"{s5cmd} --no-sign-request --endpoint-url {base} --numworkers"
        commands += [shell(f"s5cmd run, {n}", f"{line} {n} run {todo} >/dev/null; sync -f {TARGET}") for n in (16, 256)]
    if rclone := tool("rclone"):
        listed = DATA / "rclone.files"
        listed.write_text("\n".join(keys) + "\n", encoding="ascii")
        line = (
            f"{rclone} copy --transfers 16 --no-traverse --files-from {listed} --http-url {base}/idc-open-data :http:"
        )
        commands.append(shell("rclone copy, 16", f"{line} {TARGET}; sync -f {TARGET}"))
    race(commands, rounds)
    title = f"W10: {len(keys):,} instances of 40 to 500 KB in 100 folders, by series"
    return table(title, commands, {"s5cmd run, 16": 2, "s5cmd run, 256": 2})


def w11(_base: str, rounds: int, share: float) -> str:
    """Race over the taking in of a folder on the same disk."""
    count, size = int(20_000 * share), 1000
    home, source = DATA / "home-adopt", MOUNT / "source"
    master = MOUNT / "master"
    home.mkdir(exist_ok=True)
    keys = 'title = "bench"\naccess = "open"\ncontainer = "dicom"\n'
    (home / "catalogue.toml").write_text(f"[datasets.bench]\n{keys}", encoding="utf-8")
    if not master.exists():
        master.mkdir()
        for number in range(count):
            (master / f"{number:06}.dcm").write_bytes(instance(number, size))

    def again() -> None:
        empty()
        shutil.rmtree(source, ignore_errors=True)
        subprocess.run(["cp", "-r", master, source], check=True)

    where = ["--home", str(home), "--cache", str(TARGET), "--quiet", "adopt", "bench", str(source)]
    digest = f"find {TARGET}/held -type f -print0 | xargs -0 -n 500 -P2 openssl dgst -sha256 >/dev/null"
    commands = [
        Command("fetch adopt --move", [*FETCH, *where, "--move"], again),
        Command("fetch adopt --copy", [*FETCH, *where], again),
        Command(
            "cp -r; openssl dgst on both cores",
            ["sh", "-ec", f"cp -r {source} {TARGET}/held; {digest}; sync -f {TARGET}"],
            again,
        ),
    ]
    race(commands, rounds)
    shutil.rmtree(source)
    shutil.rmtree(master)
    title = f"W11: adopt of {count:,} DICOM files of 512 KB"
    return table(title, commands, {"cp -r; openssl dgst on both cores": 1.5})


def w12(_base: str, rounds: int, _share: float) -> str:
    """Race over a look for what may identify a patient."""
    home = held()
    loop = f"{sys.executable} -c '{_PHI}' {home / 'cache' / 'bench'}"
    commands = [ours(home, "verify", "--headers", "--phi", "bench"), shell("pydicom, the same tags", loop)]
    race(commands, rounds)
    return table("W12: verify --phi of 20,000 DICOM files", commands, {"pydicom, the same tags": 8})


def w14(base: str, rounds: int, share: float) -> str:
    """Race over compressed volumes, which are proven whole as they come."""
    count, folder = max(1, int(500 * share)), DATA / "volumes"
    if len(list(folder.glob("*"))) < count:
        folder.mkdir(exist_ok=True)
        voxels = random.Random(3).randbytes(10_000_000)
        header = struct.pack("<i36xb37x", 348, 0)[:40] + struct.pack("<8h", 3, 100, 500, 100, 1, 1, 1, 1)
        header = header.ljust(70, b"\0") + struct.pack("<hh", 4, 16)
        header = header.ljust(108, b"\0") + struct.pack("<f", 352.0)
        body = gzip.compress(header.ljust(344, b"\0") + b"n+1\0" + bytes(4) + voxels, 1)
        for number in range(count):  # the time in gzip's header tells them apart
            (folder / f"{number:03}.nii.gz").write_bytes(body[:4] + number.to_bytes(4, "little") + body[8:])
    rows = [(f"volumes/{number:03}.nii.gz", "") for number in range(count)]
    home = workspace("w14", rows, base, "nifti")
    todo = DATA / "volumes.curl"
    lines = (f'url = "{base}/{path}"\noutput = "{TARGET}/{Path(path).name}"\n' for path, _ in rows)
    todo.write_text("".join(lines), encoding="ascii")
    get = f"curl -sZ --parallel-max 16 -K {todo}; find {TARGET} -name '*.gz' -print0 | xargs -0"
    argv = [*FETCH, "--home", str(home), "--cache", str(TARGET), "--quiet", "get", "bench", "--jobs", "16"]
    commands = [
        Command("fetch, all checks", argv, empty),
        shell("curl -Z 16; gzip -t", f"{get} gzip -t; sync -f {TARGET}"),
        shell("the same on both cores", f"{get} -n 8 -P2 gzip -t; sync -f {TARGET}"),
    ]
    race(commands, rounds)
    return table(f"W14: {count:,} .nii.gz of 10 MB, whole or not", commands, {"curl -Z 16; gzip -t": 1})


def w15(base: str, rounds: int, share: float) -> str:
    """Time the second run over a collection, to which no server answers."""
    series, each = max(1, int(1000 * share)), 100
    index, home = DATA / "many.parquet", DATA / "home-many"
    shutil.rmtree(home, ignore_errors=True)
    home.mkdir()
    idc_index(index, "idc-open-data", series, each)
    (DATA / "one.dcm").write_bytes(one := instance(0, 2))
    (DATA / "many").mkdir(exist_ok=True)
    for number in range(series):
        rows = [(f"series-{number}/{place:04}.dcm", len(one)) for place in range(each)]
        (DATA / "many" / f"series-{number}.xml").write_text(listing(rows), encoding="ascii")

    def argv(where: str) -> list[str]:
        mirror = f"https://idc-open-data.s3.amazonaws.com/={where}"
        words = ["--home", str(home), "--cache", str(TARGET), "--quiet", "--mirror", mirror, "--idc-index", str(index)]
        return [*FETCH, *words, "get", "idc/bench"]

    empty()
    subprocess.run(argv(f"{base}/idc-many/"), check=True, stdout=subprocess.DEVNULL)
    command = Command("second run", argv("http://127.0.0.1:9/"))  # where nobody listens
    race([command], rounds)
    reached = "reached" if command.median <= 2 else "**not reached**"  # noqa: PLR2004 - the target
    return (
        f"### W15: second run over a collection of {series * each:,} instances\n\n"
        f"{command.median:.2f} s without a request, {command.memory / 1024:.0f} MiB; wanted 2 s for 100,000: {reached}\n"
    )


JOBS = {"W10": w10, "W11": w11, "W12": w12, "W14": w14, "W15": w15}


def main() -> None:
    """Run the named workloads, all by default."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("workloads", nargs="*", default=list(JOBS))
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--share", type=float, default=1.0)
    options = parser.parse_args()
    os.environ["FETCH_HOME"] = str(DATA / "home")
    DATA.mkdir(exist_ok=True)
    with Web() as web, Disk():
        for name in options.workloads:
            print(JOBS[name](web.base, options.rounds, options.share), flush=True)
            clear()


if __name__ == "__main__":
    main()
