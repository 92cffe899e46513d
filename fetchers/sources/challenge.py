"""Grand Challenge, https://drive.grand-challenge.org: DRIVE, for those who joined.

Its interface has no documented address for a challenge's files, and the terms want them taken from the site itself; so a
person downloads them there, and `fetch adopt` takes them in.
"""

from __future__ import annotations

from fetchers.source import ByHand


class Challenge(ByHand):
    """What members of a challenge download in their browser."""
