"""The names of what a request of the client may say beside itself; importing them does not import httpx."""

from __future__ import annotations

ONCE = "once"  # True: it is asked once only, and a failure is final
SIGN_IN = "sign_in"  # the names of the two parameters in which a place wants user and password
