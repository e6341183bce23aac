"""Which rules a request's known facts leave possible.

Many rules are first divided by the values that a fact must have for them (access predicates:
Fabret et al., SIGMOD 2001). In a leaf, what several rules ask alike is asked once: its rules are
the paths of a tree of tests, as in a discrimination network (Forgy 1982). So a request costs about
as many tests as there are rules that come near it, whatever was asked before.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import chain
from typing import Any

from data.ontology.model import Attribute, Value
from data.rulelang.ast import Compare, Condition, all_of, conjuncts
from data.rulelang.cells import operands
from data.rulelang.fast.kinds import Kinds, kinds_of
from data.rulelang.fast.needs import needs_of
from data.rulelang.plan import Entry
from data.rulelang.version import Version

Facts = Mapping[str, Value]
MOST_BRANCHES = 4
"""A rule that holds for more values of a fact than this is not repeated under each."""
MOST_VALUES = 4096
"""Values whose kind a fact keeps at hand, and of which a condition knows whether they meet it."""


class Fact(dict[Value, Hashable]):
    """A fact that rules look at on its own: by value its kind, found as values are met."""

    def __init__(self, attribute: Attribute) -> None:
        self.attribute = attribute
        self.asks: dict[Condition, Ask] = {}
        """By condition, for each that some rule asks of it."""

    @cached_property
    def kinds(self) -> Kinds:
        """The kinds of values that these conditions tell apart."""
        return kinds_of(self.attribute, self.asks)

    def __missing__(self, value: Value) -> Hashable:
        if len(self) >= MOST_VALUES:
            self.clear()
        kind = self[value] = self.kinds.of(value)
        return kind

    def ask(self, condition: Condition) -> Ask:
        """What all rules share that ask this."""
        ask = self.asks.get(condition)
        if ask is None:
            ask = self.asks[condition] = Ask(self, condition)
        return ask


class Ask(dict[Value | None, bool]):
    """A condition on one fact on its own: one and the same object for all rules that ask it.

    By value whether it may be met, found as values are met; an unknown one may.
    """

    __slots__ = ("_is_met", "condition", "fact", "only")
    __hash__ = object.__hash__  # type: ignore[assignment]
    __eq__ = object.__eq__

    def __init__(self, fact: Fact, condition: Condition) -> None:
        self.fact = fact
        self.condition = condition
        self.only = _values(condition)
        """The few values that alone meet it; empty where others do too."""
        self._is_met: Callable[[Any], bool] | None = None

    def __missing__(self, value: Value | None) -> bool:
        if len(self) >= MOST_VALUES:
            self.clear()
        test = self._is_met
        if test is None:
            test = self._is_met = self.fact.kinds.test(self.condition)
        met = self[value] = value is None or test(self.fact[value])
        return met


@dataclass(frozen=True, slots=True)
class Asks:
    """All that a rule asks of single facts."""

    by_path: Mapping[str, Ask]
    """The rule cannot apply wherever one of them is not met."""
    exact: bool
    """Whether that is all there is: the rule applies wherever each of them is met."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A rule as the index sees it."""

    number: int
    needs: Asks


@dataclass(frozen=True, slots=True)
class Column:
    """What the rules of a leaf ask of one fact."""

    path: str
    kinds: Kinds
    groups: tuple[tuple[Condition, int], ...]
    """Each condition on the fact, and the rules that ask it, as bits."""


Test = tuple[str, Ask, tuple[int, ...], tuple["Test", ...]]
"""What is asked of a fact, by its path; where it is met, the rules that ask no more, by number, and
what others ask besides."""


class Leaf:
    """Rules that are looked up together."""

    def __init__(
        self, rules: Sequence[Asked], facts: Mapping[str, Fact], told: frozenset[str]
    ) -> None:
        """Of the facts in ``told`` the rules have what they ask."""
        self.rules = tuple(r.number for r in rules)
        self._facts = facts
        asked = [(r, {p: a for p, a in r.needs.by_path.items() if p not in told}) for r in rules]
        self._asked = [asks for _, asks in asked]
        self.sure = tuple(r.number for r, asks in asked if not asks)
        """Of these rules nothing more is asked."""
        self.tests = _tests([(r.number, [*asks.values()]) for r, asks in asked if asks])

    @cached_property
    def columns(self) -> tuple[Column, ...]:
        """One column for each fact; of the rules as bits, in the order of ``rules``."""
        asked: dict[str, dict[Ask, int]] = {}
        for place, asks in enumerate(self._asked):
            for path, ask in asks.items():
                tests = asked.setdefault(path, {})
                tests[ask] = tests.get(ask, 0) | 1 << place
        return tuple(
            Column(p, self._facts[p].kinds, tuple((a.condition, r) for a, r in tests.items()))
            for p, tests in asked.items()
        )


def _tests(rules: Sequence[tuple[int, list[Ask]]]) -> tuple[Test, ...]:
    """The tests of these rules, what most of them ask first."""
    often = Counter(chain.from_iterable(asks for _, asks in rules))
    tree: dict[Ask, list[tuple[int, list[Ask]]]] = {}
    for number, asks in rules:
        first = max(asks, key=lambda a: often[a])
        tree.setdefault(first, []).append((number, [a for a in asks if a is not first]))
    return tuple(
        (
            ask.fact.attribute.path,
            ask,
            tuple(number for number, more in some if not more),
            _tests([(number, more) for number, more in some if more]),
        )
        for ask, some in tree.items()
    )


NOTHING = Leaf((), {}, frozenset())


class Split:
    """Rules divided by the values that one fact must have for them."""

    __slots__ = ("branches", "last", "path", "rest", "ways")

    def __init__(self, path: str, branches: Mapping[Value, Node], rest: Node) -> None:
        self.path = path
        self.branches = branches
        """For each value the rules that hold for it."""
        self.rest = rest
        """The rules that are not divided by this fact."""
        more, self.last = (rest.ways, rest.last) if isinstance(rest, Split) else ((), rest)
        self.ways: tuple[tuple[str, Mapping[Value, Node]], ...] = ((path, branches), *more)
        """All facts that one after the other divide the rules, and in the end a leaf."""


Node = Leaf | Split


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
    asking = _Asking(version.ontology.attributes)
    rules = tuple(Asked(i, asking.of(condition)) for i, condition in enumerate(applies))
    titles = tuple(e.rule.title for e in ordered)
    return Index(titles, applies, rules, asking.facts, grow(rules, asking.facts, most))


class _Asking:
    """What rules ask of single facts, each condition worked out once."""

    def __init__(self, attributes: Mapping[str, Attribute]) -> None:
        self._attributes = attributes
        self.facts: dict[str, Fact] = {}
        self._parts: dict[Condition, Asks] = {}

    def of(self, condition: Condition | None) -> Asks:
        """What a rule asks that applies where the condition is true."""
        by_path: dict[str, Ask] = {}
        exact = True
        for part in conjuncts(condition):
            asks = self._parts.get(part)
            if asks is None:
                asks = self._parts[part] = self._part(part)
            exact = exact and asks.exact
            for path, ask in asks.by_path.items():
                if path in by_path:
                    ask = self.facts[path].ask(all_of(by_path[path].condition, ask.condition))
                by_path[path] = ask
        return Asks(by_path, exact)

    def _part(self, condition: Condition) -> Asks:
        needs = needs_of(condition)
        return Asks({p: self._fact(p).ask(c) for p, c in needs.by_path.items()}, needs.exact)

    def _fact(self, path: str) -> Fact:
        if path not in self.facts:
            self.facts[path] = Fact(self._attributes[path])
        return self.facts[path]


def find(root: Node, facts: Facts) -> tuple[list[int], bool]:
    """The numbers of the rules that may apply; and whether, on the way, some fact was unknown.

    Where none was, each is there once, and applies if all that it asks is asked of single facts.
    """
    found: list[int] = []
    tests: list[Test] = []
    nodes, unknown = [root], False
    value_of = facts.get
    for node in nodes:
        if isinstance(node, Split):
            for path, branches in node.ways:
                value: Any = value_of(path)
                if value in branches:
                    nodes.append(branches[value])
                elif value is None:
                    unknown = True
                    nodes += branches.values()
            node = node.last
        found += node.sure
        tests += node.tests
    for path, ask, numbers, more in tests:
        value = value_of(path)
        if ask[value]:
            found += numbers
            tests += more
            if value is None:
                unknown = True
    return found, unknown


def grow(
    rules: Sequence[Asked], facts: Mapping[str, Fact], most: int, told: frozenset[str] = frozenset()
) -> Node:
    """The index of these rules; of the facts in ``told`` they have what they ask."""
    path = _dividing(rules, told) if len(rules) > most else None
    if path is None:
        return Leaf(rules, facts, told) if rules else NOTHING
    branches: dict[Value, list[Asked]] = {}
    rest: list[Asked] = []
    for rule in rules:
        ask = rule.needs.by_path.get(path)
        if ask is None or not ask.only:
            rest.append(rule)
        else:
            for value in ask.only:
                branches.setdefault(value, []).append(rule)
    below = told | {path}
    grown = {value: grow(some, facts, most, below) for value, some in branches.items()}
    return Split(path, grown, grow(rest, facts, most, told))


def _dividing(rules: Sequence[Asked], told: frozenset[str]) -> str | None:
    """The fact that leaves the fewest rules to look through; ``None`` where none helps."""
    sizes: dict[str, Counter[Value]] = {}
    divided = Counter[str]()
    for ask, count in Counter(chain.from_iterable(r.needs.by_path.values() for r in rules)).items():
        path = ask.fact.attribute.path
        if ask.only and path not in told:
            divided[path] += count
            counts = sizes.setdefault(path, Counter())
            for value in ask.only:
                counts[value] += count
    if not divided:
        return None
    total = len(rules)
    left = {p: total - divided[p] + max(sizes[p].values()) for p in divided}
    best = min(left, key=lambda p: (left[p], p))
    return best if left[best] < total * 0.9 else None


def _values(condition: Condition) -> tuple[Value, ...]:
    """The few values that alone meet the condition; empty where it is met by others too."""
    match condition:
        case Compare(_, "is" | "is one of") if len(operands(condition)) <= MOST_BRANCHES:
            return tuple(dict.fromkeys(operands(condition)))
        case _:
            return ()
