"""A real Slurm of one node on loopback, from Debian's slurm-wlm and munge, started by root and without systemd."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

_NEEDS = ("munged", "slurmctld", "slurmd", "sbatch", "sinfo")
_CONFIGURATION = """
ClusterName=loopback
SlurmctldHost={host}(127.0.0.1)
SlurmctldPort={controller}
SlurmdPort={daemon}
SlurmUser=root
SlurmdUser=root
AuthType=auth/munge
AuthInfo=socket={folder}/munge.sock
CredType=cred/munge
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd.pid
SlurmctldLogFile={folder}/slurmctld.log
SlurmdLogFile={folder}/slurmd.log
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
ReturnToService=2
SwitchType=switch/none
MpiDefault=none
NodeName={host} NodeAddr=127.0.0.1 CPUs=2 RealMemory=500 State=UNKNOWN
PartitionName=all Nodes=ALL Default=YES MaxTime=INFINITE State=UP
"""


def missing() -> str | None:
    """Return why no Slurm can be started here; None where it can."""
    if os.geteuid() != 0:
        return "not root: Slurm's daemons are started as root here"
    absent = [name for name in _NEEDS if shutil.which(name, path=_path()) is None]
    return f"{', '.join(absent)} not installed: apt-get install slurm-wlm munge" if absent else None


@contextmanager
def slurm(folder: Path) -> Iterator[dict[str, str]]:
    """Run the daemons; return the environment in which `sbatch` and its kin find them."""
    (folder / "state").mkdir(parents=True)
    (folder / "spool").mkdir()
    folder.chmod(0o755)
    ports = [_free_port(), _free_port()]
    text = _CONFIGURATION.format(host=socket.gethostname(), controller=ports[0], daemon=ports[1], folder=folder)
    (folder / "slurm.conf").write_text(text, encoding="utf-8")
    environ = {**os.environ, "SLURM_CONF": str(folder / "slurm.conf"), "PATH": _path()}
    key = folder / "munge.key"
    key.write_bytes(os.urandom(128))
    key.chmod(0o600)
    started: list[subprocess.Popen[bytes]] = []

    def start(*words: str) -> None:
        with (folder / f"{words[0]}.out").open("wb") as out:
            started.append(subprocess.Popen(words, env=environ, stdout=out, stderr=out, stdin=subprocess.DEVNULL))

    try:
        start(
            "munged", "--foreground", "--force", "--socket", f"{folder}/munge.sock", "--key-file", str(key),
            "--pid-file", f"{folder}/munged.pid", "--log-file", f"{folder}/munged.log",
            "--seed-file", f"{folder}/munged.seed",
        )  # fmt: skip
        _until((folder / "munge.sock").exists, "munged")
        start("slurmctld", "-D")
        start("slurmd", "-D")
        _until(lambda: "idle" in _printed(["sinfo"], environ), "node")
        yield environ
    finally:
        for process in reversed(started):
            process.terminate()
        for process in started:
            try:
                process.wait(10)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def run(script: str, environ: dict[str, str], folder: Path, *options: str) -> str:
    """Submit a script, wait for all of its tasks, and return what they printed."""
    (folder / "job.sh").write_text(script, encoding="utf-8")
    words = ["sbatch", "--wait", f"--output={folder}/job-%A-%a.out", *options, str(folder / "job.sh")]
    done = subprocess.run(words, env=environ, cwd=folder, capture_output=True, text=True, check=False, timeout=240)
    printed = "".join(path.read_text() for path in sorted(folder.glob("job-*.out")))
    assert done.returncode == 0, f"{done.stderr}\n{printed}"
    return printed


def _printed(words: list[str], environ: dict[str, str]) -> str:
    return subprocess.run(words, env=environ, capture_output=True, text=True, check=False).stdout


def _until(ready: Callable[[], bool], what: str) -> None:
    for _ in range(300):
        if ready():
            return
        time.sleep(0.1)
    raise AssertionError(f"Slurm's {what} did not come up within 30 s")


def _free_port() -> int:
    with socket.socket() as made:
        made.bind(("127.0.0.1", 0))
        return int(made.getsockname()[1])


def _path() -> str:
    return f"{os.environ.get('PATH', '')}:/usr/sbin:/sbin"
