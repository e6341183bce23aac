"""Which version each environment runs, and how it came to.

An environment's steps form a stack: each names the step under it. A deployment puts one on top;
a rollback goes back to the one under the top, so that rolling back twice goes back two changes
instead of to and fro.
"""

from __future__ import annotations

from sqlmodel import Session, col, select, update

from data.store.audit import audit, lock_organisation
from data.store.errors import BaseChanged, NotFound, NothingToRollBack, OwnChange
from data.store.tables import Counter, Deployment, DeploymentStep, Environment, VersionRow

_AUDIT_ACTIONS = {
    "deploy": "version.deployed",
    "promote": "version.promoted",
    "roll_back": "version.rolled_back",
    "words": "version.words_changed",
    "again": "version.words_changed",
}


def deployed(session: Session, org_id: str, environment: Environment) -> str | None:
    """The id of the version that the environment runs, ``None`` before the first one."""
    wanted = select(Deployment.version_id).where(
        Deployment.org_id == org_id, Deployment.environment == environment
    )
    return session.exec(wanted).one_or_none()


def deployment_stamp(session: Session) -> int:
    """Grows with every deployment of any organisation: one tiny query tells whether to look."""
    return session.exec(select(Counter.value).where(Counter.name == "deployments")).one()


def deploy(
    session: Session,
    org_id: str,
    environment: Environment,
    version_id: str,
    by: str,
    message: str,
) -> None:
    """Let the environment run this version from the moment the transaction is committed.

    Nothing happens when it does already. Raises ``NotFound`` for a version the organisation lacks.
    """
    lock_organisation(session, org_id)
    if deployed(session, org_id, environment) != version_id:
        put_step(session, org_id, environment, version_id, by, message, "deploy")


def promote(
    session: Session, org_id: str, by: str, message: str, expected: str | None = None
) -> str:
    """Let production run the very version that staging runs, and return its id.

    ``expected`` is the version the approver looked at: ``BaseChanged`` if staging has moved on.
    Raises ``OwnChange`` if the approver wrote any change that production does not have yet, and
    ``NotFound`` if nothing is in staging.
    """
    lock_organisation(session, org_id)
    staged = deployed(session, org_id, "staging")
    if staged is None:
        raise NotFound("there is nothing in staging to promote")
    if expected is not None and expected != staged:
        raise BaseChanged(staged)
    if deployed(session, org_id, "production") != staged:
        if by in authors_waiting(session, org_id):
            raise OwnChange("a change goes to production by someone other than its author")
        put_step(session, org_id, "production", staged, by, message, "promote")
    return staged


def roll_back(
    session: Session,
    org_id: str,
    environment: Environment,
    by: str,
    message: str,
    expected: str | None = None,
) -> str:
    """Go back one step, to the version deployed before, and return its id.

    ``expected`` is the version the person wants to leave: ``BaseChanged`` if it is another by now,
    so that pressing twice goes back once. Raises ``NothingToRollBack``.
    """
    lock_organisation(session, org_id)
    last = top(session, org_id, environment)
    if last is not None and expected is not None and last.version_id != expected:
        raise BaseChanged(last.version_id)
    target = None if last is None or last.under is None else session.get(DeploymentStep, last.under)
    if target is None:
        raise NothingToRollBack(f"there is no earlier version in {environment} to go back to")
    put_step(
        session, org_id, environment, target.version_id, by, message, "roll_back", target.under
    )
    return target.version_id


def history_of_deployments(
    session: Session, org_id: str, environment: Environment, limit: int = 100
) -> tuple[DeploymentStep, ...]:
    """The environment's steps, the newest first."""
    wanted = select(DeploymentStep).where(
        DeploymentStep.org_id == org_id, DeploymentStep.environment == environment
    )
    return tuple(session.exec(wanted.order_by(col(DeploymentStep.seq).desc()).limit(limit)))


def authors_waiting(session: Session, org_id: str) -> frozenset[str]:
    """Who wrote or staged what staging has and production has not."""
    production = deployed(session, org_id, "production")
    step = top(session, org_id, "staging")
    found: set[str] = set()
    while step is not None and step.version_id != production:
        row = session.get(VersionRow, (org_id, step.version_id))
        found.update([row.author] if row else [], [step.by] if step.how == "deploy" else [])
        step = session.get(DeploymentStep, step.under) if step.under else None
    return frozenset(found)


def top(session: Session, org_id: str, environment: Environment) -> DeploymentStep | None:
    """The step that brought the version the environment runs."""
    wanted = (
        select(DeploymentStep)
        .join(Deployment, col(Deployment.step_id) == col(DeploymentStep.id))
        .where(Deployment.org_id == org_id, Deployment.environment == environment)
    )
    return session.exec(wanted).one_or_none()


def put_step(
    session: Session,
    org_id: str,
    environment: Environment,
    version_id: str,
    by: str,
    message: str,
    how: str,
    under: str | None = None,
) -> DeploymentStep:
    """One step, its pointer, the stamp and the audit entry: all in the caller's transaction."""
    if session.get(VersionRow, (org_id, version_id)) is None:
        raise NotFound("there is no such version")
    before = top(session, org_id, environment)
    if how != "roll_back" and under is None and before is not None:
        under = before.id
    stamp = _next_stamp(session)
    step = DeploymentStep(
        seq=stamp,
        org_id=org_id,
        environment=environment,
        version_id=version_id,
        under=under,
        how=how,
        by=by,
        message=message,
    )
    session.add(step)
    session.flush()
    _point(session, step)
    details = {
        "environment": environment,
        "from": before.version_id if before else None,
        "message": message,
    }
    audit(session, org_id, by, _AUDIT_ACTIONS[how], version_id, details)
    return step


def _next_stamp(session: Session) -> int:
    """Held by this transaction until it ends, so stamps grow in the order of commits."""
    mine = col(Counter.name) == "deployments"
    session.exec(update(Counter).where(mine).values(value=col(Counter.value) + 1))
    return deployment_stamp(session)


def _point(session: Session, step: DeploymentStep) -> None:
    key = (step.org_id, step.environment)
    pointer = session.get(Deployment, key, populate_existing=True)
    if pointer is None:
        pointer = Deployment(
            org_id=step.org_id,
            environment=step.environment,
            version_id=step.version_id,
            step_id=step.id,
        )
    pointer.version_id, pointer.step_id = step.version_id, step.id
    session.add(pointer)
    session.flush()
