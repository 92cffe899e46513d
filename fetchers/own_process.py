"""Start another Python process of this program, in which nothing of the current folder is imported.

Nothing but built-in modules is imported at the top, not even `pathlib`: `python -m fetchers` begins here.
"""

import sys

# ruff: noqa: PTH100, PTH109, PTH117, PTH120

_START = (
    "import runpy, sys; paths, module, *words = sys.argv[1:]; "
    "sys.path += [path for path in paths.split(':') if path and path not in sys.path]; sys.argv = [module, *words]; "
    "runpy.run_module(module, run_name='__main__', alter_sys=True)"
)


def leave_current_folder(path: list[str]) -> None:
    """Take the current folder off the module path, where Python itself put it first."""
    import posix

    try:
        here = posix.getcwd()
    except FileNotFoundError:  # it was removed: nothing can be imported from it
        return
    if not sys.flags.safe_path and path and path[0] in ("", here):
        del path[0]


def leave_relative_entries(path: list[str], said: str) -> None:
    """Take off what `PYTHONPATH` (`said`) names relative to the current folder; an empty entry is that folder."""
    import os

    if said:
        for entry in said.split(os.pathsep):
            if not os.path.isabs(entry):
                path[:] = [one for one in path if one != os.path.abspath(entry)]


def command(module: str, *words: str) -> list[str]:
    """Return the command that runs a module of this program in a process of its own.

    It knows the modules that this process knows, behind Python's own and the installed ones. The current folder is not
    among them, unless this program itself lies there.
    """
    import os

    ours = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    try:
        here = os.getcwd()
    except FileNotFoundError:  # it was removed
        here = ours
    paths = [path for path in sys.path if os.path.isabs(path) and path not in (here, ours)]
    return [sys.executable, "-P", "-c", _START, os.pathsep.join([*paths, ours]), module, *words]


def environment(**more: str) -> dict[str, str]:
    """Return the environment of such a process: this one's, without a module path of its own."""
    import os

    kept = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    return {**kept, "PYTHONSAFEPATH": "1", **more}


def speak_utf8() -> None:
    """Begin again in UTF-8 where the locale is another: names of files, archives and messages hold more than it has.

    What is shown at a terminal stays in the terminal's own encoding. Python does this by itself for C and POSIX.
    """
    if sys.flags.utf8_mode or sys.getfilesystemencoding() == "utf-8" or not sys.executable or not sys.orig_argv:
        return
    import os
    from contextlib import suppress

    environ = {**os.environ, "PYTHONUTF8": "1"}  # for the processes that are started from here
    if sys.stdout is not None and sys.stdout.isatty():
        environ.setdefault("PYTHONIOENCODING", f"{sys.stdout.encoding}:backslashreplace")
    with suppress(OSError):
        os.execve(sys.executable, [sys.executable, "-X", "utf8", *sys.orig_argv[1:]], environ)  # noqa: S606 - itself
