"""Worlds with lists: earlier stays, runners to choose from, named conditions, facts compared.

They are the small worlds of :mod:`tests.generators` with more words and more in their rules.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from random import Random
from typing import Any

from hypothesis import strategies as st

from data.ontology.model import Attribute, Candidates, Decision, Ontology, Relation, Synonyms, Value
from data.rulelang.ast import (
    Compare,
    CompareFacts,
    Condition,
    Count,
    Decide,
    Define,
    Derived,
    Exists,
    LeaveToStaff,
    Measure,
    Narrow,
    Not,
    Op,
    Outcome,
    Prefer,
    Rows,
    Rule,
    RuleSet,
    Since,
    Span,
    all_of,
    any_of,
)
from data.rulelang.request import Request, Row
from tests.generators import DATE, DOMAINS, World, worlds

STAYS = Relation("stays", "patient", "stay", "stay", "day")
RUNNERS = Candidates("runners", "runner", "login")
CHOICE = Decision("chosen", "choice", "chosen", candidates="runners")
STATES: Synonyms = {"AL": (), "TX": ()}
OWN: tuple[Attribute, ...] = (
    Attribute("stay.state", "enum", "stay state", values=STATES),
    Attribute("stay.day", "date", "stay day"),
    Attribute("stay.cost", "integer", "stay cost", min=0, max=3),
    Attribute("stay.paid", "boolean", "stay paid", default=False),
    Attribute("runner.login", "text", "login"),
    Attribute("runner.state", "enum", "runner state", values=STATES),
    Attribute("runner.load", "integer", "load", min=0, max=3),
    Attribute("runner.away", "boolean", "away", default=False),
    Attribute("runner.since", "date", "since"),
)
IN_ROWS: dict[str, tuple[Value, ...]] = {
    "stay.state": ("AL", "TX"), "stay.cost": (0, 1, 2, 3), "stay.paid": (False, True),
    "stay.day": (date(2025, 3, 1), date(2026, 1, 31), date(2026, 2, 4), date(2026, 2, 27),
                 *(date(2026, 3, d) for d in range(1, 7))),
    "runner.state": ("AL", "TX"), "runner.load": (0, 1, 2, 3), "runner.away": (False, True),
    "runner.since": (date(2026, 2, 28), date(2026, 3, 2), date(2026, 3, 9)),
}  # fmt: skip
LINKS: Sequence[tuple[str, Op, str]] = (
    ("stay.state", "is", "site.state"), ("stay.state", "is not", "site.state"),
    ("stay.day", "is before", DATE), ("runner.state", "is", "site.state"),
    ("runner.since", "is on or before", DATE), ("runner.since", "is after", DATE),
)  # fmt: skip
"""Facts of a row held against those of the request."""


def _said(entity: str) -> st.SearchStrategy[Condition]:
    """A condition on one row, or on one candidate."""
    own = [a for a in OWN if a.entity == entity and a.path in IN_ROWS]
    plain = st.sampled_from([
        Compare(a.path, op, value)
        for a in own
        for op in _ops(a)
        for value in IN_ROWS[a.path]
    ])  # fmt: skip
    links = st.sampled_from([CompareFacts(*x) for x in LINKS if x[0].startswith(f"{entity}.")])
    outer = st.sampled_from(
        [Compare("site.state", "is", "TX"), Compare(DATE, "is", DOMAINS[DATE][2])]
    )
    leaf = st.one_of(plain, plain, links, outer)
    return st.one_of(
        leaf,
        leaf.map(Not),
        st.tuples(leaf, leaf).map(lambda both: all_of(*both)),
        st.tuples(leaf, leaf).map(lambda both: any_of(*both)),
    )


def _ops(attribute: Attribute) -> tuple[Op, ...]:
    match attribute.type:
        case "integer":
            return ("is at least", "is less than", "is")
        case "date":
            return ("is before", "is on or after")
        case _:
            return ("is", "is not")


SPANS = (None, None, Span(3, "days"), Span(1, "weeks"), Span(1, "months"), Span(1, "years"))
HOURS = Span(30, "hours")


@st.composite
def tests_of_rows(draw: st.DrawFn) -> Condition:
    """``any``, ``no``, ``number of`` or ``months since``."""
    rows = Rows(
        "stays",
        draw(st.none() | _said("stay")),
        draw(st.sampled_from(SPANS) if draw(st.integers(0, 9)) else st.just(HOURS)),
    )
    count = st.sampled_from(["is at least", "is at most", "is", "is not"])
    made = draw(
        st.one_of(
            st.just(Exists(rows)),
            st.just(Not(Exists(rows))),
            st.builds(Count, st.just(rows), count, st.integers(0, 2)),
            st.builds(
                Since,
                st.just(rows),
                st.sampled_from(["days", "months"]),
                st.sampled_from(["is at least", "is less than"]),
                st.integers(0, 3),
            ),
        )
    )
    assert isinstance(made, Exists | Not | Count | Since)
    return made


@st.composite
def listed_worlds(draw: st.DrawFn) -> World:
    """A world whose rules look at earlier stays, at named conditions, and choose runners."""
    world = draw(worlds(most=5, known=True))
    base = world.ontology
    ontology = replace(
        base,
        entities=(*base.entities, "stay", "runner"),
        attributes={**base.attributes, **{a.path: a for a in OWN}},
        relations={"stays": STAYS},
        decisions={**base.decisions, "chosen": CHOICE},
        candidates={"runners": RUNNERS},
    )
    tests = tests_of_rows()
    alike = _alike(base)
    named = tuple(
        Define(name, draw(tests)) for name in draw(st.sampled_from(["", "often"])).split()
    )
    leaf = st.one_of(tests, tests, st.sampled_from(alike))
    if named:
        leaf = st.one_of(leaf, st.sampled_from([Derived(d.name) for d in named]))
    rules = [draw(_with_more(rule, leaf)) for rule in world.rule_set.rules]
    choosing = [
        draw(_choosing(f"choose {c}", rules, leaf)) for c in "abcd"[: draw(st.integers(1, 4))]
    ]
    rule_set = RuleSet((*rules, *choosing), world.rule_set.gaps, named)
    return replace(world, ontology=ontology, rule_set=rule_set)


def _alike(ontology: Ontology) -> list[Condition]:
    """Pairs of facts of one type, compared; a fact at least is like itself."""
    facts = [a for a in ontology.facts if a.type != "set"]
    pairs = [(a.path, b.path) for a in facts for b in facts if a.type == b.type]
    ops: tuple[Op, ...] = ("is", "is not")
    return [CompareFacts(a, op, b) for a, b in pairs for op in ops]


@st.composite
def _with_more(draw: st.DrawFn, rule: Rule, leaf: st.SearchStrategy[Condition]) -> Rule:
    join = draw(st.sampled_from([None, all_of, any_of]))
    if join is None:
        return rule
    more = draw(leaf)
    return replace(rule, when=join(more, rule.when) if rule.when else more)


@st.composite
def _choosing(
    draw: st.DrawFn, title: str, others: Sequence[Rule], leaf: st.SearchStrategy[Condition]
) -> Rule:
    """A rule on the choice, in the scope and under the condition of another, or of none."""
    like = draw(st.sampled_from([None, *others]))
    when = draw(st.none() | leaf)
    return Rule(
        title,
        tuple(draw(st.lists(outcomes, min_size=1, max_size=2))),
        when if like is None else like.when,
        like.scope if like else None,
        draw(st.sampled_from([False, False, False, True])),
        overrides=tuple(draw(st.sampled_from([[], [], ["choose a"], ["choose b"]]))),
    )


outcomes: st.SearchStrategy[Outcome] = st.one_of(
    st.builds(Narrow, st.just("chosen"), _said("runner"), st.booleans()),
    st.builds(Narrow, st.just("chosen"), _said("runner"), st.booleans()),
    st.builds(Prefer, st.just("chosen"), _said("runner")),
    st.builds(
        Prefer,
        st.just("chosen"),
        st.builds(Measure, st.sampled_from(["runner.load", "runner.since"]), st.booleans()),
    ),
    st.sampled_from([Decide("chosen", "a"), Decide("chosen", "z"), LeaveToStaff("chosen")]),
)


def listed_requests(ontology: Ontology, seed: int, count: int) -> list[Request]:
    """Requests with none, few or many of their facts and rows' facts unknown, lists among them."""
    luck = Random(seed)
    return [_request(ontology, luck, (0.0, 0.1, 0.35)[n % 3]) for n in range(count)]


def _request(ontology: Ontology, luck: Random, unknown: float) -> Request:
    given = {a.path: luck.choice(DOMAINS[a.path]) for a in ontology.facts}
    lists: dict[str, Any] = {
        "stays": [_row("stay", luck, unknown) for _ in range(luck.randrange(4))],
        "runners": [
            {"runner.login": key, **_row("runner", luck, unknown / 3)}
            for key in luck.sample("abc", luck.randrange(4))
        ],
    }
    return Request(
        {path: value for path, value in given.items() if luck.random() >= unknown},
        {name: tuple(rows) for name, rows in lists.items() if luck.random() >= unknown},
    )


def _row(entity: str, luck: Random, unknown: float) -> Row:
    own = [p for p in IN_ROWS if p.startswith(f"{entity}.")]
    return {p: luck.choice(IN_ROWS[p]) for p in own if luck.random() >= unknown}
