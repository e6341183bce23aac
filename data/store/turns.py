"""Conversations, their turns, and what people thought of them."""

from __future__ import annotations

from sqlmodel import Session, col, select

from data.store.canonical import now
from data.store.errors import NotFound, NotYours, StoreError
from data.store.insert import insert_once
from data.store.tables import FeedbackRow, ThreadRow, Turn


def own_thread(session: Session, org_id: str, person_id: str, thread_id: str) -> None:
    """Make sure the conversation is this person's; a new one becomes theirs.

    Raises ``NotYours`` for a conversation of anyone else, in any organisation.
    """
    thread = session.get(ThreadRow, thread_id)
    if thread is None:
        insert_once(session, ThreadRow(id=thread_id, org_id=org_id, person_id=person_id))
        thread = session.get_one(ThreadRow, thread_id)
    if (thread.org_id, thread.person_id) != (org_id, person_id):
        raise NotYours("this conversation belongs to someone else")


def record_turn(
    session: Session,
    org_id: str,
    turn_id: str,
    thread_id: str,
    person_id: str,
    trace_id: str | None = None,
    run_id: str | None = None,
) -> Turn:
    """Keep a turn; recorded again, it takes the ids of trace and run that it lacked.

    Raises ``NotYours`` when the conversation or the turn is another person's.
    """
    own_thread(session, org_id, person_id, thread_id)
    new = Turn(
        org_id=org_id, id=turn_id, thread_id=thread_id, person_id=person_id,
        trace_id=trace_id, run_id=run_id,
    )  # fmt: skip
    if insert_once(session, new):
        return new
    turn = session.get_one(Turn, (org_id, turn_id))
    if (turn.thread_id, turn.person_id) != (thread_id, person_id):
        raise NotYours("this turn belongs to another conversation")
    turn.trace_id = trace_id or turn.trace_id
    turn.run_id = run_id or turn.run_id
    session.add(turn)
    session.flush()
    return turn


def turn(session: Session, org_id: str, turn_id: str) -> Turn | None:
    return session.get(Turn, (org_id, turn_id))


def turns_of_thread(session: Session, org_id: str, thread_id: str) -> tuple[Turn, ...]:
    """The turns of a conversation, the first one first."""
    wanted = select(Turn).where(Turn.org_id == org_id, Turn.thread_id == thread_id)
    return tuple(session.exec(wanted.order_by(col(Turn.created), col(Turn.id))))


def record_feedback(
    session: Session,
    org_id: str,
    person_id: str,
    turn_id: str,
    value: int,
    comment: str | None = None,
) -> FeedbackRow:
    """Keep a thumb (1 up, 0 down) and its comment; a second one replaces the first.

    Raises ``NotFound`` for a turn the organisation lacks, ``NotYours`` for another person's turn.
    """
    if value not in (0, 1):
        raise StoreError("a thumb is up or down")
    of = session.get(Turn, (org_id, turn_id))
    if of is None:
        raise NotFound("there is no such answer")
    if of.person_id != person_id:
        raise NotYours("only the person who asked can say how good the answer was")
    new = FeedbackRow(org_id=org_id, turn_id=turn_id, person_id=person_id, value=value)
    insert_once(session, new)
    row = feedback_on(session, org_id, person_id, turn_id)
    assert row is not None
    row.value, row.comment, row.at = value, comment, now()
    session.add(row)
    session.flush()
    return row


def remove_feedback(
    session: Session, org_id: str, person_id: str, feedback_id: str
) -> FeedbackRow | None:
    """Take the person's own feedback back and return what it was; ``None`` if it is not there."""
    row = session.get(FeedbackRow, feedback_id)
    if row is None or (row.org_id, row.person_id) != (org_id, person_id):
        return None
    session.delete(row)
    session.flush()
    return row


def feedback_on(session: Session, org_id: str, person_id: str, turn_id: str) -> FeedbackRow | None:
    """What this person said of the turn."""
    wanted = select(FeedbackRow).where(
        FeedbackRow.org_id == org_id,
        FeedbackRow.turn_id == turn_id,
        FeedbackRow.person_id == person_id,
    )
    return session.exec(wanted).one_or_none()
