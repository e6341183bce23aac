"""What organisations used of this month's budget for the drafting model, as signals of a night."""

from __future__ import annotations

from datetime import datetime

from data.store import model_use, organisations
from data.store.engine import Store
from evals.nightly.drift import Signal
from graph.budget import WARNED_FROM, Budget, in_words, month_of

NAME = "budget for the model"


def budgets(store: Store, budget: Budget, now: datetime) -> list[Signal]:
    """One of each organisation; none where there is no budget."""
    with store.reading() as session:
        shares = {
            o.name: budget.share(model_use(session, o.id, *month_of(now)))
            for o in organisations(session)
        }
    return [_signal(name, share) for name, share in shares.items() if share is not None]


def _signal(organisation: str, share: float) -> Signal:
    told = f"{organisation}: {NAME}: {in_words(share)}"
    if share >= 1:
        told += " Until the month ends the grammar reads alone: raise the budget, or leave it so."
    level = "fine" if share < WARNED_FROM else "watch"
    return Signal(organisation, NAME, "share", level, share, None, WARNED_FROM, told, ())
