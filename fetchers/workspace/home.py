"""Find the folder of the workspace.

`--home`, else `$FETCH_HOME`, else the nearest folder upwards that holds both `catalogue.toml` and `cache/`, else the
platform's user data folder. Looks, and makes nothing: a home that is not there yet is made by the first verb that
has something to keep.
"""

from __future__ import annotations

import stat
from pathlib import Path
from typing import TYPE_CHECKING

from fetchers.errors import CatalogueError
from fetchers.storage.blame import denied
from fetchers.storage.sharing import is_shared
from fetchers.workspace.trust import refuse_strangers

if TYPE_CHECKING:
    from collections.abc import Mapping

CATALOGUE = "catalogue.toml"
CONFIG = "config.toml"
CACHE = "cache"
_REMOTE = frozenset({"s3:", "gs:", "az:", "http:", "https:"})  # what a path keeps of an address


def find_home(given: Path | None, environ: Mapping[str, str], cwd: Path) -> Path:
    """Return the absolute folder to work in.

    Raises `CatalogueError` where what was named is no folder, and for a workspace that was found and is a stranger's.
    """
    if given is not None:
        return _folder(cwd / given.expanduser(), "--home")
    if named := environ.get("FETCH_HOME"):
        return _folder(cwd / Path(named).expanduser(), "FETCH_HOME")
    for folder in (cwd, *cwd.parents):
        if _is_home(folder):
            refuse_strangers(folder, environ, shared=is_shared)
            return folder
    return _user_data()


def find_cache(given: Path | None, environ: Mapping[str, str], cwd: Path, home: Path, configured: object) -> Path:
    """Return the absolute path of the store. A relative one in `config.toml` is below the home, others below `cwd`."""
    if given is not None:
        return _folder(cwd / given.expanduser(), "--cache")
    if named := environ.get("FETCH_CACHE"):
        return _folder(cwd / Path(named).expanduser(), "FETCH_CACHE")
    if isinstance(configured, str) and configured:
        return _folder(home / Path(configured).expanduser(), "`cache` in config.toml")
    return _folder(home / CACHE, "the cache")


def _folder(path: Path, said_by: str) -> Path:
    scheme = next((part for part in path.parts if part.lower() in _REMOTE), None)
    if scheme is not None:
        raise CatalogueError(
            f"{said_by} is an address ({scheme}//...), and the store is a folder of this machine",
            hint="keep the store here, and send copies to a bucket: fetch push NAME s3://BUCKET/PREFIX",
        )
    hint = "fetch --home DIR ..."
    try:
        is_folder = stat.S_ISDIR(path.stat().st_mode)
    except (FileNotFoundError, NotADirectoryError):
        return path
    except PermissionError as error:
        raise denied(str(path), "it cannot be looked at", store=str(path)) from error
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else error
        raise CatalogueError(f"{said_by} is {path}, which cannot be looked at: {why}", hint=hint) from error
    if not is_folder:
        raise CatalogueError(f"{said_by} is {path}, which is a file; a folder is wanted", hint=hint)
    return path


def _is_home(folder: Path) -> bool:
    try:
        return stat.S_ISREG((folder / CATALOGUE).stat().st_mode) and stat.S_ISDIR((folder / CACHE).stat().st_mode)
    except OSError:  # what cannot be looked at is none
        return False


def _user_data() -> Path:
    import platformdirs

    return platformdirs.user_data_path("fetch", appauthor=False)
