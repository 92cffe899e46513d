"""Ask the record for images that several datasets or parts have."""

from __future__ import annotations

_IMAGES = {
    "files": ("sha256", "files", "beside = 0 AND size > 0"),
    "instances": ("sop_instance", "files", "sop_instance IS NOT NULL"),
    "pixels": ("pixels", "files JOIN pixels USING (sha256)", "pixels IS NOT NULL"),
}


def shared_images(same: str, *, alone: bool = False) -> str:
    """Return the query: key, dataset, part, path of what more than one dataset or part has, in order of the keys.

    With `alone` also what one has alone: another store may have it, too.
    """
    key, table, which = _IMAGES[same]
    if alone:
        return f"SELECT {key}, dataset, part, path FROM {table} WHERE {which} ORDER BY 1, 2, 3, 4"  # noqa: S608 - ours
    several = (
        f"SELECT {key} FROM {table} WHERE {which} GROUP BY {key}"  # noqa: S608 - names of ours
        " HAVING MIN(dataset || '/' || part) <> MAX(dataset || '/' || part)"
    )
    return (
        f"SELECT {key}, dataset, part, path FROM {table} WHERE {which} AND {key} IN ({several})"  # noqa: S608 - the same
        f" ORDER BY {key}, dataset, part, path"
    )
