"""Guess the encoding of names that are no UTF-8 and do not say what they are.

`charset-normalizer` leaves out what cannot be; of names of a few letters several encodings remain. Of those the one
counts in which the letters are of one script and common in it.
"""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence

_CANDIDATES = ("cp932", "gb18030", "big5", "euc_kr", "cp1252", "cp437", "cp1251")
_FALLBACK = "cp437"
_SCRIPTS = {"HIRAGANA": "cp932", "KATAKANA": "cp932", "HANGUL": "euc_kr"}
_NEAR = 0.2  # of charset-normalizer's measure of chaos: what is no worse by more may be it
_JIS_ONE = 0x98  # the first byte with which the common signs of JIS end
_LEVEL_ONE = range(0xB0, 0xD8)  # first bytes of GB 2312 for its 3,755 common signs


def guessed(names: Sequence[bytes]) -> str:
    """Return the name of a codec of Python's that decodes all of `names`, and most probably is the right one."""
    from charset_normalizer import from_bytes

    text = b"\n".join(names)
    found = list(from_bytes(text, cp_isolation=list(_CANDIDATES), threshold=0.9, language_threshold=0.0))
    if not found:
        return _FALLBACK
    least = min(match.chaos for match in found)
    near = [match.encoding for match in found if match.chaos <= least + _NEAR]
    order = [name for name in _CANDIDATES if name in near] or [found[0].encoding]
    return max(order, key=lambda name: (_plausible(text.decode(name, "replace"), name), -order.index(name)))


def _plausible(text: str, encoding: str) -> float:
    """Return how many of the signs beyond ASCII are letters that such a text would have, from 0 to 1."""
    strange = [(before, sign) for before, sign in zip(" " + text, text, strict=False) if ord(sign) > 127]  # noqa: PLR2004
    return sum(_weight(before, sign, encoding) for before, sign in strange) / max(1, len(strange))


def _weight(before: str, sign: str, encoding: str) -> float:
    script = unicodedata.name(sign, "").partition(" ")[0].partition("-")[0]
    if script == "CJK":
        return _common(sign, encoding)
    if script == "CYRILLIC":
        # No word mixes it with Latin letters, and few are all capitals.
        mixed = encoding != "cp1251" or (before.isascii() and before.isalpha())
        return 0.1 if mixed else 1.0 if sign.islower() or not before.isalpha() else 0.5
    if script == "LATIN":
        # A capital within a word of small letters is what a wrong decoding makes.
        return 0.9 if sign.islower() or not before.islower() else 0.1
    return 1.0 if _SCRIPTS.get(script) == encoding else 0.1


def _common(sign: str, encoding: str) -> float:
    if encoding == "euc_kr":
        return 0.2  # Korean names are written in Hangul
    try:
        first = sign.encode("gb2312")[0] if encoding == "gb18030" else sign.encode(encoding)[0]
    except UnicodeEncodeError:
        return 0.3
    if encoding == "gb18030":
        return 0.95 if first in _LEVEL_ONE else 0.4
    if encoding == "big5":
        return 0.9 if first < 0xC9 else 0.3  # noqa: PLR2004 - its 5,401 common signs stand before
    return 0.85 if first <= _JIS_ONE else 0.3
