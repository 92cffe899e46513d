"""What the software licences of SPDX's list allow for data that come under one of them.

A licence that grants every use to whoever keeps its notice is all `yes`. Whether a trained model is a derivative of its
data is unsettled: where a derivative stays under the licence, `publish-model` is `unknown`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from fetchers.checks.terms.tables import Table

if TYPE_CHECKING:
    from collections.abc import Mapping

    from fetchers.dataset import Answer

_Answers = dict[str, tuple["Answer", str]]

_SPDX = "https://spdx.org/licenses/"
_NOTICE, _CHANGES = ("notice",), ("notice", "state-changes")
_COPYLEFT = ("notice", "share-alike", "state-changes")


def _permissive(name: str, identifier: str, grant: str, duties: tuple[str, ...] = _NOTICE) -> Table:
    return Table(name, f"{_SPDX}{identifier}.html", duties, grant)


def _copyleft(name: str, identifier: str, grant: str, derivatives: str, duties: tuple[str, ...] = _COPYLEFT) -> Table:
    others: _Answers = {
        "publish-derivatives": ("yes", derivatives),
        "publish-model": (
            "unknown",
            "whether a trained model is a derivative of its data is unsettled; if it is, it goes out with its source",
        ),
    }
    return Table(name, f"{_SPDX}{identifier}.html", duties, grant, others)


def _gnu(name: str, stem: str, grant: str, derivatives: str) -> dict[str, Table]:
    return {
        f"{stem}-{extent}": _copyleft(name, f"{stem}-{extent}", grant, derivatives) for extent in ("only", "or-later")
    }


SOFTWARE: Mapping[str, Table] = {
    "MIT": _permissive("MIT License", "MIT", "every use without restriction; its notice goes along with copies"),
    "ISC": _permissive("ISC License", "ISC", "use, copy, modify, distribute for any purpose; its notice goes along"),
    "NCSA": _permissive("NCSA Open Source License", "NCSA", "every use without restriction; its notice goes along"),
    "PostgreSQL": _permissive(
        "PostgreSQL License", "PostgreSQL", "use, copy, modify, distribute for any purpose; notice"
    ),
    "BSL-1.0": _permissive(
        "Boost Software License 1.0", "BSL-1.0", "use, reproduce, distribute, prepare derivatives; notice"
    ),
    "BSD-2-Clause": _permissive(
        "BSD 2-Clause License", "BSD-2-Clause", "use and redistribution, with or without changes; 1 and 2: its notice"
    ),
    "BSD-3-Clause": _permissive(
        "BSD 3-Clause License", "BSD-3-Clause", "use and redistribution, with or without changes; 1 and 2: its notice"
    ),
    "BSD-3-Clause-Clear": _permissive(
        "BSD 3-Clause Clear License",
        "BSD-3-Clause-Clear",
        "use and redistribution, with or without changes; 1 and 2: its notice; no patent is licensed",
    ),
    "Zlib": _permissive(
        "zlib License", "Zlib", "any purpose, commercial included; 2: changes are marked; 3: notice", _CHANGES
    ),
    "AFL-3.0": _permissive(
        "Academic Free License v3.0", "AFL-3.0", "1: every use; 6: notices are kept and changes named", _CHANGES
    ),
    "ECL-2.0": _permissive(
        "Educational Community License v2.0",
        "ECL-2.0",
        "2: every use; 4: licence and notices go along, changes are named",
        _CHANGES,
    ),
    "Apache-2.0": Table(
        "Apache License 2.0",
        "https://www.apache.org/licenses/LICENSE-2.0",
        _CHANGES,
        "2: every use; 4: licence and notices go along, and changed files say so",
    ),
    "MPL-2.0": _copyleft(
        "Mozilla Public License 2.0",
        "MPL-2.0",
        "2.1: every use; 3.1: copies stay under the licence",
        "3.1: under the same licence",
        _COPYLEFT[:2],
    ),
    "EPL-2.0": _copyleft(
        "Eclipse Public License 2.0",
        "EPL-2.0",
        "2(a): every use; 3: copies go out with the licence",
        "3: under the same licence",
        _COPYLEFT[:2],
    ),
    "EPL-1.0": _copyleft(
        "Eclipse Public License 1.0",
        "EPL-1.0",
        "2(a): every use; 3: copies go out with the licence",
        "2(a) and 3: under the same licence",
        _COPYLEFT[:2],
    ),
    "MS-PL": _copyleft(
        "Microsoft Public License",
        "MS-PL",
        "2(A): every use; 3(C) and 3(D): notices and the licence go along",
        "2(A) and 3(D): under the same licence",
        _COPYLEFT[:2],
    ),
    "OSL-3.0": _copyleft(
        "Open Software License 3.0",
        "OSL-3.0",
        "1: every use; 1(c) and 5: what others get or use over a network stays under the licence",
        "1(c) and 6: under the same licence, changes named",
    ),
    "Artistic-2.0": _copyleft(
        "Artistic License 2.0",
        "Artistic-2.0",
        "1 and 2: any purpose, changes in private included, and unmodified copies with their notices",
        "4: with its differences documented, and open to the owner or others, or under another name",
        _CHANGES,
    ),
    "OFL-1.1": Table(
        "SIL Open Font License 1.1",
        f"{_SPDX}OFL-1.1.html",
        _COPYLEFT[:2],
        "use, copy, modify, redistribute; 2 and 5: notice and licence go along, and it stays under the licence",
        {
            "commercial": ("unknown", "1: it may not be sold by itself, only with something else"),
            "publish-model": (
                "unknown",
                "5: what is made of it stays under the licence; whether a model is, is unsettled",
            ),
        },
    ),
    "EUPL-1.1": _copyleft(
        "European Union Public Licence 1.1",
        "EUPL-1.1",
        "article 2: every use; article 5: notices and the licence go along",
        "article 5: under the same or a compatible licence, changes and their day named",
    ),
    "EUPL-1.2": _copyleft(
        "European Union Public Licence 1.2",
        "EUPL-1.2",
        "article 2: every use; article 5: notices and the licence go along",
        "article 5: under the same or a compatible licence, changes and their day named",
    ),
    **_gnu(
        "GNU General Public License 2.0",
        "GPL-2.0",
        "0 to 3: every use; copies go out with licence and source",
        "2(b): under the same licence, with its source, changes and their day named",
    ),
    **_gnu(
        "GNU General Public License 3.0",
        "GPL-3.0",
        "2 and 4 to 6: every use; copies go out with licence and source",
        "5: under the same licence, with its source, changes and their day named",
    ),
    **_gnu(
        "GNU Lesser General Public License 2.1",
        "LGPL-2.1",
        "0 to 4: every use; copies go out with licence and source",
        "2: under the same licence, with its source, changes and their day named",
    ),
    **_gnu(
        "GNU Lesser General Public License 3.0",
        "LGPL-3.0",
        "every use, as by GPL 3.0 with the exceptions of 2 to 5",
        "2: under this licence or the GPL, with its source",
    ),
    **_gnu(
        "GNU Affero General Public License 3.0",
        "AGPL-3.0",
        "2 and 4 to 6: every use; copies go out with licence and source",
        "5: under the same licence, with its source; 13: users over a network get it, too",
    ),
}
