"""`parse(render(rule)) == rule`, for every rule and for words made to be misread."""

from __future__ import annotations

from typing import get_args

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from data.ontology.model import Attribute, Decision, Ontology, Relation, Scopes
from data.rulelang.ast import (
    Compare,
    CompareFacts,
    Condition,
    Count,
    Decide,
    Define,
    Derived,
    Exists,
    Include,
    Known,
    Not,
    Rows,
    Rule,
    RuleSet,
    Scope,
    Since,
    Span,
    Unit,
    all_of,
    any_of,
)
from data.rulelang.grammar import begins_history
from data.rulelang.lexicon import key_of
from data.rulelang.parse import parse
from data.rulelang.render import render, render_set
from data.rulelang.version import make_version, version_from_json, version_to_json
from tests.generators import World, worlds

NASTY = [
    "not", "is", "and so on", "not pregnant", "pregnant", "one of", "none", "none of these",
    "at least", "a, b", 'say "no"', "left to staff", "known", "the code for x", "yes", "12", "any",
    "(maybe)", "then", "rule", "#1", "CT abdomen/pelvis", "known not", "or", "all of it", "x  y",
    "\\",
]  # fmt: skip
"""Values and labels that begin with, contain or are keywords, marks and quotes."""
RESERVED = ("known", "left to staff")
"""What no pack may name a value: the language says ``is known`` and ``is left to staff`` itself."""


@settings(max_examples=100)
@given(worlds(known=True))
def test_every_statement_is_read_back_as_it_was_written(world: World) -> None:
    assume(_dates_in_order(world))
    text = render_set(world.rule_set, world.ontology)
    parsed = parse(text, world.ontology, world.code_sets)
    assert parsed.findings == ()
    assert sorted(parsed.rule_set.rules, key=lambda r: r.title) == sorted(
        world.rule_set.rules, key=lambda r: r.title
    )
    assert set(parsed.rule_set.gaps) == set(world.rule_set.gaps)


@settings(max_examples=40)
@given(worlds())
def test_a_version_survives_being_stored(world: World) -> None:
    assume(_dates_in_order(world))
    version = make_version(world.ontology, world.code_sets, world.scope_rows, world.rule_set)
    read = version_from_json(version_to_json(version))
    assert read.id == version.id
    assert read.edges == version.edges
    assert read.ontology == version.ontology


def _dates_in_order(world: World) -> bool:
    return all(not (r.start and r.until and r.start > r.until) for r in world.rule_set.rules)


@st.composite
def misreadable(draw: st.DrawFn) -> tuple[Ontology, Rule]:
    labels = draw(st.lists(st.sampled_from(NASTY), min_size=2, max_size=5, unique_by=_folded))
    usable = [n for n in NASTY if n not in RESERVED]
    values = draw(st.lists(st.sampled_from(usable), min_size=2, max_size=6, unique_by=_folded))
    listed = dict.fromkeys(values, ())
    attributes = [Attribute(f"case.a{i}", "enum", n, values=listed) for i, n in enumerate(labels)]
    attributes.append(Attribute("place.kind", "enum", labels[0], values=listed))
    attributes.append(Attribute("case.note", "text", "a note"))
    decision = Decision("d", "enum", draw(st.sampled_from(NASTY)), values=listed)
    several = Decision("s", "text", "advice", hit="collect")
    ontology = Ontology(
        "n", "N", None, ("case", "place"), {a.path: a for a in attributes}, {},
        Scopes("place", ("kind",)), {"d": decision, "s": several},
    )  # fmt: skip

    def compare() -> Compare:
        attribute = draw(st.sampled_from(attributes))
        if attribute.type == "text":
            return Compare(attribute.path, "is", draw(st.sampled_from(NASTY)))
        op = draw(st.sampled_from(["is", "is not", "is one of", "is none of"]))
        chosen = draw(st.lists(st.sampled_from(values), min_size=1, max_size=3, unique=True))
        return Compare(attribute.path, op, tuple(chosen) if op.endswith(" of") else chosen[0])  # type: ignore[arg-type]

    when = draw(
        st.sampled_from(
            [
                compare(),
                all_of(compare(), Not(compare())),
                all_of(any_of(compare(), compare()), compare()),
                any_of(compare(), all_of(compare(), Known("case.a0"))),
                Not(Not(compare())),
            ]
        )
    )
    scope = Scope("kind", tuple(values[:2])) if draw(st.booleans()) else None
    then = (Decide("d", values[0]), Include("s", draw(st.sampled_from(NASTY))))
    return ontology, Rule(draw(st.sampled_from(NASTY)), then, when, scope, draw(st.booleans()))


def _folded(text: str) -> str:
    return " ".join(text.casefold().split())


@settings(max_examples=200)
@given(misreadable())
def test_words_made_to_be_misread_are_quoted(case: tuple[Ontology, Rule]) -> None:
    ontology, rule = case
    parsed = parse(render(rule, ontology), ontology, {})
    assert parsed.findings == ()
    assert parsed.rule_set.rules == (rule,)


HOSTILE = [
    *NASTY, "any past trip", "no past trip", "number of past trips", "the note", "note", "the",
    "where", "as", "define x as", "days since latest past trip", "within the last 3 days", "3 days",
]  # fmt: skip
"""Names that look like history conditions, derived facts and the words around them."""


@st.composite
def misread_history(draw: st.DrawFn) -> tuple[Ontology, Define, Rule]:
    labels = draw(st.lists(st.sampled_from(HOSTILE), min_size=6, max_size=6, unique_by=_folded))
    usable = [n for n in HOSTILE if n not in RESERVED]
    values = draw(st.lists(st.sampled_from(usable), min_size=2, max_size=4, unique_by=_folded))
    listed = dict.fromkeys(values, ())
    facts = [
        Attribute("case.kind", "enum", labels[0], values=listed),
        Attribute("case.other", "enum", labels[1], values=listed),
        Attribute("case.size", "integer", labels[2]),
        Attribute("case.least", "decimal", labels[3]),
        Attribute("case.day", "date", "day of the case"),
        Attribute("trip.kind", "enum", labels[0], values=listed),
        Attribute("trip.size", "integer", labels[4]),
        Attribute("trip.day", "date", "day of the trip"),
    ]
    relation = Relation("trips", "case", "trip", "past trip", "day")
    ontology = Ontology(
        "n", "N", "case.day", ("case", "trip"), {a.path: a for a in facts}, {"trips": relation},
        None, {"d": Decision("d", "boolean", "d")},
    )  # fmt: skip
    name = labels[5]

    def leaf(*paths: str) -> Condition:
        kind, size = draw(st.sampled_from(paths[:2])), paths[2]
        number = st.integers(0, 9)
        return draw(
            st.sampled_from(
                [
                    Compare(kind, draw(st.sampled_from(["is", "is not"])), draw(value)),
                    Compare(size, "is at least", draw(number)),
                    CompareFacts(kind, draw(st.sampled_from(["is", "is not"])), "case.other"),
                    CompareFacts(size, "is more than", "case.least"),
                    Known(kind),
                ]
            )
        )

    value = st.sampled_from(values)
    where = draw(st.sampled_from([None, leaf("trip.kind", "trip.kind", "trip.size")]))
    if where is not None and draw(st.booleans()):
        where = any_of(where, Not(leaf("trip.kind", "case.kind", "trip.size")))
    span = draw(st.none() | st.builds(Span, st.integers(1, 12), st.sampled_from(get_args(Unit))))
    rows, unit = Rows("trips", where, span), draw(st.sampled_from(get_args(Unit)))
    history = draw(
        st.sampled_from(
            [
                Exists(rows),
                Not(Exists(rows)),
                Count(rows, "is between", (1, 3)),
                Count(rows, "is one of", (0, 2)),
                Since(rows, unit, "is at least", 11),
            ]
        )
    )
    plain = leaf("case.kind", "case.kind", "case.size")
    define = Define(name, draw(st.sampled_from([history, any_of(plain, history)])))
    used = draw(st.sampled_from([Derived(name), Not(Derived(name))]))
    when = draw(
        st.sampled_from([used, all_of(used, plain), all_of(plain, Not(any_of(used, plain)))])
    )
    return ontology, define, Rule("x", (Decide("d", True),), all_of(when, history))


@settings(max_examples=200)
@given(misread_history())
def test_history_and_defines_are_read_back_whatever_the_words(
    case: tuple[Ontology, Define, Rule],
) -> None:
    ontology, define, rule = case
    whole = RuleSet((rule,), (), (define,))
    name = key_of(define.name)
    assume(name not in ontology.fact_keys and not begins_history(name, ontology))
    text = render_set(whole, ontology)
    parsed = parse(text, ontology, {})
    assert parsed.findings == (), text
    assert parsed.rule_set == whole
