"""Generators of valid input: small ontologies, code sets, rules, rule sets and requests.

Domains are small enough that a test can go through every request that conditions can tell apart.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, time
from decimal import Decimal
from itertools import combinations, product

from hypothesis import strategies as st

from data.ontology.model import (
    Attribute,
    Code,
    CodeSet,
    Decision,
    Number,
    Ontology,
    ScopeRow,
    Scopes,
    Value,
)
from data.rulelang.ast import (
    AcceptedGap,
    Compare,
    Concept,
    Condition,
    Contribute,
    Decide,
    Include,
    Invariant,
    Known,
    LeaveToStaff,
    Modify,
    Not,
    Op,
    Outcome,
    Rule,
    RuleSet,
    Scope,
    all_of,
    any_of,
)

DATE = "visit.day"
DAYS = (date(2026, 2, 28), *(date(2026, 3, d) for d in range(1, 6)))
NOW = tuple(date(2026, 3, d) for d in range(1, 5))
FAMILIES = ("North", "South")
STATES = ("AL", "TX")
MODIFIERS = ("WA", "BI")

POOL: tuple[Attribute, ...] = (
    Attribute("patient.age", "integer", "patient age", unit="years", min=0, max=4),
    Attribute("patient.calm", "boolean", "patient is calm"),
    Attribute("patient.sex", "enum", "sex", values={"female": ("woman",), "male": (), "other": ()}),
    Attribute("patient.weight", "decimal", "weight", min=Decimal(0), max=Decimal(4)),
    Attribute("visit.parts", "set", "body parts", values={"arm": (), "leg": ()}, of="enum"),
    Attribute("visit.hour", "time", "hour"),
    Attribute("visit.note", "text", "note"),
    Attribute("patient.urgent", "boolean", "urgent", default=False),
)
DOMAINS: Mapping[str, tuple[Value, ...]] = {
    "patient.age": (0, 1, 2, 3, 4),
    "patient.calm": (False, True),
    "patient.urgent": (False, True),
    "patient.sex": ("female", "male", "other"),
    "patient.weight": tuple(Decimal(n) / 4 for n in (0, 2, 4, 6, 8, 9, 10, 12, 16)),
    "visit.parts": tuple(frozenset(s) for n in range(3) for s in combinations(("arm", "leg"), n)),
    "visit.hour": (time(7), time(8), time(8, 30), time(9), time(10)),
    "visit.note": ("x", "y", "something else"),
    DATE: DAYS,
    "site.state": STATES,
    "site.family": FAMILIES,
    "site.id": ("n1", "n2", "s1"),
}
SAID: Mapping[str, tuple[Value, ...]] = {
    **DOMAINS,
    "patient.weight": (Decimal(1), Decimal(2), Decimal("2.5")),
    "visit.hour": (time(8), time(9)),
    "visit.note": ("x", "y"),
    DATE: NOW,
}
"""What conditions compare with: a part of each domain, so that a domain has values between."""

SITE: tuple[Attribute, ...] = (
    Attribute("site.state", "enum", "state", values=dict.fromkeys(STATES, ())),
    Attribute("site.family", "enum", "family", values=dict.fromkeys(FAMILIES, ())),
    Attribute("site.id", "enum", "site", values={"n1": (), "n2": (), "s1": ()}),
)
SCOPES = Scopes("site", ("state", "family", "id"))
ROWS: tuple[ScopeRow, ...] = (
    {"state": "AL", "family": "North", "id": "n1"},
    {"state": "TX", "family": "North", "id": "n2"},
    {"state": "TX", "family": "South", "id": "s1"},
)
CODE_SETS: Mapping[str, CodeSet] = {
    "North": CodeSet(
        "North",
        {
            "N1": Code("N1", "one", ("WA", "BI"), "one"),
            "X2": Code("X2", "two", ("WA",), "two"),
            "C3": Code("C3", "three", ("WA", "BI")),
        },
    ),
    "South": CodeSet(
        "South",
        {
            "S1": Code("S1", "one", ("WA",), "one"),
            "X2": Code("X2", "two", ("WA", "BI"), "two"),
            "C3": Code("C3", "three", ("WA", "BI")),
        },
    ),
}
DECISIONS: tuple[Decision, ...] = (
    Decision("code", "code", "procedure code", required=True, code_set="site.family",
             modifiers=MODIFIERS, gap_by="site.state"),
    Decision("room", "enum", "room", values={"a": (), "b": (), "c": ()}),
    Decision("advice", "text", "advice", hit="collect"),
    Decision("minutes", "integer", "minutes", hit="sum", min=0, max=999),
    Decision("wait", "integer", "wait", hit="max", min=0, max=999),
    Decision("notice", "integer", "notice", hit="min", min=0, max=999),
)  # fmt: skip
CODES: tuple[str | Concept, ...] = (
    "C3", "C3WA", "C3BI", "X2", "X2WA", "N1", Concept("one"), Concept("two"),
)  # fmt: skip
ADVICE = ("bring a friend", "come early")


@st.composite
def ontologies(draw: st.DrawFn, least: int = 1, most: int = 3) -> Ontology:
    """An ontology with a date, three crossing scope levels and a few facts."""
    chosen = draw(st.lists(st.sampled_from(POOL), min_size=least, max_size=most,
                           unique_by=lambda a: a.path))  # fmt: skip
    decisions = draw(st.lists(st.sampled_from(DECISIONS), min_size=1, max_size=2,
                              unique_by=lambda d: d.name))  # fmt: skip
    return ontology_of(tuple(chosen), tuple(decisions))


def ontology_of(attributes: tuple[Attribute, ...], decisions: tuple[Decision, ...]) -> Ontology:
    """The words of these facts and decisions, with the date and the scope levels."""
    day = Attribute(DATE, "date", "day")
    return Ontology(
        name="small",
        title="Small",
        date=DATE,
        entities=("patient", "visit", "site"),
        attributes={a.path: a for a in (*attributes, day, *SITE)},
        relations={},
        scopes=SCOPES,
        decisions={d.name: d for d in decisions},
    )


def _operators(attribute: Attribute) -> tuple[Op, ...]:
    match attribute.type:
        case "boolean":
            return ("is", "is not")
        case "enum" | "text" | "code":
            return ("is", "is not", "is one of", "is none of")
        case "set":
            return ("include", "include any of", "include all of", "include none of")
        case "date" | "time":
            return ("is", "is before", "is after", "is on or after", "is on or before")
        case _:
            return ("is", "is not", "is one of", "is at least", "is at most", "is more than",
                    "is less than", "is between")  # fmt: skip


@st.composite
def compares(draw: st.DrawFn, ontology: Ontology) -> Compare:
    """A comparison of one fact with values of its type."""
    attribute = draw(st.sampled_from(list(ontology.attributes.values())))
    op = draw(st.sampled_from(_operators(attribute)))
    said: tuple[Value, ...] = SAID[attribute.path]
    if attribute.type == "set":
        said = ("arm", "leg")
    if op == "is between":
        low, high = sorted(draw(st.tuples(st.sampled_from(said), st.sampled_from(said))))  # type: ignore[type-var]
        return Compare(attribute.path, op, (low, high))
    if op.endswith(" of"):
        several = draw(st.lists(st.sampled_from(said), min_size=1, max_size=2, unique=True))
        return Compare(attribute.path, op, tuple(several))
    return Compare(attribute.path, op, draw(st.sampled_from(said)))


def conditions(ontology: Ontology, known: bool = False) -> st.SearchStrategy[Condition]:
    """A condition over the ontology's facts; with ``known``, it may ask ``is known`` too."""
    leaf: st.SearchStrategy[Condition] = compares(ontology)
    if known:
        asked = st.sampled_from(list(ontology.attributes)).map(Known)
        leaf = st.one_of(leaf, leaf, asked)
    parts = st.recursive(
        leaf,
        lambda c: st.one_of(
            c.map(Not),
            st.lists(c, min_size=2, max_size=3, unique=True).map(lambda ps: all_of(*ps)),
            st.lists(c, min_size=2, max_size=3, unique=True).map(lambda ps: any_of(*ps)),
        ),
        max_leaves=4,
    )
    return st.one_of(leaf, parts)


@st.composite
def scopes(draw: st.DrawFn, ontology: Ontology) -> Scope | None:
    """No scope, or one level with one or two of its values."""
    level = draw(st.sampled_from([None, None, *SCOPES.levels]))
    if level is None:
        return None
    values = DOMAINS[SCOPES.path(level)]
    chosen = draw(st.lists(st.sampled_from(values), min_size=1, max_size=2, unique=True))
    return Scope(level, tuple(str(v) for v in chosen))


@st.composite
def outcomes(draw: st.DrawFn, decision: Decision) -> tuple[Outcome, ...]:
    """What one rule says on one decision: a value, a modifier, or both."""
    name = decision.name
    match decision.hit:
        case "collect":
            return (Include(name, draw(st.sampled_from(ADVICE))),)
        case "sum" | "min" | "max":
            amount: Number = draw(st.sampled_from([0, 5, 10]))
            return (Contribute(name, amount),)
        case "single":
            pass
    if decision.type != "code":
        value = draw(st.sampled_from([*decision.values, None]))
        return (LeaveToStaff(name) if value is None else Decide(name, value),)
    plain = st.sampled_from(CODES).map(lambda v: Decide(name, v))
    value_said = st.one_of(plain, plain, plain, st.just(LeaveToStaff(name)))
    modifier = st.builds(Modify, st.just(name), st.sampled_from(MODIFIERS), st.booleans())
    kinds = st.one_of(
        st.tuples(value_said), st.tuples(value_said), st.tuples(modifier),
        st.tuples(value_said, modifier),
    )  # fmt: skip
    return draw(kinds)


@st.composite
def rules(draw: st.DrawFn, ontology: Ontology, title: str, known: bool = False) -> Rule:
    """A rule on one or two decisions."""
    decisions = draw(st.lists(st.sampled_from(list(ontology.decisions.values())), min_size=1,
                              max_size=2, unique_by=lambda d: d.name))  # fmt: skip
    then = tuple(o for d in decisions for o in draw(outcomes(d)))
    days = draw(st.one_of(st.just((None, None)), st.just((None, None)),
                          st.tuples(st.none() | st.sampled_from(NOW),
                                    st.none() | st.sampled_from(NOW))))  # fmt: skip
    return Rule(
        title=title,
        then=then,
        when=draw(st.none() | conditions(ontology, known)),
        scope=draw(scopes(ontology)),
        mandatory=draw(st.sampled_from([False, False, False, True])),
        because="it is so",
        start=days[0],
        until=days[1],
    )


@st.composite
def rule_sets(draw: st.DrawFn, ontology: Ontology, most: int = 5, known: bool = False) -> RuleSet:
    """Some rules, some of them overriding others, and perhaps an accepted gap."""
    titles = [f"rule {c}" for c in "abcdefgh"[: draw(st.integers(1, most))]]
    made: list[Rule] = []
    for title in titles:
        rule = draw(rules(ontology, title, known))
        others = [t for t in titles if t != title]
        named = draw(st.lists(st.sampled_from(others), max_size=1)) if others else []
        made.append(replace_overrides(rule, tuple(named)))
    accepted = draw(st.none() | conditions(ontology))
    gaps = () if accepted is None else (AcceptedGap("meant", accepted, "we send them away"),)
    return RuleSet(tuple(made), gaps)


@st.composite
def invariants(draw: st.DrawFn, ontology: Ontology, title: str) -> Invariant:
    """What never or always comes out where a condition holds."""
    decisions = [d for d in ontology.decisions.values() if d.hit != "sum"]
    said = [o for d in decisions for o in draw(outcomes(d))]
    outcome = draw(st.sampled_from(said))
    if isinstance(outcome, Modify):
        outcome = Modify(outcome.decision, outcome.modifier, True)
    when, never = draw(conditions(ontology)), draw(st.booleans())
    return Invariant(title, when, outcome, never, draw(st.none() | st.just("the law says so")))


def replace_overrides(rule: Rule, named: tuple[str, ...]) -> Rule:
    """The same rule, naming these in ``overrides``."""
    return Rule(rule.title, rule.then, rule.when, rule.scope, rule.mandatory, rule.because,
                rule.start, rule.until, named)  # fmt: skip


@dataclass(frozen=True)
class World:
    """All that a version is made of."""

    ontology: Ontology
    code_sets: Mapping[str, CodeSet]
    scope_rows: tuple[ScopeRow, ...]
    rule_set: RuleSet


@st.composite
def worlds(draw: st.DrawFn, most: int = 5, known: bool = False) -> World:
    """An ontology with code sets, perhaps a table of sites, and a rule set."""
    ontology = draw(ontologies())
    rows = draw(st.sampled_from([(), ROWS]))
    return World(ontology, CODE_SETS, rows, draw(rule_sets(ontology, most, known)))


def every_request(
    ontology: Ontology, paths: tuple[str, ...], rows: tuple[ScopeRow, ...] = ()
) -> Iterator[dict[str, Value]]:
    """Every complete request over the named facts that agrees with the table of sites."""
    levels = [SCOPES.path(level) for level in SCOPES.levels]
    free = [p for p in paths if p not in levels or not rows]
    sites = [{SCOPES.path(k): v for k, v in row.items()} for row in rows] or [{}]
    for site in sites:
        for values in product(*(DOMAINS[p] for p in free)):
            yield {**site, **dict(zip(free, values, strict=True))}


@st.composite
def requests(draw: st.DrawFn, ontology: Ontology) -> dict[str, Value]:
    """Facts of a request, some of them unknown."""
    given = {p: draw(st.none() | st.sampled_from(DOMAINS[p])) for p in ontology.attributes}
    return {p: v for p, v in given.items() if v is not None}
