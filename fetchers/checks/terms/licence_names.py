"""Which licence does a place mean?

Places name a licence in prose (`Creative Commons Attribution 3.0 Unported License`), by its address, or by a short name
(`cc-by-4.0`). What is not recognised without doubt stays unknown: a version that is not named is not guessed.
"""

from __future__ import annotations

_CC_PAGE = r"creativecommons\.org/licen[sc]es/(by(?:-nc)?(?:-sa|-nd)?)/(\d\.\d)(?:/([a-z]{2,3}))?(?:/|$)"
_CC_ZERO = r"creativecommons\.org/publicdomain/zero/1\.0"
_CC_SHORT = (
    r"cc[ _-]?(by(?:[ _-](?:nc|sa|nd|nc[ _-]sa|nc[ _-]nd))?)"
    r"[ _-]?(?:v\.? ?)?(\d\.\d)(?:[ _-](igo|unported|international|\w\w))?"
)
_CC_PROSE = (
    r"(?:creative commons )?attribution((?:[ -]*(?:non ?-?commercial|share ?-?alike|no ?-?deriv\w*))*)"
    r"[ -]*(\d\.\d)\b(.*)"
)
_PORTS = ("igo", "us", "au", "de", "at", "nl", "uk", "fr", "jp")
_PAGES = {
    "opensource.org/licenses/mit": "MIT",
    "opensource.org/license/mit": "MIT",
    "apache.org/licenses/license-2.0": "Apache-2.0",
    "opendatacommons.org/licenses/odbl/1": "ODbL-1.0",
    "opendatacommons.org/licenses/by/1": "ODC-By-1.0",
    "opendatacommons.org/licenses/pddl/1": "PDDL-1.0",
    "cdla.dev/permissive-2-0": "CDLA-Permissive-2.0",
    "cdla.dev/permissive-1-0": "CDLA-Permissive-1.0",
    "cdla.dev/sharing-1-0": "CDLA-Sharing-1.0",
    "unlicense.org": "Unlicense",
}
_NAMES = {
    "cc0": "CC0-1.0",
    "cc-zero": "CC0-1.0",
    "cc0-1.0": "CC0-1.0",
    "cc0 1.0": "CC0-1.0",
    "creative commons zero v1.0 universal": "CC0-1.0",
    "creative commons zero 1.0 universal": "CC0-1.0",
    "cc0 1.0 universal": "CC0-1.0",
    "mit": "MIT",
    "mit license": "MIT",
    "mit licence": "MIT",
    "apache-2.0": "Apache-2.0",
    "apache2.0": "Apache-2.0",
    "apache license 2.0": "Apache-2.0",
    "bsd-2-clause": "BSD-2-Clause",
    "bsd-3-clause": "BSD-3-Clause",
    "odbl-1.0": "ODbL-1.0",
    "odc-odbl": "ODbL-1.0",
    "odc-by-1.0": "ODC-By-1.0",
    "odc-by": "ODC-By-1.0",
    "pddl-1.0": "PDDL-1.0",
    "odc-pddl": "PDDL-1.0",
    "odc-pddl-1.0": "PDDL-1.0",
    "unlicense": "Unlicense",
    "gpl-3.0-only": "GPL-3.0-only",
    "gpl-3.0-or-later": "GPL-3.0-or-later",
}


def spdx_of(name: str | None, url: str | None = None) -> str | None:
    """Give the SPDX identifier for what a place says; None where that is not without doubt.

    Where name and address speak of two different licences, neither is believed.
    """
    found = {identifier for identifier in (_of_url(url), _of_name(name)) if identifier}
    return found.pop() if len(found) == 1 else None


def _of_url(url: str | None) -> str | None:
    if not url:
        return None
    import re

    address = url.strip().lower().split("?")[0]
    if re.search(_CC_ZERO, address):
        return "CC0-1.0"
    if page := re.search(_CC_PAGE, address):
        return _creative(page[1], page[2], page[3])
    return next((identifier for start, identifier in _PAGES.items() if start in address), None)


def _of_name(name: str | None) -> str | None:
    if not name:
        return None
    import re

    said = " ".join(name.strip().lower().split())
    if said in _NAMES:
        return _NAMES[said]
    if said.startswith(("http://", "https://")):
        return _of_url(said)
    if short := re.fullmatch(_CC_SHORT, said):
        return _creative(re.sub(r"[ _]", "-", short[1]), short[2], short[3])
    if prose := re.search(_CC_PROSE, said):
        kinds = re.sub(r"[ -]", "", prose[1])
        kind = "by" + "".join(
            short
            for long, short in (("noncommercial", "-nc"), ("sharealike", "-sa"), ("noderiv", "-nd"))
            if long in kinds
        )
        port = "igo" if re.search(r"\bigo\b|intergovernmental", prose[3]) else None
        return _creative(kind, prose[2], port)
    return None


def _creative(kind: str, version: str, port: str | None) -> str:
    suffix = f"-{port.upper()}" if port in _PORTS else ""
    return f"CC-{kind.upper()}-{version}{suffix}"
