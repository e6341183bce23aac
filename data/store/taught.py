"""Words that were taught: proposed with their evidence, settled by somebody else, kept for good.

Approving one makes versions whose ontology has the word, and both environments run them from then
on; so a version always says which words it was read with.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import cast

from sqlmodel import Session, col, select

from data.ontology.taught import with_synonym, without_synonym
from data.rulelang.version import Version, with_names
from data.store.audit import audit, lock_organisation
from data.store.canonical import now
from data.store.deployments import put_step, top
from data.store.errors import AlreadySettled, NotFound, NotYours, OwnChange
from data.store.tables import DeploymentStep, Environment, TaughtWord, VersionRow
from data.store.versions import keep_version

Load = Callable[[str], Version]
"""A saved version of the organisation by its id."""


def propose_word(
    session: Session, org_id: str, word: str, term: str, message: str, thread_id: str, by: str
) -> tuple[TaughtWord, bool]:
    """The word as it waits for an approver, and whether it had not been waiting before.

    ``message`` is the evidence, masked by the caller.
    """
    lock_organisation(session, org_id)
    waits = (r for r in taught_words(session, org_id) if r.status == "waiting" and r.term == term)
    known = next((r for r in waits if r.word.casefold() == word.casefold()), None)
    if known is not None:
        return known, False
    row = TaughtWord(
        org_id=org_id, word=word, term=term, message=message, thread_id=thread_id, by=by
    )
    session.add(row)
    session.flush()
    audit(session, org_id, by, "word.proposed", row.id, {"word": word, "term": term})
    return row, True


def taught_words(session: Session, org_id: str) -> tuple[TaughtWord, ...]:
    """Every word that was ever taught, the newest first."""
    wanted = select(TaughtWord).where(TaughtWord.org_id == org_id)
    return tuple(session.exec(wanted.order_by(col(TaughtWord.created).desc(), col(TaughtWord.id))))


def approve_word(session: Session, org_id: str, word_id: str, by: str, load: Load) -> None:
    """Let everybody in the organisation use the word from now on.

    Raises ``NotFound``, ``AlreadySettled``, and ``OwnChange`` for a word of their own.
    """
    row = _row(session, org_id, word_id, "waiting")
    if row.by == by:
        raise OwnChange("a word is approved by someone other than who taught it")
    _settle(session, row, by, "approved")
    said = f"`{row.word}` is another word for {row.term.rpartition('=')[2]}"
    _deploy_words(session, org_id, by, said, load, (row.term, row.word), gone=False)


def refuse_word(session: Session, org_id: str, word_id: str, by: str, reason: str) -> None:
    """Leave the word out, and keep why. Raises ``NotFound`` and ``AlreadySettled``."""
    _settle(session, _row(session, org_id, word_id, "waiting"), by, "refused", reason)


def take_back_word(session: Session, org_id: str, word_id: str, by: str) -> None:
    """Somebody's own word, before it was settled. Raises ``NotYours`` and as the others."""
    row = _row(session, org_id, word_id, "waiting")
    if row.by != by:
        raise NotYours("somebody else taught that word")
    _settle(session, row, by, "withdrawn")


def withdraw_word(session: Session, org_id: str, word_id: str, by: str, load: Load) -> None:
    """An approved word means nothing any more. Raises ``NotFound`` and ``AlreadySettled``."""
    row = _row(session, org_id, word_id, "approved")
    _settle(session, row, by, "withdrawn")
    said = f"`{row.word}` is withdrawn"
    _deploy_words(session, org_id, by, said, load, (row.term, row.word), gone=True)


def _row(session: Session, org_id: str, word_id: str, status: str) -> TaughtWord:
    """The word, which nobody else settles until this transaction ends."""
    lock_organisation(session, org_id)
    row = session.get(TaughtWord, word_id, populate_existing=True)
    if row is None or row.org_id != org_id:
        raise NotFound("there is no such word")
    if row.status != status:
        raise AlreadySettled(f"`{row.word}` was decided already: it is {row.status}")
    return row


def _settle(session: Session, row: TaughtWord, by: str, status: str, reason: str = "") -> None:
    row.status, row.settled_by, row.settled, row.reason = status, by, now(), reason
    session.add(row)
    session.flush()
    details = {"word": row.word, "term": row.term, "reason": reason}
    audit(session, row.org_id, by, f"word.{status}", row.id, details)


def _deploy_words(
    session: Session,
    org_id: str,
    by: str,
    message: str,
    load: Load,
    change: tuple[str, str],
    *,
    gone: bool,
) -> None:
    """Both environments run their versions with the word, or without it.

    What staging has and production has not is laid anew on top, change by change with its author
    and message, so that it is promoted and rolled back as before.
    """
    term, word = change
    renamed = without_synonym if gone else with_synonym

    @cache
    def changed(version_id: str) -> Version:
        version = load(version_id)
        return with_names(version, renamed(version.ontology, term, word))

    def lay(step: DeploymentStep, under: DeploymentStep, how: str, told: str) -> DeploymentStep:
        """The step once more with other words, on top of ``under``; that one if it has them."""
        version, environment = changed(step.version_id), cast(Environment, step.environment)
        if version.id == step.version_id:
            return step
        if session.get(VersionRow, (org_id, version.id)) is None:
            old = session.get_one(VersionRow, (org_id, step.version_id))
            author = old.author if how == "again" else by
            keep_version(session, org_id, version, under.version_id, author, told)
        return put_step(session, org_id, environment, version.id, by, told, how, under.id)

    production = top(session, org_id, "production")
    *pending, base = _down_to(session, org_id, production)
    if production is not None:
        lay(production, production, "words", message)
    shared = production is not None and production.version_id == base.version_id
    under = lay(base, base, *(("words", message) if shared else ("again", base.message)))
    for step in reversed(pending):
        under = lay(step, under, "again", step.message)


def _down_to(
    session: Session, org_id: str, production: DeploymentStep | None
) -> list[DeploymentStep]:
    """Staging's steps from the top to the one that production runs; else the top alone."""
    step = top(session, org_id, "staging")
    if step is None:
        raise NotFound("there are no rules yet")
    found = [step]
    while production is None or step.version_id != production.version_id:
        step = session.get(DeploymentStep, step.under) if step.under else None
        if step is None:
            return found[:1]
        found.append(step)
    return found
