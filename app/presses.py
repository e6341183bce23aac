"""Presses of buttons: the chat library's route, with an answer where its session is not there."""

from __future__ import annotations

from typing import Annotated, Any

from chainlit.auth import get_current_user
from chainlit.server import call_action
from chainlit.session import WebsocketSession
from chainlit.types import CallActionRequest
from chainlit.user import PersistedUser, User
from fastapi import APIRouter, Depends

from app import wording

router = APIRouter(include_in_schema=False)
Caller = Annotated[User | PersistedUser | None, Depends(get_current_user)]


@router.post("/project/action")
async def press(payload: CallActionRequest, caller: Caller) -> Any:
    """Hand the press on. A page that is just connecting, or after a restart of the server
    connecting again, is asked to try once more."""
    if WebsocketSession.get_by_id(payload.sessionId) is None:
        answer = {"ok": False, "again": True, "message": wording.CARD_WORDS["lost"]}
        return {"success": True, "response": answer}
    return await call_action(payload, caller)
