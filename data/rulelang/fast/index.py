"""Which rules a request's known facts leave possible.

Rules are bits. Each condition on one fact that is not met takes away the rules that ask it; rules
that ask the same share its truth. Many rules are first divided by the values that a fact must have
for them (access predicates: Fabret et al., SIGMOD 2001), so that sets of bits stay short. Little
memory is touched for one request: beyond some thousand rules that is what takes the time.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from data.ontology.model import Attribute, Value
from data.rulelang.ast import Compare, Condition
from data.rulelang.bits import bits_of, places_of
from data.rulelang.cells import operands
from data.rulelang.fast.kinds import Kinds, kinds_of
from data.rulelang.fast.needs import Needs, needs_of
from data.rulelang.plan import Entry
from data.rulelang.version import Version

Facts = Mapping[str, Value]
MOST_BRANCHES = 4
"""A rule that holds for more values of a fact than this is not repeated under each."""
MOST_REMEMBERED = 4096
"""Values of one fact whose bits are kept at hand."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A rule as the index sees it."""

    number: int
    needs: Needs


class Truths(dict[Value | None, bool | None]):
    """For each value of one fact whether it meets a condition, found as values are met.

    Of an unknown value that is ``None``. All rules that ask the same share one of these.
    """

    def __init__(self, condition: Condition, kinds: Kinds) -> None:
        super().__init__({None: None})
        self._condition = condition
        self._kinds = kinds

    def __missing__(self, value: Value) -> bool:
        met = self._kinds.meets(self._condition, self._kinds.of(value))
        if len(self) < MOST_REMEMBERED:
            self[value] = met
        return met


@dataclass(frozen=True, slots=True)
class Fact:
    """A fact that rules look at on its own."""

    kinds: Kinds
    truths: Mapping[Condition, Truths]
    """By condition, for each that some rule asks of it."""


@dataclass(frozen=True, slots=True)
class Column:
    """What the rules of a leaf ask of one fact."""

    path: str
    kinds: Kinds
    groups: tuple[tuple[Condition, int], ...]
    """Each condition on the fact, and the rules that ask it."""


class Left:
    """Some rules of a leaf that may apply together: one and the same object for the same rules."""

    __slots__ = ("numbers",)

    def __init__(self, numbers: tuple[int, ...]) -> None:
        self.numbers = numbers


class Leaf:
    """Rules that are looked up together, each of them one bit."""

    __slots__ = ("_left", "columns", "everything", "inexact", "rules", "tests")

    def __init__(self, rules: Sequence[Asked], facts: Mapping[str, Fact]) -> None:
        self.rules = tuple(r.number for r in rules)
        """By bit, the rule's number."""
        self.everything = (1 << len(rules)) - 1
        self.inexact = bits_of(i for i, r in enumerate(rules) if not r.needs.exact)
        """Rules of which the columns do not say all."""
        self.columns = _columns(rules, facts)
        tests = (
            (c.path, facts[c.path].truths[w], bits) for c in self.columns for w, bits in c.groups
        )
        self.tests = tuple(sorted(tests, key=lambda test: -test[2].bit_count()))
        """Path, what is asked of it, and the rules that ask it; what most rules ask comes first."""
        self._left: dict[int, Left] = {}

    def left(self, bits: int) -> Left:
        """The rules whose bits are set."""
        found = self._left.get(bits)
        if found is None:
            found = self._left[bits] = Left(self.numbers(bits))
        return found

    def numbers(self, bits: int) -> tuple[int, ...]:
        """The numbers of the rules whose bits are set."""
        return tuple(self.rules[place] for place in places_of(bits))


class Split:
    """Rules divided by the values that one fact must have for them."""

    __slots__ = ("branches", "path", "rest")

    def __init__(self, path: str, branches: Mapping[Value, Node], rest: Node) -> None:
        self.path = path
        self.branches = branches
        """For each value the rules that hold for it."""
        self.rest = rest
        """The rules that are not divided by this fact."""


Node = Leaf | Split
Found = tuple[tuple[Left, ...], frozenset[int]]
"""The rules that may apply; and the numbers of those that are open: not all they ask is known."""
NONE_OPEN = frozenset[int]()


@dataclass(frozen=True, slots=True)
class Index:
    """All rules of a version that speak of some decision, by number."""

    titles: tuple[str, ...]
    applies: tuple[Condition | None, ...]
    """When each of them applies: scope, dates and condition."""
    rules: tuple[Asked, ...]
    facts: Mapping[str, Fact]
    """By path, for every fact that some rule looks at on its own."""
    root: Node


def index_of(version: Version, most: int) -> Index:
    """The index; rules that beat others have lower numbers, as far as one order can say so.

    More than ``most`` rules are divided by a fact, where some fact divides them well.
    """
    entries = {e.rule.title: e for plan in version.plans.values() for e in plan.entries}
    around = Counter(inner for inner, _ in version.edges.inside)
    scopes = version.ontology.scopes

    def rank(entry: Entry) -> tuple[Any, ...]:
        rule = entry.rule
        breadth = scopes.breadth(rule.scope.level) if scopes and rule.scope else 0
        narrow = breadth if rule.mandatory else -breadth
        late = -rule.start.toordinal() if rule.start else 0
        return (not rule.mandatory, narrow, -around[rule.title], late, rule.title)

    ordered = sorted(entries.values(), key=rank)
    applies = tuple(e.applies for e in ordered)
    rules = tuple(Asked(i, needs_of(condition)) for i, condition in enumerate(applies))
    asked: dict[str, dict[Condition, None]] = {}
    for rule in rules:
        for path, condition in rule.needs.by_path.items():
            asked.setdefault(path, {})[condition] = None
    attributes = version.ontology.attributes
    facts = {path: _fact(attributes[path], conditions) for path, conditions in asked.items()}
    titles = tuple(e.rule.title for e in ordered)
    return Index(titles, applies, rules, facts, grow(rules, facts, most))


def _fact(attribute: Attribute, conditions: Iterable[Condition]) -> Fact:
    kinds = kinds_of(attribute, conditions)
    return Fact(kinds, {c: Truths(c, kinds) for c in conditions})


def find(root: Node, facts: Facts) -> Found:
    """Every rule that may apply."""
    found: list[Left] = []
    vague: list[Node] = []
    open_ = _search([root], facts, found, vague)
    if not (open_ or vague):
        return tuple(found), NONE_OPEN
    sure = len(found)
    _search(vague, facts, found, vague)
    return tuple(found), frozenset(open_).union(*(left.numbers for left in found[sure:]))


def _search(nodes: list[Node], facts: Facts, found: list[Left], vague: list[Node]) -> list[int]:
    """Add to ``found`` what is left below the nodes, and to ``vague`` the nodes that hang on an
    unknown fact. Returns the rules that are open. ``nodes`` grows on the way."""
    open_: list[int] = []
    value_of = facts.get
    for node in nodes:
        while isinstance(node, Split):
            value = value_of(node.path)
            branch = None if value is None else node.branches.get(value)
            if branch is not None:
                nodes.append(branch)
            elif value is None:
                vague.extend(node.branches.values())
            node = node.rest
        left, unsure = node.everything, node.inexact
        for path, truths, asking in node.tests:
            if left & asking:
                met = truths[value_of(path)]
                if not met:
                    if met is None:
                        unsure |= asking
                    else:
                        left &= ~asking
                        if not left:
                            break
        if left:
            found.append(node.left(left))
            if left & unsure:
                open_ += node.numbers(left & unsure)
    return open_


def grow(rules: Sequence[Asked], facts: Mapping[str, Fact], most: int) -> Node:
    """The index of these rules."""
    path = _dividing(rules) if len(rules) > most else None
    if path is None:
        return Leaf(rules, facts)
    branches: dict[Value, list[Asked]] = {}
    rest: list[Asked] = []
    for rule in rules:
        values = _values(rule.needs.by_path.get(path))
        below = _without(rule, path) if values else rule
        for value in values:
            branches.setdefault(value, []).append(below)
        if not values:
            rest.append(rule)
    return Split(
        path, {v: grow(b, facts, most) for v, b in branches.items()}, grow(rest, facts, most)
    )


def _columns(rules: Sequence[Asked], facts: Mapping[str, Fact]) -> tuple[Column, ...]:
    """One column for each fact, those that most rules look at first."""
    asked: dict[str, dict[Condition, list[int]]] = {}
    for place, rule in enumerate(rules):
        for path, condition in rule.needs.by_path.items():
            asked.setdefault(path, {}).setdefault(condition, []).append(place)
    columns = [
        Column(
            path,
            facts[path].kinds,
            tuple((condition, bits_of(places)) for condition, places in groups.items()),
        )
        for path, groups in asked.items()
    ]
    return tuple(sorted(columns, key=lambda c: (-sum(b.bit_count() for _, b in c.groups), c.path)))


def _dividing(rules: Sequence[Asked]) -> str | None:
    """The fact that leaves the fewest rules to look through; ``None`` where none helps."""
    sizes: dict[str, dict[Value, int]] = {}
    divided: dict[str, int] = {}
    for rule in rules:
        for path, condition in rule.needs.by_path.items():
            values = _values(condition)
            if values:
                divided[path] = divided.get(path, 0) + 1
                counts = sizes.setdefault(path, {})
                for value in values:
                    counts[value] = counts.get(value, 0) + 1
    if not divided:
        return None
    total = len(rules)
    left = {p: total - divided[p] + max(sizes[p].values()) for p in divided}
    best = min(left, key=lambda p: (left[p], p))
    return best if left[best] < total * 0.9 else None


def _values(condition: Condition | None) -> tuple[Value, ...]:
    """The few values that alone meet the condition; empty where it is met by others too."""
    match condition:
        case Compare(_, "is" | "is one of") if len(operands(condition)) <= MOST_BRANCHES:
            return tuple(dict.fromkeys(operands(condition)))
        case _:
            return ()


def _without(rule: Asked, path: str) -> Asked:
    left = {p: c for p, c in rule.needs.by_path.items() if p != path}
    return Asked(rule.number, Needs(left, rule.needs.exact))
