"""Are we as fast as what a user would take instead, with every safety on?

    python benchmarks/transfers.py [W1 W2 W3 W4 W5 W8] [--rounds N]

Every command ends durable: ours is when it returns, the rivals' ends with `sync -f`. Ours checks, hashes, judges
headers and records; the rivals' do what their line says. Prints a table per workload in Markdown.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))

from disk import TARGET, Disk, clear, empty
from timing import Command, race, table
from web import DATA, Web, dicom_zip, many

FETCH = [str(Path(sys.executable).with_name("fetch"))]
PYTHON = sys.executable
_POOCH = """
import sys, pooch
base, listing, target = sys.argv[1:]
rows = [line.split() for line in open(listing)]
box = pooch.create(path=target, base_url=base, registry={path: digest for digest, path in rows})
pooch.get_logger().setLevel("ERROR")
for _, path in rows:
    box.fetch(path)
"""
_HUB = """
import sys
from huggingface_hub.file_download import http_get
with open(sys.argv[2], "wb") as file:
    http_get(sys.argv[1], file)
"""
_HEADERS = """
import sys, pathlib, pydicom
for path in pathlib.Path(sys.argv[1]).rglob("*.dcm"):
    pydicom.dcmread(path, stop_before_pixels=True).Modality
"""


def workspace(name: str, rows: list[tuple[str, str]], base: str, container: str = "mixed") -> Path:
    """Make a home whose catalogue lists `rows` (path, sha256) as one dataset."""
    home = DATA / f"home-{name}"
    shutil.rmtree(home, ignore_errors=True)
    home.mkdir(parents=True)
    lines = ["[datasets.bench]", 'title = "bench"', 'access = "open"', f'container = "{container}"']
    for path, digest in rows:
        size = (DATA / path).stat().st_size
        lines += ["[[datasets.bench.files]]", f'url = "{base}/{path}"', f'path = "{path}"', f"size = {size}"]
        lines += [f'sha256 = "{digest}"'] if digest else []
    (home / "catalogue.toml").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return home


def ours(home: Path, *words: str) -> Command:
    """Make our command, into the same target as the rivals'."""
    argv = [*FETCH, "--home", str(home), "--cache", str(TARGET), "--quiet", "get", "bench", *words]
    return Command("fetch, all checks", argv, empty)


def shell(name: str, line: str) -> Command:
    """Make a rival's command."""
    return Command(name, ["sh", "-ec", line], empty)


def urls(name: str, rows: list[tuple[str, str]], base: str) -> tuple[Path, Path, Path]:
    """Write the rivals' lists: curl's, aria2's (with checksums) and wget2's."""
    curl, aria, plain = (DATA / f"{name}.{kind}" for kind in ("curl", "aria", "urls"))
    with curl.open("w") as a, aria.open("w") as b, plain.open("w") as c:
        for path, digest in rows:
            flat = path.replace("/", "_")
            a.write(f'url = "{base}/{path}"\noutput = "{TARGET}/{flat}"\n')
            b.write(f"{base}/{path}\n  dir={TARGET}\n  out={flat}\n  checksum=sha-256={digest}\n")
            c.write(f"{base}/{path}\n")
    return curl, aria, plain


def w1(base: str, rounds: int) -> str:
    """One file of 1 GiB."""
    rows = many("big", 1, 1 << 30)
    home = workspace("w1", rows, base)
    (path, digest) = rows[0]
    url, out = f"{base}/{path}", TARGET / "big.bin"
    listing = DATA / "big.sha256"
    commands = [
        ours(home),
        shell("curl; openssl dgst", f"curl -so {out} {url}; openssl dgst -sha256 {out}; sync -f {TARGET}"),
        shell(
            "aria2c, checksum",
            f"aria2c -q --file-allocation=none -d {TARGET} -o big.bin --checksum=sha-256={digest} {url};"
            f" sync -f {TARGET}",
        ),
        shell("wget2; openssl dgst", f"wget2 -qO {out} {url}; openssl dgst -sha256 {out}; sync -f {TARGET}"),
        shell("pooch", f"{PYTHON} -c '{_POOCH}' {base}/ {listing} {TARGET}; sync -f {TARGET}"),
        shell("huggingface_hub http_get (no hash)", f"{PYTHON} -c '{_HUB}' {url} {out}; sync -f {TARGET}"),
    ]
    race(commands, rounds)
    return table("W1: one file of 1 GiB", commands, {"curl; openssl dgst": 1.3, "aria2c, checksum": 2, "pooch": 4})


def small(title: str, name: str, count: int, size: int, goals: dict[str, float], base: str, rounds: int) -> str:
    """Race over many files of one size."""
    rows = many(name, count, size)
    home = workspace(name, rows, base)
    curl, aria, plain = urls(name, rows, base)
    commands = [
        ours(home, "--jobs", "16"),
        shell(
            "curl -Z 16; openssl dgst",
            f"curl -sZ --parallel-max 16 -K {curl}; find {TARGET} -type f -print0 |"
            f" xargs -0 openssl dgst -sha256 >/dev/null; sync -f {TARGET}",
        ),
        shell("aria2c -j16, checksum", f"aria2c -q -j16 --file-allocation=none -i {aria}; sync -f {TARGET}"),
        shell(
            "wget2 16; openssl dgst",
            f"cd {TARGET}; wget2 -q --max-threads=16 -i {plain}; find . -type f -print0 |"
            f" xargs -0 openssl dgst -sha256 >/dev/null; sync -f {TARGET}",
        ),
    ]
    if "pooch" in goals:
        pooch = f"{PYTHON} -c '{_POOCH}' {base}/ {DATA / name}.sha256 {TARGET}; sync -f {TARGET}"
        commands.append(shell("pooch", pooch))
    race(commands, rounds)
    return table(title, commands, goals)


def w2(base: str, rounds: int) -> str:
    """2,000 files of 256 KiB."""
    goals = {"curl -Z 16; openssl dgst": 1.1, "aria2c -j16, checksum": 1.5}
    return small("W2: 2,000 files of 256 KiB", "mid", 2000, 256 << 10, goals, base, rounds)


def w3(base: str, rounds: int) -> str:
    """10,000 files of 16 KiB."""
    goals = {"curl -Z 16; openssl dgst": 1.0, "aria2c -j16, checksum": 1.0, "pooch": 10}
    return small("W3: 10,000 files of 16 KiB", "small", 10_000, 16 << 10, goals, base, rounds)


def w4(base: str, rounds: int, *, latency: bool) -> str:
    """W2 and W3 on a slow line: the time that latency and the limit alone allow, against ours."""
    if not latency:
        return "### W4\n\nskipped: nginx has no Lua module here, so there is no latency to add\n"
    lines = ["### W4: latency and a limit of 20 MB/s per connection", ""]
    lines += [
        "| files | latency ms | --jobs | allowed s | ours s | ours / allowed | wanted |",
        "|---|---:|---:|---:|---:|---:|---|",
    ]
    for name, count, size in (("mid", 2000, 256 << 10), ("small", 10_000, 16 << 10)):
        rows = many(name, count, size)
        for wait in (50, 100):
            for jobs in (16, 0):
                home = workspace(f"{name}{wait}", rows, f"{base}/slow{wait}")
                command = ours(home, *(["--jobs", str(jobs)] if jobs else []))
                race([command], max(1, rounds // 2))
                allowed = count / (jobs or 16) * (wait / 1000 + size / 20e6)
                ratio = command.median / allowed
                wanted = "" if not jobs else f"1.15 {'reached' if ratio <= 1.15 else '**not reached**'}"  # noqa: PLR2004
                label = jobs or "adapts"
                lines.append(
                    f"| {count} x {size >> 10} KiB | {wait} | {label} | {allowed:.1f} | {command.median:.1f} |"
                    f" {ratio:.2f} | {wanted} |"
                )
    return "\n".join(lines) + "\n"


def w5(base: str, rounds: int) -> str:
    """Race over a zip of 5,000 DICOM files."""
    path = dicom_zip(5000)
    home = workspace("w5", [(path.name, "")], base, "dicom")
    url, out = f"{base}/{path.name}", TARGET / "a.zip"
    get = f"curl -so {out} {url}; unzip -qd {TARGET} {out}; sync -f {TARGET}"
    every = f"find {TARGET} -name '*.dcm' -print0 | xargs -0 sha256sum >/dev/null; {PYTHON} -c '{_HEADERS}' {TARGET}"
    commands = [
        ours(home),
        shell("curl; unzip", get),
        shell("curl; unzip; sha256sum; pydicom headers", f"{get}; {every}"),
    ]
    race(commands, rounds)
    goals = {"curl; unzip": 1.0, "curl; unzip; sha256sum; pydicom headers": 1.0}
    return table("W5: a zip of 5,000 DICOM files, verified, unpacked, recorded", commands, goals)


def w8(base: str, rounds: int) -> str:
    """Race over a second run with 10,000 held files, and over the start."""
    rows = many("small", 10_000, 16 << 10)
    home = workspace("w8", rows, base)
    first = ours(home, "--jobs", "16")
    race([first], 0)
    nothing = lambda: None  # noqa: E731 - the target is to be kept
    commands = [
        Command("python -c pass", [PYTHON, "-c", "pass"], nothing),
        Command("fetch --help", [*FETCH, "--help"], nothing),
        Command("fetch list", [*FETCH, "--home", str(home), "list"], nothing),
        Command("second run, 10,000 files held", first.argv, nothing),
    ]
    race(commands, rounds * 3)
    base_line = commands[0].median
    goals = {"fetch --help": 3.5, "fetch list": 9, "second run, 10,000 files held": 15}
    lines = ["### W8: starting, and a second run", "", "| command | median s | x python -c pass | wanted at most |"]
    lines.append("|---|---:|---:|---|")
    for command in commands:
        ratio = command.median / base_line
        goal = goals.get(command.name)
        wanted = "" if goal is None else f"{goal} {'reached' if ratio <= goal else '**not reached**'}"
        lines.append(f"| {command.name} | {command.median:.3f} | {ratio:.1f} | {wanted} |")
    return "\n".join(lines) + "\n"


def main() -> None:
    """Run the named workloads, all by default."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("workloads", nargs="*", default=["W1", "W2", "W3", "W4", "W5", "W8"])
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    os.environ["FETCH_HOME"] = str(DATA / "home")
    with Web() as web, Disk() as disk:
        print(f"targets on {disk.kind}\n", flush=True)
        for name in options.workloads:
            job = {"W1": w1, "W2": w2, "W3": w3, "W5": w5, "W8": w8}.get(name)
            text = job(web.base, options.rounds) if job else w4(web.base, options.rounds, latency=web.latency)
            print(text, flush=True)
            clear()


if __name__ == "__main__":
    main()
