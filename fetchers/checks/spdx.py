"""Which of these identifiers does SPDX not know?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from license_expression import get_spdx_licensing

if TYPE_CHECKING:
    from collections.abc import Iterable


def unknown_to_spdx(identifiers: Iterable[str]) -> tuple[str, ...]:
    """Give those that are neither a licence nor an exception of SPDX's list, in the order given.

    The list is that of the `license-expression` package, which carries ScanCode's own identifiers, too; those are all
    called `LicenseRef-scancode-...`, and older names of a licence are known as its aliases.
    """
    known = {symbol.casefold() for symbol in get_spdx_licensing().known_symbols}
    return tuple(identifier for identifier in identifiers if identifier.casefold() not in known)
