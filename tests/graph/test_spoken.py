"""The account on the radiology pack's own sentences: few asked in vain, none fooled."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from data.ontology.model import Ontology
from data.packs.load import Pack, load_pack
from data.rulelang.ast import And, Compare, Condition, Decide, Modify, Rule, all_of
from data.rulelang.parse import parse
from graph.drafters.spoken import account

READ = 0.7
"""Share of the pack's sentences that are accepted with their own rule; the rest are asked about."""
FLIPPED = {
    "is at least": "is at most", "is at most": "is at least", "is more than": "is less than",
    "is less than": "is more than", "is": "is not", "is one of": "is none of",
}  # fmt: skip


@pytest.fixture(scope="module")
def pack() -> Pack:
    return load_pack("radiology")


@pytest.fixture(scope="module")
def pairs(pack: Pack) -> list[tuple[str, tuple[Rule, ...]]]:
    return [
        (e.sentence, parse(e.rules, pack.ontology, pack.code_sets).rule_set.rules)
        for e in pack.examples
    ]


def accepted(pack: Pack, sentence: str, rules: tuple[Rule, ...]) -> bool:
    found = account(sentence, rules, (), pack.ontology, pack.code_sets)
    return not (found.unplaced or found.invented or found.doubts)


def test_most_sentences_are_accepted_with_their_own_rule(
    pack: Pack, pairs: list[tuple[str, tuple[Rule, ...]]]
) -> None:
    asked = [s for s, rules in pairs if not accepted(pack, s, rules)]
    assert 1 - len(asked) / len(pairs) >= READ, asked


def test_no_sentence_is_accepted_with_the_rule_of_another(
    pack: Pack, pairs: list[tuple[str, tuple[Rule, ...]]]
) -> None:
    fooled = [
        (sentence, other)
        for i, (sentence, _) in enumerate(pairs)
        for j, (other, rules) in enumerate(pairs)
        if i != j and accepted(pack, sentence, rules)
    ]
    assert fooled == [], "\n".join(map(str, fooled))


def wrong(rule: Rule, ontology: Ontology) -> Iterator[tuple[str, Rule]]:
    """The rule with one thing wrong: a number, a side, a value, a condition or the place."""
    parts = _parts(rule.when)
    for i, part in enumerate(parts):
        rest = [*parts[:i], *parts[i + 1 :]]
        if rest:
            yield f"without {part}", replace(rule, when=all_of(*rest))
        for told, other in _wrong_parts(part, ontology):
            yield told, replace(rule, when=all_of(*parts[:i], other, *parts[i + 1 :]))
    if rule.scope is not None:
        yield "everywhere", replace(rule, scope=None)
        yield "mandatory", replace(rule, mandatory=not rule.mandatory)
    for i, outcome in enumerate(rule.then):
        match outcome:
            case Decide(_, str()):
                changed = replace(outcome, value="XX999")
            case Modify():
                changed = replace(outcome, adds=not outcome.adds)
            case _:
                continue
        yield f"not {outcome}", replace(rule, then=(*rule.then[:i], changed, *rule.then[i + 1 :]))


def _parts(condition: Condition | None) -> list[Condition]:
    if condition is None:
        return []
    return list(condition.parts) if isinstance(condition, And) else [condition]


def _wrong_parts(part: Condition, ontology: Ontology) -> Iterator[tuple[str, Condition]]:
    if not isinstance(part, Compare):
        return
    if part.op in FLIPPED and not isinstance(part.value, bool):
        yield f"turned {part}", replace(part, op=FLIPPED[part.op])
    if isinstance(part.value, bool):
        yield f"turned {part}", replace(part, value=not part.value)
    elif isinstance(part.value, int):
        yield f"number {part}", replace(part, value=part.value + 7)
    elif isinstance(part.value, str):
        others = [v for v in ontology.attributes[part.attribute].values if v != part.value]
        for value in others[:3]:
            yield f"{value} for {part}", replace(part, value=value)


def test_a_rule_with_one_thing_wrong_is_never_accepted(
    pack: Pack, pairs: list[tuple[str, tuple[Rule, ...]]]
) -> None:
    tried, fooled = 0, []
    for sentence, rules in pairs:
        if not accepted(pack, sentence, rules):
            continue
        for i, rule in enumerate(rules):
            for told, bad in wrong(rule, pack.ontology):
                tried += 1
                if accepted(pack, sentence, (*rules[:i], bad, *rules[i + 1 :])):
                    fooled.append((sentence, told))
    assert tried > 100
    assert fooled == [], "\n".join(map(str, fooled))
