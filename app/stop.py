"""The stop button."""

from __future__ import annotations

import chainlit as cl
from chainlit.context import init_ws_context
from chainlit.session import WebsocketSession

from app import wording


async def stop(sid: str) -> None:
    """End the running turn; what the pipeline saved before stays saved."""
    session = WebsocketSession.get(sid)
    if session is None:
        return
    init_ws_context(session)
    if session.current_task is not None:
        session.current_task.cancel()
    await cl.Message(wording.STOPPED).send()
