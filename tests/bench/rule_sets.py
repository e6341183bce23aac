"""Seeded rule sets as organisations write them, of any size, and requests for them.

A rule is a conjunction of 2 to 6 comparisons over 19 facts of all plain types, its scope among
them. General rules of one place and exam have exceptions, and these have exceptions again, so
that of any two rules that can meet one beats the other.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from random import Random
from typing import Any

from data.ontology.model import Attribute, Decision, Ontology, Scopes, TypeName
from data.rulelang.ast import And, Compare, Condition, Decide, Rule, RuleSet, Scope, all_of
from data.rulelang.version import Version, make_version

LEVELS = ("country", "state", "family", "id")
SHARES = {"id": 0.55, "family": 0.2, "state": 0.12, "country": 0.05, None: 0.08}
"""How many of the rules are written for each level."""


def _names(word: str, count: int) -> tuple[str, ...]:
    return tuple(f"{word} {n}" for n in range(count))


ENUMS = {
    "patient.sex": ("female", "male", "other"),
    "patient.language": _names("language", 10),
    "patient.insurance": _names("insurer", 12),
    "request.exam": _names("exam", 40),
    "request.part": _names("part", 20),
    "request.urgency": ("routine", "soon", "urgent", "now"),
    "request.referral": _names("referral", 8),
    "clinic.country": _names("country", 4),
    "clinic.state": _names("state", 40),
    "clinic.family": _names("family", 60),
}
NUMBERS = {"patient.age": (0, 120), "patient.weight": (2, 250), "patient.visits": (0, 30),
           "request.hour": (0, 23), "request.days": (0, 365)}  # fmt: skip
FLAGS = ("patient.wheelchair", "patient.pregnant", "request.contrast")
CODES = _names("code", 60)
SPLITTERS = (*NUMBERS, *FLAGS, *(p for p in ENUMS if p[:6] in ("patien", "reques")))


def ontology() -> Ontology:
    """19 facts, four scope levels, one decision."""
    made = [Attribute(p, "enum", p, values=dict.fromkeys(v, ())) for p, v in ENUMS.items()]
    made += [Attribute(p, "integer", p, min=a, max=b) for p, (a, b) in NUMBERS.items()]
    made += [_plain(p, "boolean") for p in FLAGS] + [_plain("clinic.id", "text")]
    decision = Decision("code", "enum", "code", values=dict.fromkeys(CODES, ()))
    return Ontology(
        "bench", "Bench", None, ("patient", "request", "clinic"), {a.path: a for a in made}, {},
        Scopes("clinic", LEVELS), {"code": decision},
    )  # fmt: skip


def _plain(path: str, kind: TypeName) -> Attribute:
    return Attribute(path, kind, path)


@dataclass(frozen=True)
class Ruled:
    """A rule set, its rules so ordered that each stands before those it beats."""

    version: Version
    ordered: tuple[Rule, ...]
    requests: tuple[dict[str, Any], ...]
    """Complete requests, nested as callers send them."""


def rule_set(count: int, seed: int = 1) -> list[Rule]:
    """So many rules, narrower and deeper ones first."""
    random = Random(seed)
    made: list[tuple[int, int, Rule]] = []
    used: set[Any] = set()
    while len(made) < count:
        level = random.choices(list(SHARES), list(SHARES.values()))[0]
        scope = None if level is None else Scope(level, (_place(random, level, count),))
        exam = random.choice(ENUMS["request.exam"])
        if (scope, exam) in used:
            continue
        used.add((scope, exam))
        family = list(_family(random, Compare("request.exam", "is", exam), scope))
        for depth, when in family[: count - len(made)]:
            then = (Decide("code", random.choice(CODES)),)
            rule = Rule(f"rule {len(made):05}", then, when, scope)
            made.append((0 if level is None else LEVELS.index(level) + 1, depth, rule))
    return [rule for *_, rule in sorted(made, key=lambda m: (-m[0], -m[1]))]


def _place(random: Random, level: str, count: int) -> str:
    if level == "id":
        return f"clinic {random.randrange(clinics(count))}"
    return random.choice(ENUMS[f"clinic.{level}"])


def clinics(count: int) -> int:
    """How many clinics an organisation of so many rules has."""
    return max(4, count // 40)


def _family(random: Random, exam: Compare, scope: Scope | None) -> Iterator[tuple[int, Condition]]:
    """A general rule, its exceptions, and theirs; siblings never meet."""
    most = 6 if scope is None else 5
    open_: list[tuple[Condition, ...]] = [
        (exam, *first) for first in _apart(random, (exam,), random.randint(1, 2))
    ]
    while open_:
        held = open_.pop(0)
        yield len(held), all_of(*held)
        if len(held) < most and random.random() < 0.75:
            open_ += [(*held, *more) for more in _apart(random, held, random.randint(1, 2))]


def _apart(random: Random, held: tuple[Condition, ...], count: int) -> list[tuple[Condition, ...]]:
    """So many conditions on one more fact, no two of them true at once."""
    taken = {c.attribute for c in held if isinstance(c, Compare)}
    path = random.choice([p for p in SPLITTERS if p not in taken])
    if path in FLAGS:
        return [(Compare(path, "is", v),) for v in random.sample([True, False], min(count, 2))]
    if path in ENUMS:
        values = random.sample(ENUMS[path], min(3, len(ENUMS[path])))
        if count == 1:
            return [(Compare(path, "is one of", tuple(values[:2])),)]
        return [(Compare(path, "is", v),) for v in values[:2]]
    low, high = NUMBERS[path]
    cut = random.randrange(low + 1, high)
    halves = [Compare(path, "is less than", cut), Compare(path, "is at least", cut)]
    random.shuffle(halves)
    return [(half,) for half in halves[:count]]


def request(random: Random, count: int, near: Rule | None = None) -> dict[str, Any]:
    """A complete request of an organisation of so many rules; ``near`` applies to it."""
    flat: dict[str, Any] = {p: random.choice(v) for p, v in ENUMS.items()}
    flat |= {p: random.randint(a, b) for p, (a, b) in NUMBERS.items()}
    flat |= {p: random.random() < 0.5 for p in FLAGS}
    flat["clinic.id"] = f"clinic {random.randrange(clinics(count))}"
    if near is not None:
        flat |= _meeting(near)
    made: dict[str, Any] = {}
    for path, value in flat.items():
        entity, _, name = path.partition(".")
        made.setdefault(entity, {})[name] = value
    return made


def _meeting(rule: Rule) -> dict[str, Any]:
    """Facts to which the rule applies."""
    met: dict[str, Any] = {}
    if rule.scope is not None:
        met[f"clinic.{rule.scope.level}"] = rule.scope.values[0]
    parts = rule.when.parts if isinstance(rule.when, And) else ()
    for part in parts:
        assert isinstance(part, Compare)
        value: Any = part.value
        said = value[0] if isinstance(value, tuple) else value
        met[part.attribute] = value - 1 if part.op == "is less than" else said
    return met


def ruled(count: int, asked: int = 2000, seed: int = 1) -> Ruled:
    """A version of so many rules, and requests, most of them near some rule."""
    rules = rule_set(count, seed)
    random = Random(seed + 1)
    version = make_version(ontology(), {}, (), RuleSet(tuple(rules)))
    near = [random.choice(rules) if random.random() < 0.7 else None for _ in range(asked)]
    requests = tuple(request(random, count, rule) for rule in near)
    return Ruled(version, tuple(rules), requests)
