"""Table of DICOM's value representations, and the size of their length fields.

PS3.5 (2026a), table 7.1-1 and 7.1-2: the long ones have two reserved bytes and a length of four.
"""

from __future__ import annotations

LONG = frozenset((b"OB", b"OW", b"OF", b"OD", b"OL", b"OV", b"SQ", b"UN", b"UT", b"UC", b"UR", b"SV", b"UV"))
SHORT = frozenset(b"AE AS AT CS DA DS DT FD FL IS LO LT PN SH SL SS ST TM UI UL US".split())
