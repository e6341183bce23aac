"""A pack of made-up words: what a drafter gets right here, it gets right without knowing a
domain.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from data.ontology import Attribute, Code, CodeSet, Decision, Ontology, Scopes, Value
from data.rulelang.ast import (
    And,
    Compare,
    Condition,
    Decide,
    Include,
    Or,
    Outcome,
    Rule,
    RuleSet,
    Scope,
    all_of,
    any_of,
)
from data.rulelang.evaluate import decide
from data.rulelang.request import Request
from data.rulelang.version import make_version

_HEADS = [
    "b",
    "bl",
    "br",
    "d",
    "dr",
    "f",
    "fl",
    "g",
    "gr",
    "h",
    "k",
    "kl",
    "l",
    "m",
    "n",
    "p",
    "pl",
    "pr",
    "qu",
    "s",
    "sk",
    "sl",
    "sn",
    "st",
    "t",
    "tr",
    "v",
    "w",
    "z",
]
_MIDDLES = ["a", "e", "i", "o", "u", "ai", "ee", "oo", "ou"]
_TAILS = [
    "b",
    "ck",
    "d",
    "ft",
    "g",
    "lm",
    "lp",
    "m",
    "mp",
    "n",
    "nd",
    "nk",
    "nt",
    "p",
    "rb",
    "rk",
    "rl",
    "rm",
    "rt",
    "sk",
    "st",
    "t",
    "x",
]


class Words:
    """Pronounceable words, none twice and none alike."""

    def __init__(self, seed: int) -> None:
        self.draw = random.Random(seed)
        self._used: set[str] = set()

    def word(self, syllables: int = 2) -> str:
        while True:
            parts = [
                self.draw.choice(_HEADS) + self.draw.choice(_MIDDLES) + self.draw.choice(_TAILS)
                for _ in range(syllables)
            ]
            word = "".join(parts)
            if word[:4] not in self._used:
                self._used.add(word[:4])
                return word

    def phrase(self, words: int) -> str:
        return " ".join(self.word() for _ in range(words))


@dataclass(frozen=True)
class RandomPack:
    """The made-up ontology and its parts by role."""

    ontology: Ontology
    code_sets: dict[str, CodeSet]
    entity: str
    switches: tuple[Attribute, ...]
    numbers: tuple[Attribute, ...]
    lists: tuple[Attribute, ...]
    place: Attribute
    needed: Decision
    allowed: Decision
    kind: Decision
    extras: Decision
    count: Decision
    code: Decision


def make_pack(seed: int) -> RandomPack:
    words = Words(seed)
    entity = words.word()
    switches = tuple(
        Attribute(f"{entity}.s{n}", "boolean", words.phrase(1 + n % 2)) for n in range(6)
    )
    units = ("days", "hours", "kg", None)
    numbers = tuple(
        Attribute(
            f"{entity}.n{n}", "integer", words.phrase(1 + n % 2), unit=units[n], min=0, max=999
        )
        for n in range(4)
    )
    lists = tuple(
        Attribute(
            f"{entity}.l{n}", "enum", words.phrase(1),
            values={words.phrase(1 + k % 2): (words.word(),) for k in range(4)},
        )
        for n in range(3)
    )  # fmt: skip
    site = words.word()
    sets = [words.word().title() for _ in range(3)]
    place = Attribute(f"{site}.family", "enum", f"{site} family", values=dict.fromkeys(sets, ()))
    bases = [f"{words.word(1).upper()[:2]}{n}" for n in range(101, 113)]
    code_sets = {s: CodeSet(s, {b: Code(b, b) for b in bases}) for s in sets}
    needed = Decision("needed", "boolean", f"{words.phrase(1)} required", required=False)
    allowed = Decision("allowed", "boolean", f"{words.phrase(1)} allowed")
    kind = Decision("kind", "enum", words.phrase(2), values={words.phrase(1): () for _ in range(4)})
    extras = Decision(
        "extras", "enum", words.phrase(1), "collect", values={words.phrase(2): () for _ in range(4)}
    )
    count = Decision("count", "integer", words.phrase(2), unit="minutes", min=0, max=600)
    code = Decision("code", "code", f"{words.word()} code", code_set=place.path)
    attributes = (*switches, *numbers, *lists, place)
    ontology = Ontology(
        "random", "Made-up words", None, (entity, site), {a.path: a for a in attributes}, {},
        Scopes(site, ("family",)), {
            d.name: d for d in (needed, allowed, kind, extras, count, code)
        },
    )  # fmt: skip
    return RandomPack(ontology, code_sets, entity, switches, numbers, lists, place, needed, allowed,
                      kind, extras, count, code)  # fmt: skip


@dataclass(frozen=True)
class Plain:
    """A plain sentence and the rule it means."""

    sentence: str
    rule: Rule


def sentences(pack: RandomPack, seed: int, count: int) -> Iterator[Plain]:
    """Plain sentences from general templates, each with its rule."""
    draw = random.Random(seed)
    for n in range(count):
        yield _TEMPLATES[n % len(_TEMPLATES)](pack, draw)


def _rule(outcome: Outcome, *parts: Condition, scope: Scope | None = None) -> Rule:
    return Rule("expected", (outcome,), all_of(*parts) if parts else None, scope)


def _switch(pack: RandomPack, draw: random.Random) -> tuple[str, Condition]:
    a = draw.choice(pack.switches)
    if draw.random() < 0.3:
        return f"no {a.label}", Compare(a.path, "is", False)
    return a.label, Compare(a.path, "is", True)


def _number(pack: RandomPack, draw: random.Random) -> tuple[str, Condition]:
    a = draw.choice(pack.numbers)
    n = draw.randint(5, 90)
    unit = f" {a.unit}" if a.unit else ""
    said: list[tuple[str, Condition]] = [
        (f"{a.label} is over {n}{unit}", Compare(a.path, "is more than", n)),
        (f"{a.label} is at least {n}{unit}", Compare(a.path, "is at least", n)),
        (f"{a.label} is below {n}{unit}", Compare(a.path, "is less than", n)),
        (f"{a.label} is {n}{unit} or more", Compare(a.path, "is at least", n)),
        (f"{a.label} is no more than {n}{unit}", Compare(a.path, "is at most", n)),
        (f"{a.label} is between {n} and {n + 7}{unit}", Compare(a.path, "is between", (n, n + 7))),
    ]
    return draw.choice(said)


def _value(pack: RandomPack, draw: random.Random) -> tuple[str, str, Attribute]:
    a = draw.choice(pack.lists)
    value = draw.choice(list(a.values))
    said = draw.choice([value, value, *a.values[value]])
    return said, value, a


def _if_and(pack: RandomPack, draw: random.Random) -> Plain:
    switch, first = _switch(pack, draw)
    number, second = _number(pack, draw)
    value = draw.choice(list(pack.kind.values))
    sentence = (
        f"If the {pack.entity} has {switch} and the {number}, the {pack.kind.label} is {value}."
    )
    return Plain(sentence, _rule(Decide("kind", value), first, second))


def _need(pack: RandomPack, draw: random.Random) -> Plain:
    said, value, a = _value(pack, draw)
    topic = pack.needed.label.removesuffix(" required")
    yes = draw.random() < 0.6
    sentence = f"{said.capitalize()} {pack.entity}s {'need' if yes else 'do not need'} a {topic}."
    return Plain(sentence, _rule(Decide("needed", yes), Compare(a.path, "is", value)))


def _no_for(pack: RandomPack, draw: random.Random) -> Plain:
    said, value, a = _value(pack, draw)
    switch = draw.choice(pack.switches)
    topic = pack.needed.label.removesuffix(" required")
    sentence = f"No {topic} is required for {said} {pack.entity}s with {switch.label}."
    parts = Compare(a.path, "is", value), Compare(switch.path, "is", True)
    return Plain(sentence, _rule(Decide("needed", False), *parts))


def _allowed(pack: RandomPack, draw: random.Random) -> Plain:
    number, condition = _number(pack, draw)
    topic = pack.allowed.label.removesuffix(" allowed")
    yes = draw.random() < 0.5
    sentence = f"{topic.capitalize()} is {'allowed' if yes else 'not allowed'} when the {number}."
    return Plain(sentence, _rule(Decide("allowed", yes), condition))


def _use_unless(pack: RandomPack, draw: random.Random) -> Plain:
    said, value, a = _value(pack, draw)
    switch = draw.choice(pack.switches)
    code = draw.choice(list(next(iter(pack.code_sets.values())).codes))
    sentence = f"Use {code} for {said} unless the {pack.entity} has {switch.label}."
    parts = Compare(a.path, "is", value), Compare(switch.path, "is", False)
    return Plain(sentence, _rule(Decide("code", code), *parts))


def _at_place(pack: RandomPack, draw: random.Random) -> Plain:
    said, value, a = _value(pack, draw)
    place = draw.choice(list(pack.place.values))
    code = draw.choice(list(pack.code_sets[place].codes))
    sentence = f"At {place}, the {pack.code.label} for {said} is {code}."
    return Plain(
        sentence,
        _rule(Decide("code", code), Compare(a.path, "is", value), scope=Scope("family", (place,))),
    )


def _one_of(pack: RandomPack, draw: random.Random) -> Plain:
    a = draw.choice(pack.lists)
    first, second = draw.sample(list(a.values), 2)
    value = draw.choice(list(pack.extras.values))
    sentence = f"When the {a.label} is {first} or {second}: {value}."
    return Plain(
        sentence, _rule(Include("extras", value), Compare(a.path, "is one of", (first, second)))
    )


def _arrow(pack: RandomPack, draw: random.Random) -> Plain:
    said, value, a = _value(pack, draw)
    number, condition = _number(pack, draw)
    minutes = draw.randint(5, 60)
    sentence = f"{said}, {number} -> {pack.count.label} {minutes} minutes"
    return Plain(sentence, _rule(Decide("count", minutes), Compare(a.path, "is", value), condition))


def _either(pack: RandomPack, draw: random.Random) -> Plain:
    one, two = draw.sample(pack.switches, 2)
    value = draw.choice(list(pack.kind.values))
    either_or = f"either {one.label} or {two.label}"
    sentence = f"The {pack.kind.label} is {value} if the {pack.entity} has {either_or}."
    either = any_of(Compare(one.path, "is", True), Compare(two.path, "is", True))
    return Plain(sentence, _rule(Decide("kind", value), either))


def _both_listed(pack: RandomPack, draw: random.Random) -> Plain:
    a = draw.choice(pack.lists)
    first, second = draw.sample(list(a.values), 2)
    topic = pack.needed.label.removesuffix(" required")
    sentence = f"{first.capitalize()} and {second} always need a {topic}."
    return Plain(
        sentence, _rule(Decide("needed", True), Compare(a.path, "is one of", (first, second)))
    )


def _without(pack: RandomPack, draw: random.Random) -> Plain:
    switch = draw.choice(pack.switches)
    said, value, a = _value(pack, draw)
    minutes = draw.randint(5, 60)
    sentence = f"For {said} without {switch.label} the {pack.count.label} is {minutes} minutes."
    parts = Compare(a.path, "is", value), Compare(switch.path, "is", False)
    return Plain(sentence, _rule(Decide("count", minutes), *parts))


def _not_unless(pack: RandomPack, draw: random.Random) -> Plain:
    switch = draw.choice(pack.switches)
    topic = pack.allowed.label.removesuffix(" allowed")
    sentence = f"{topic.capitalize()} is not allowed unless the {pack.entity} has {switch.label}."
    return Plain(sentence, _rule(Decide("allowed", False), Compare(switch.path, "is", False)))


def _except_value(pack: RandomPack, draw: random.Random) -> Plain:
    one, other = draw.sample(pack.lists, 2)
    first, second = draw.choice(list(one.values)), draw.choice(list(other.values))
    topic = pack.needed.label.removesuffix(" required")
    sentence = f"All {first} {pack.entity}s except {second} need a {topic}."
    parts = Compare(one.path, "is", first), Compare(other.path, "is not", second)
    return Plain(sentence, _rule(Decide("needed", True), *parts))


def _with_either(pack: RandomPack, draw: random.Random) -> Plain:
    said, value, a = _value(pack, draw)
    one, two = draw.sample(pack.switches, 2)
    code = draw.choice(list(next(iter(pack.code_sets.values())).codes))
    sentence = f"{said.capitalize()} {pack.entity}s with {one.label} or {two.label} get {code}."
    either = any_of(Compare(one.path, "is", True), Compare(two.path, "is", True))
    return Plain(sentence, _rule(Decide("code", code), Compare(a.path, "is", value), either))


def _passive(pack: RandomPack, draw: random.Random) -> Plain:
    said, value, a = _value(pack, draw)
    number, condition = _number(pack, draw)
    kind = draw.choice(list(pack.kind.values))
    sentence = f"{kind.capitalize()} is the {pack.kind.label} for {said} whenever the {number}."
    return Plain(sentence, _rule(Decide("kind", kind), Compare(a.path, "is", value), condition))


def _three_values(pack: RandomPack, draw: random.Random) -> Plain:
    a = draw.choice(pack.lists)
    one, two, three = draw.sample(list(a.values), 3)
    switch = draw.choice(pack.switches)
    minutes = draw.randint(5, 60)
    listed = f"{one}, {two} and {three}"
    sentence = f"{pack.count.label} for {listed} is {minutes} minutes if there is {switch.label}."
    parts = Compare(a.path, "is one of", (one, two, three)), Compare(switch.path, "is", True)
    return Plain(sentence, _rule(Decide("count", minutes), *parts))


def _provided(pack: RandomPack, draw: random.Random) -> Plain:
    number, condition = _number(pack, draw)
    topic = pack.allowed.label.removesuffix(" allowed")
    sentence = f"{topic.capitalize()} is allowed provided that the {number}."
    return Plain(sentence, _rule(Decide("allowed", True), condition))


_TEMPLATES: tuple[Callable[[RandomPack, random.Random], Plain], ...] = (
    _if_and, _need, _no_for, _allowed, _use_unless, _at_place, _one_of, _arrow, _either,
    _both_listed, _without, _provided, _not_unless, _except_value, _with_either, _passive,
    _three_values,
)  # fmt: skip


def same_decisions(pack: RandomPack, drafted: tuple[Rule, ...], expected: Rule, seed: int) -> bool:
    """Whether both decide alike on requests around the expected rule's limits, all facts known."""
    draw = random.Random(seed)
    ontology = pack.ontology
    mine = make_version(ontology, pack.code_sets, (), RuleSet(drafted))
    theirs = make_version(ontology, pack.code_sets, (), RuleSet((expected,)))
    for _ in range(60):
        request = Request(_facts(pack, expected, draw), {})
        a, b = decide(mine, request), decide(theirs, request)
        if any(a[d].key != b[d].key for d in a):
            return False
    return True


def _facts(pack: RandomPack, rule: Rule, draw: random.Random) -> dict[str, Value]:
    near = {c.attribute: c.value for c in _compares(rule.when)}
    facts: dict[str, Value] = {}
    for path, attribute in pack.ontology.attributes.items():
        said = near.get(path)
        if attribute.type == "boolean":
            facts[path] = (
                said if isinstance(said, bool) and draw.random() < 0.7 else draw.random() < 0.5
            )
        elif attribute.type == "integer":
            ends = said if isinstance(said, tuple) else (said,) if isinstance(said, int) else (50,)
            facts[path] = max(0, int(str(draw.choice(ends))) + draw.choice([-1, 0, 1]))
        else:
            wanted = said if isinstance(said, tuple) else (said,) if isinstance(said, str) else ()
            keep = wanted and draw.random() < 0.7
            facts[path] = str(draw.choice(wanted if keep else tuple(attribute.values)))
    if rule.scope and draw.random() < 0.8:
        facts[pack.place.path] = rule.scope.values[0]
    return facts


def _compares(condition: Condition | None) -> Iterator[Compare]:
    if isinstance(condition, Compare):
        yield condition
    elif isinstance(condition, And | Or):
        for part in condition.parts:
            yield from _compares(part)
