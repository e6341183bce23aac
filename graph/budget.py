"""What a model may take of an organisation in a month, and what it took.

Months are calendar months, UTC. What was taken is counted in the store, so it outlives the process
and is the same for several. Drafts under way at the same moment may go over by what they take.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from data.access import may
from data.store import Used, add_model_use, model_use
from graph.drafters.base import Effort

if TYPE_CHECKING:
    from graph.context import Services

WARNED_FROM = 0.8
"""Share of the budget from which those who manage the organisation are told."""
SPENT = "This month's budget for the model is used up."
log = logging.getLogger("graph.budget")


@dataclass(frozen=True, slots=True)
class Budget:
    """A month of one organisation; ``None`` is no limit."""

    tokens: int | None = None
    """Read and written."""
    cost: float | None = None
    """US dollars."""

    def share(self, used: Used) -> float | None:
        """How much of it is used, 1 is all, by the limit that is nearer; ``None`` without any."""
        limits = ((self.tokens, used.tokens), (self.cost, used.cost))
        shares = [1.0 if not limit else n / limit for limit, n in limits if limit is not None]
        return max(shares, default=None)


def month_of(at: datetime) -> tuple[datetime, datetime]:
    """Beginning and end of the month.

    >>> from datetime import UTC
    >>> [f"{t:%Y-%m-%d}" for t in month_of(datetime(2026, 12, 24, 18, tzinfo=UTC))]
    ['2026-12-01', '2027-01-01']
    """
    start = at.replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    year, month = divmod(start.year * 12 + start.month, 12)
    return start, start.replace(year=year, month=month + 1)


def used_share(services: Services, org_id: str) -> float | None:
    """How much of this month's budget is used; ``None`` where there is none."""
    if services.budget == Budget():
        return None
    with services.store.reading() as session:
        used = model_use(session, org_id, *month_of(services.clock()))
    return services.budget.share(used)


def spend(services: Services, org_id: str, effort: Effort) -> None:
    """Counts what one draft took, a draft that came to nothing too."""
    cost = (effort.input_cost or 0) + (effort.output_cost or 0)
    used = Used(effort.tries, effort.input_tokens, effort.output_tokens, cost)
    with services.store.session() as session:
        add_model_use(session, org_id, services.clock(), used)


def warning(org_id: str, before: float | None, now: float | None, roles: Iterable[str]) -> str:
    """A sentence for those who manage the organisation, and for whoever's turn went past the line.

    >>> warning("a", 0.79, 0.81, ["author"])
    "81 % of this month's budget for the model is used."
    >>> warning("a", 0.81, 0.82, ["author"]), warning("a", 0.1, 0.7, ["owner"])
    ('', '')
    """
    if now is None or now < WARNED_FROM:
        return ""
    crossed = before is None or before < WARNED_FROM
    if crossed or (before is not None and before < 1 <= now):
        log.warning(
            "%.0f %% of a monthly budget is used", 100 * now, extra={"organisation": org_id}
        )
    return in_words(now) if crossed or may(roles, "manage_people") else ""


def in_words(share: float) -> str:
    return f"{100 * share:.0f} % of this month's budget for the model is used."
