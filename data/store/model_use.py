"""What an organisation's drafting model took, hour by hour."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func
from sqlalchemy import select as sums
from sqlmodel import Session, col, select, update

from data.store.insert import insert_once
from data.store.tables import ModelUse


@dataclass(frozen=True, slots=True)
class Used:
    """What a model took in some stretch of time."""

    tries: int = 0
    """Answers that it was asked for."""
    input_tokens: int = 0
    output_tokens: int = 0
    cost: float = 0.0
    """US dollars, as far as a price was known."""

    @property
    def tokens(self) -> int:
        return self.input_tokens + self.output_tokens


def add_model_use(session: Session, org_id: str, at: datetime, used: Used) -> None:
    """Count this to the hour of ``at``. Two transactions that do it at once both count."""
    hour = at.replace(minute=0, second=0, microsecond=0)
    insert_once(session, ModelUse(org_id=org_id, hour=hour))
    more = {c.key: c + getattr(used, c.key) for c in _counted()}
    here = (col(ModelUse.org_id) == org_id, col(ModelUse.hour) == hour)
    session.connection().execute(update(ModelUse).where(*here).values(more))


def model_use(session: Session, org_id: str, start: datetime, end: datetime) -> Used:
    """What it took in the hours that begin from ``start`` to before ``end``."""
    wanted = sums(*(func.sum(col(c)) for c in _counted())).where(
        col(ModelUse.org_id) == org_id, col(ModelUse.hour) >= start, col(ModelUse.hour) < end
    )
    tries, read, written, cost = (n or 0 for n in session.connection().execute(wanted).one())
    return Used(int(tries), int(read), int(written), float(cost))


def model_use_by_hour(
    session: Session, org_id: str, start: datetime, end: datetime
) -> dict[datetime, Used]:
    """The same for each hour in which the model was asked, the first one first."""
    wanted = select(ModelUse).where(
        ModelUse.org_id == org_id, col(ModelUse.hour) >= start, col(ModelUse.hour) < end
    )
    return {
        row.hour: Used(row.tries, row.input_tokens, row.output_tokens, row.cost)
        for row in session.exec(wanted.order_by(col(ModelUse.hour)))
    }


def _counted() -> tuple[Any, ...]:
    return ModelUse.tries, ModelUse.input_tokens, ModelUse.output_tokens, ModelUse.cost
