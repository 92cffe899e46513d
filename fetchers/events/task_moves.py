"""Refuse a move of a task that cannot be: it is over, it waits for another, it is so already."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from fetchers.errors import CatalogueError

if TYPE_CHECKING:
    from fetchers.checks.access.applications import Application
    from fetchers.checks.access.tasks import Task

Action = Literal["start", "done", "skip", "reopen", "assign"]


def refuse_over(found: Application, name: str) -> None:
    """Raise `CatalogueError` where the application is over."""
    if found.over:
        raise CatalogueError(
            f"the application for {found.address} is {found.state}: nothing of it is left to do",
            hint=f"fetch apply {name}   (opens a new one)",
        )


def refuse_move(task: Task, address: str, action: Action, owner: str | None, *, ended: bool) -> None:
    """Raise `CatalogueError` for a move that the state of the task does not allow."""
    if action == "assign" and not (owner or "").strip():
        raise CatalogueError("whom is it given to?", hint=f"fetch tasks assign {address} {task.key} --owner PERSON")
    if action in ("done", "start") and task.state == "blocked":
        needs = ", ".join(task.waits_for)
        raise CatalogueError(
            f"{address} {task.key} waits for {needs}: that has to be done (or skipped) first",
            hint=f"fetch tasks done {address} {task.waits_for[0]}",
        )
    if action == "start" and task.state in ("done", "skipped"):
        raise CatalogueError(
            f"{address} {task.key} is {task.state} already", hint=f"fetch tasks reopen {address} {task.key}"
        )
    if action == "reopen" and task.waits and ended:
        raise CatalogueError(
            f"{address} {task.key} ended with the answer, which is recorded", hint=f"fetch status {address}"
        )
    if action == "reopen" and task.state in ("todo", "blocked"):
        raise CatalogueError(f"{address} {task.key} is {task.state}: it is open already", hint=f"fetch tasks {address}")
