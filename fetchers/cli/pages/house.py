"""How is the house? What `doctor` found, and where `report` wrote."""

from __future__ import annotations
