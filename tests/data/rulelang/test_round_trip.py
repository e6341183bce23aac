"""`parse(render(rule)) == rule`, for every rule and for words made to be misread."""

from __future__ import annotations

from hypothesis import assume, given, settings
from hypothesis import strategies as st

from data.ontology.model import Attribute, Decision, Ontology, Scopes
from data.rulelang.ast import Compare, Decide, Include, Known, Not, Rule, Scope, all_of, any_of
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
