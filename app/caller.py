"""Who is behind the request being served: set by the web app, asked by the data layer."""

from __future__ import annotations

from contextvars import ContextVar

http_caller: ContextVar[str | None] = ContextVar("http_caller", default=None)
"""Sign-in name behind the HTTP request; ``None`` outside one."""


class NotYours(PermissionError):
    """Somebody asked for what belongs to somebody else. The text can be shown."""

    def __init__(self) -> None:
        super().__init__("this conversation is not yours")


def current_caller() -> str | None:
    """Sign-in name of the person behind the running request or chat event, if any."""
    from chainlit.context import context_var

    context = context_var.get(None)
    user = context.session.user if context is not None else None
    return user.identifier if user is not None else http_caller.get()
