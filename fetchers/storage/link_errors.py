"""What is raised where a link, or a path that leads elsewhere, stands in the way of a file of ours."""

from __future__ import annotations

import errno
import os


class LinkInTheWayError(OSError):
    """A symbolic link, or what is no folder, stands where a folder or file of ours should be; `filename` names it."""


class OutsideError(OSError):
    """A path that is absolute, or has a component that is empty, `.` or `..`: none that we ever wrote."""


def refuse_link(folder: str | os.PathLike[str], *names: str) -> None:
    """Raise `LinkInTheWayError` where one of `names` in `folder` is a symbolic link; what is not there is none."""
    for name in names:
        path = os.path.join(folder, name)  # noqa: PTH118 - a few names, often
        if os.path.islink(path):  # noqa: PTH114 - the same
            raise LinkInTheWayError(errno.ELOOP, "a symbolic link, which is not followed", path)
