"""Thumbs: the chat library's two routes, with a check of whose answer it is."""

from __future__ import annotations

from fastapi import APIRouter, HTTPException
from pydantic import BaseModel, Field

from app import wording
from app.caller import NotYours, http_caller
from app.desk import Opinion, desk

router = APIRouter(include_in_schema=False)


class Thumb(BaseModel):
    """What the browser sends about one answer."""

    forId: str = Field(max_length=64)
    value: int = Field(ge=0, le=1)
    comment: str | None = Field(default=None, max_length=4000)


class Given(BaseModel):
    feedback: Thumb


class Taken(BaseModel):
    feedbackId: str = Field(max_length=64)


def _caller() -> str:
    login = http_caller.get()
    if login is None:
        raise HTTPException(status_code=401, detail=wording.SIGNED_OUT)
    return login


@router.put("/feedback")
async def give(given: Given) -> dict[str, object]:
    """Keep a thumb, and hand it to the reviewers."""
    from chainlit.types import Feedback

    login, thumb = _caller(), given.feedback
    value = 1 if thumb.value == 1 else 0
    feedback = Feedback(forId=thumb.forId, value=value, comment=thumb.comment)
    try:
        kept = await desk().layer.upsert_feedback(feedback)
    except NotYours as refusal:
        raise HTTPException(status_code=404, detail=wording.NO_SUCH_ANSWER) from refusal
    opinion = Opinion(thumb.forId, login, up=value == 1, comment=thumb.comment or "")
    await desk().keep_opinion(opinion)
    return {"success": True, "feedbackId": kept}


@router.delete("/feedback")
async def take_back(taken: Taken) -> dict[str, object]:
    """Forget a thumb, here and with the reviewers."""
    login, layer = _caller(), desk().layer
    try:
        answer = await layer.answer_of_feedback(taken.feedbackId)
        await layer.delete_feedback(taken.feedbackId)
    except NotYours as refusal:
        raise HTTPException(status_code=404, detail=wording.NO_SUCH_ANSWER) from refusal
    if answer is not None:
        await desk().drop_opinion(answer, login)
    return {"success": True}
