"""What organisations used of a month's budget, as a night tells it."""

from __future__ import annotations

from datetime import UTC, datetime

from data.store import Used, add_model_use, create_organisation
from data.store.engine import Store
from evals.nightly.budgets import budgets
from graph.budget import Budget

TODAY = datetime(2026, 11, 20, 2, 30, tzinfo=UTC)
BUDGET = Budget(tokens=1000)


def test_each_organisation_is_told_of_from_80_percent_on(store: Store) -> None:
    used = {"little": 100, "much": 850, "all": 1200}
    with store.session() as session:
        for name, tokens in used.items():
            org = create_organisation(session, name).id
            add_model_use(session, org, TODAY, Used(input_tokens=tokens))
    signals = {s.organisation: s for s in budgets(store, BUDGET, TODAY)}
    assert {name: signals[name].level for name in used} == {
        "little": "fine", "much": "watch", "all": "watch",
    }  # fmt: skip
    assert "85 % of this month's budget" in signals["much"].said
    assert "the grammar reads alone" in signals["all"].said
    assert "the grammar reads alone" not in signals["much"].said


def test_where_there_is_no_budget_there_is_nothing_to_tell(store: Store) -> None:
    with store.session() as session:
        create_organisation(session, "any")
    assert budgets(store, Budget(), TODAY) == []
