"""Roll back: an environment is to go one version back; first, what that changes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

from langgraph.runtime import Runtime

from data.store import DeploymentStep, Environment, history_of_deployments
from graph.context import Services
from graph.nodes.promote import move_card
from graph.state import Turn, Update, replied

MOST_STEPS = 1000


def roll_back(state: Turn, runtime: Runtime[Services]) -> Update:
    """Completes the card of a rollback of the environment named, or of the one moved last."""
    services, org_id = runtime.context, state["who"]["org_id"]
    with services.store.reading() as session:
        staging = history_of_deployments(session, org_id, "staging", MOST_STEPS)
        production = history_of_deployments(session, org_id, "production", MOST_STEPS)
    environment = _environment(state["args"].get("environment"), staging, production)
    steps = staging if environment == "staging" else production
    target = _under(steps)
    if target is None:
        text = f"There is no earlier version in {environment} to go back to."
        return replied(text)
    card = move_card(
        services, state, "roll_back", environment, steps[0].version_id, target.version_id
    )
    return {"card": card, "summary": card["summary"]}


def _environment(
    named: str | None, staging: Sequence[DeploymentStep], production: Sequence[DeploymentStep]
) -> Environment:
    """The one named; else the one that moved last."""
    if named is not None:
        return cast(Environment, named.lower())
    if not production or (staging and staging[0].seq > production[0].seq):
        return "staging"
    return "production"


def _under(steps: Sequence[DeploymentStep]) -> DeploymentStep | None:
    """The step that a rollback would return to."""
    if not steps:
        return None
    return next((s for s in steps if s.id == steps[0].under), None)
