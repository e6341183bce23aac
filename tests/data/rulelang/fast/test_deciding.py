"""What follows from the rules that apply, for every set of rules that could apply together."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings

from data.rulelang.ast import Concept, Decide, Modify, Rule, RuleSet
from data.rulelang.evaluate import Applying
from data.rulelang.fast.deciding import Deciding
from data.rulelang.fast.index import index_of
from data.rulelang.fast.survivors import Left
from data.rulelang.plan import DecisionPlan
from data.rulelang.version import make_version
from tests.generators import CODE_SETS, DECISIONS, POOL, World, ontology_of, worlds

SETTLED_OTHERWISE = ("conflict", "error", "left_to_staff")
"""Where nobody wins; a conflict over a modifier may show only where there is a code to carry it."""


@settings(max_examples=200, deadline=None)
@given(worlds(most=5))
def test_every_set_of_rules_gives_what_the_reference_gives(world: World) -> None:
    version = make_version(world.ontology, world.code_sets, world.scope_rows, world.rule_set)
    titles = index_of(version, 16).titles
    for plan in version.plans.values():
        if plan.decision.hit == "single":
            every_set_agrees(plan, titles)


def test_codes_that_mean_the_same_in_one_code_set_alone_and_modifiers_at_odds() -> None:
    rules = RuleSet(
        (
            Rule("general", (Decide("code", "N1"),)),
            Rule("by concept", (Decide("code", Concept("one")),)),
            Rule("wide", (Modify("code", "WA", True),)),
            Rule("never wide", (Modify("code", "WA", False),)),
        )
    )
    code = next(d for d in DECISIONS if d.name == "code")
    version = make_version(ontology_of(POOL[:1], (code,)), CODE_SETS, (), rules)
    every_set_agrees(version.plans["code"], index_of(version, 16).titles)


def every_set_agrees(plan: DecisionPlan, titles: tuple[str, ...]) -> None:
    """Rows are the sets, by their bits; for a code the same once more for each code set."""
    deciding = Deciding(plan, titles)
    sets = np.arange(1 << len(titles))
    row, rule = np.nonzero(sets[:, np.newaxis] >> np.arange(len(titles)) & 1)
    left = Left(row, rule.astype(np.int32), np.zeros(len(row), dtype=bool))
    path = plan.decision.code_set
    for number, name in enumerate(plan.code_sets if path else [""]):
        told = deciding.told(left, np.full(len(sets), number, dtype=np.int32))
        facts = {path: name} if path else {}
        for some, key in enumerate(told.keys.tolist()):
            applying = {t for place, t in enumerate(titles) if some >> place & 1}
            entries = [e for e in plan.entries if e.rule.title in applying]
            meant = Applying(plan, facts, entries).result()
            if key < 0:
                assert meant.status in SETTLED_OTHERWISE
            else:
                found = deciding.result(key)
                assert (found.key, found.rule) == (meant.key, meant.rule), (name, applying)
