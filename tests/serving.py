"""A server in a thread of its own."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from socketserver import BaseServer


def start(server: BaseServer) -> threading.Thread:
    """Let it answer."""
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    return thread


def stop(server: BaseServer, thread: threading.Thread) -> None:
    """Let it end, and wait for that."""
    server.shutdown()
    server.server_close()
    thread.join()
