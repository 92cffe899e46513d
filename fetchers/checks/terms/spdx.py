"""Which of these identifiers does SPDX not know?

The list is that of the `license-expression` package, which carries ScanCode's own identifiers, too; those are all
called `LicenseRef-scancode-...`. What SPDX has taken out of use stands on its list still.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from license_expression import get_spdx_licensing

if TYPE_CHECKING:
    from collections.abc import Iterable


_GNU = ("AGPL-1.0", "AGPL-3.0", "GFDL-1.1", "GFDL-1.2", "GFDL-1.3", "GPL-1.0", "GPL-2.0", "GPL-3.0")
_DEPRECATED = (  # https://spdx.org/licenses/, "Deprecated License Identifiers"
    *(*_GNU, "LGPL-2.0", "LGPL-2.1", "LGPL-3.0", "BSD-2-Clause-FreeBSD", "BSD-2-Clause-NetBSD", "bzip2-1.0.5"),
    *("eCos-2.0", "Net-SNMP", "Nunit", "StandardML-NJ", "wxWindows"),
    *(f"GPL-2.0-with-{name}-exception" for name in ("autoconf", "bison", "classpath", "font", "GCC")),
    *("GPL-3.0-with-autoconf-exception", "GPL-3.0-with-GCC-exception"),
)


def unknown_to_spdx(identifiers: Iterable[str]) -> tuple[str, ...]:
    """Give those that are no licence of SPDX's list, with a `+` (or later) or without, in the order given."""
    symbols = get_spdx_licensing().known_symbols.items()
    known = {key.casefold() for key, symbol in symbols if not symbol.is_exception}
    known.update(map(str.casefold, _DEPRECATED))
    return tuple(one for one in identifiers if one.casefold().removesuffix("+") not in known)


def no_exceptions_of_spdx(identifiers: Iterable[str]) -> tuple[str, ...]:
    """Give those that are no exception of SPDX's list, in the order given."""
    known = {key.casefold() for key, symbol in get_spdx_licensing().known_symbols.items() if symbol.is_exception}
    return tuple(one for one in identifiers if one.casefold() not in known)
