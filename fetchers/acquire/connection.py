"""How one `get` is connected: the network session and the client, each opened when it is first needed."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from contextlib import ExitStack

    from fetchers.acquire.request import GetRequest
    from fetchers.context import Context
    from fetchers.source import Client
    from fetchers.transport.network_session import NetworkSession


class Connection:
    """Opens what the datasets of one command share; a second run, which needs no network, pays for none of it."""

    def __init__(self, context: Context, request: GetRequest, stack: ExitStack) -> None:
        self._context, self._request, self._stack = context, request, stack
        self._client: Client | None = None
        self._line: NetworkSession | None = None

    def begin_listing(self) -> None:
        """Forget which places were asked: whose listing it is decides what that may name."""
        if self._line is not None:
            self._line.asked.clear()

    def client(self) -> Client:
        """Return the client, opened when the first source wants one."""
        if self._client is None:
            from fetchers.transport.http_client import converse

            self._client = self._stack.enter_context(converse(self.line()))
        return self._client

    def line(self) -> NetworkSession:
        """Return how this command is connected."""
        if self._line is None:
            from fetchers.transport.network_session import connect

            context, request = self._context, self._request
            self._line = connect(
                home=context.workspace.home,
                environ=context.environ,
                mirrors=context.mirrors,
                offline=context.offline,
                timeout=context.timeout,
                retries=context.retries,
                limit_rate=request.limit_rate,
                jobs=request.jobs,
                netrc=context.workspace.config.netrc,
            )
        return self._line
