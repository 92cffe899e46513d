"""Remember which credentials were refused, so that none is sent twice.

Asking on with a refused password locks accounts. So until an origin has accepted a credential (or its absence), at
most two questions with it are under way or refused; after two refusals nothing more is asked with it in this command.
"""

from __future__ import annotations

from dataclasses import dataclass

MOST = 2
Key = tuple[tuple[str, str, int], str]


@dataclass(slots=True)
class _Known:
    refused: int = 0
    under_way: int = 0
    accepted: bool = False


class AuthLockout:
    """What the origins said of each credential, by origin and the credential's prefix (empty: none)."""

    def __init__(self) -> None:
        self._known: dict[Key, _Known] = {}

    def closed(self, key: Key) -> bool:
        """Return True if asking again is pointless."""
        known = self._known.get(key)
        return known is not None and not known.accepted and known.refused >= MOST

    def may_ask(self, key: Key) -> bool:
        """Return True if another request may start now; if not and not `closed`, one in flight will decide."""
        known = self._known.get(key)
        return known is None or known.accepted or known.refused + known.under_way < MOST

    def asked(self, key: Key) -> None:
        """Count a request that starts."""
        self._of(key).under_way += 1

    def ended(self, key: Key) -> None:
        """Count its end, whatever it was."""
        self._of(key).under_way -= 1

    def accepted(self, key: Key) -> None:
        """Note that it was answered with something else than a refusal."""
        self._of(key).accepted = True

    def refused(self, key: Key) -> None:
        """Note a 401 or 403."""
        self._of(key).refused += 1

    def _of(self, key: Key) -> _Known:
        known = self._known.get(key)
        if known is None:
            known = self._known[key] = _Known()
        return known
