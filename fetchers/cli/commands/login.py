"""`fetch login` and `fetch logout`: a credential for one place."""

from __future__ import annotations
