"""The errors, with their exit statuses and hints.

* FetchError                                                             exit 1
  x CatalogueError   the catalogue or the command says what cannot be         2
  x NothingMatched   the selection is empty                                   3
  x ContentError     it arrived, and is not what was promised                 4
    x SourceError    a place's answer (listing, record) is not what it should be
  x TransferError    the bytes did not arrive; try again later                5
    x AbsentError    the place has nothing at that address (404, 410)
  x AccessError      a person has to act first                                6
  x StoreError       this machine's disk                                      7
  x TermsError       the terms do not allow what was asked                    8

    try:
        fetchers.fetch("shenzhen")
    except fetchers.FetchError as error:
        print(error.what, error.hint, error.exit_status)

Two statuses have no error of their own: 9 (some files held, some failed) and 130 (interrupted).
An error holds text only: no secret, no live object, nothing else of this package.
"""

from __future__ import annotations

PARTLY_DONE = 9
INTERRUPTED = 130
ON_WINDOWS = (
    "error: fetch needs Linux or macOS; on Windows it runs in WSL, the Windows Subsystem for Linux\n"
    "try: wsl --install, then install it there with pip; files of Windows lie below /mnt/c in WSL"
)


class FetchError(Exception):
    """Base of everything that this package raises on purpose.

    `what` names both values where two disagree ("3 bytes arrived, 4 were promised");
    `hint` is the next thing to do, as a rule a command to type.
    """

    exit_status = 1

    def __init__(self, what: str, *, hint: str | None = None) -> None:
        super().__init__(what)
        self.what = what
        self.hint = hint

    def __reduce__(self) -> tuple[object, ...]:
        """Survive the way back from a worker process, hint included."""
        return _rebuild, (type(self), self.what, self.hint)


class CatalogueError(FetchError):
    """The catalogue, the configuration or the command says what cannot be."""

    exit_status = 2


class NothingMatched(FetchError):  # noqa: N818 - it is what happened, in the words of the contract
    """The selection is empty."""

    exit_status = 3


class ContentError(FetchError):
    """It arrived, and is not what was promised."""

    exit_status = 4


class SourceError(ContentError):
    """A place's answer is not what it should be; names the address and the field."""


class TransferError(FetchError):
    """The bytes did not arrive; trying again later may help."""

    exit_status = 5


class AbsentError(TransferError):
    """The place has nothing at that address (404, 410)."""


class AccessError(FetchError):
    """A person has to act first."""

    exit_status = 6


class StoreError(FetchError):
    """The local disk refused: full, read-only, no permission, or an I/O error."""

    exit_status = 7


class TermsError(FetchError):
    """The terms, or this workspace's policy, do not allow what was asked."""

    exit_status = 8


def unforeseen(error: BaseException) -> FetchError:
    """Make a sentence of an error that nobody meant, with the place where it was raised."""
    trace, where = error.__traceback__, ""
    while trace is not None:
        where = f" ({trace.tb_frame.f_code.co_filename.rpartition('/')[2]}, line {trace.tb_lineno})"
        trace = trace.tb_next
    return FetchError(f"unforeseen: {type(error).__name__}: {error}{where}")


def _rebuild(kind: type[FetchError], what: str, hint: str | None) -> FetchError:
    return kind(what, hint=hint)
