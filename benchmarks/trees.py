"""Two states of the program side by side: the working tree, and another revision checked out beside it.

Each has a virtual environment without pip of its own, in which its tree comes first and the installed packages of this
one behind it: both run on the same Python with the same dependencies.
"""

from __future__ import annotations

import subprocess
import sys
import sysconfig
from pathlib import Path

from web import DATA

HERE = Path(__file__).resolve().parent.parent
_COMMAND = """#!{python}
import sys
from fetchers.__main__ import main
if __name__ == '__main__':
    sys.exit(main())
"""


def git(*words: str) -> str:
    """Ask git about this tree."""
    return subprocess.run(["git", "-C", HERE, *words], check=True, capture_output=True, text=True).stdout.strip()


def checkout(revision: str) -> Path:
    """Check `revision` out into the benchmarks' folder, or bring what is there to it."""
    folder = DATA.resolve() / "other"
    name = git("rev-parse", "--verify", f"{revision}^{{commit}}")
    if not (folder / ".git").exists():
        git("worktree", "prune")
        git("worktree", "add", "--quiet", "--detach", str(folder), name)
    else:
        subprocess.run(["git", "-C", folder, "checkout", "--quiet", "--force", "--detach", name], check=True)
    return folder


def environment(name: str, tree: Path) -> Path:
    """Make the environment of a tree; give its folder of commands, with `python` and `fetch`."""
    folder = DATA.resolve() / f"venv-{name}"
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder], check=True)
    commands = folder / "bin"
    packages = next(folder.glob("lib/python*/site-packages"))
    (packages / "tree.pth").write_text(f"{tree}\n{sysconfig.get_path('purelib')}\n", encoding="utf-8")
    launcher = commands / "fetch"
    launcher.write_text(_COMMAND.format(python=commands / "python"), encoding="utf-8")
    launcher.chmod(0o755)
    where = "import fetchers; print(fetchers.__file__)"
    found = subprocess.run([commands / "python", "-c", where], check=True, capture_output=True, text=True, cwd="/")
    if not Path(found.stdout.strip()).is_relative_to(tree):
        raise SystemExit(f"{commands / 'python'} imports {found.stdout.strip()}, not {tree}")
    subprocess.run([commands / "python", "-m", "compileall", "-q", tree / "fetchers"], check=False)
    return commands
