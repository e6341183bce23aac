"""What was decided then: by the rules of the day, and by people who strayed from them.

No two requests are decided twice alike. A rule's condition is answered once for each
combination of values that the rules tell apart; requests for which all rules of a decision
answer alike, and whose unknown facts leave the same open, share one result.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from data.ontology.model import CodeSet, Value
from data.packs.history.choices import Candidates
from data.packs.history.draw import Columns, Drawn, Lists, Numbers, stream
from data.packs.history.model import HistorySpec
from data.rulelang.ast import CompareFacts, Condition, Rule, RuleSet, attributes_of, tests_of
from data.rulelang.cells import applicability, compares_of, holds
from data.rulelang.codes import resolve, with_modifiers
from data.rulelang.kleene import condition_value
from data.rulelang.request import Request, Row
from data.rulelang.result import Result
from data.rulelang.version import Version, make_version

Decide = Callable[[Version, Request], Mapping[str, Result]]
Answer = Value | tuple[Value, ...] | None
FALSE, TRUE, OPEN = 0, 1, 2
_MOST = 1 << 62


@dataclass(frozen=True, slots=True)
class Decided:
    """One decision of every request: different answers, and each request's place among them."""

    results: tuple[Result, ...]
    places: NDArray[np.intp]


def decide_columns(
    version: Version, columns: Columns, decide: Decide, lists: Lists
) -> dict[str, Decided]:
    """Every decision of every request, with its rows, under one version; choices not."""
    groups = _Groups(version, columns, lists)
    decisions = version.ontology.decisions.values()
    return {d.name: groups.decided(d.name, decide) for d in decisions if d.type != "choice"}


class _Groups:
    """Requests that the rules of one decision cannot tell apart."""

    def __init__(self, version: Version, columns: Columns, lists: Lists) -> None:
        self._version = version
        self._lists = lists
        self._columns = columns
        self._rules = version.rule_set.expanded().rules
        self._defaults = version.defaults
        self._applies = {r.title: applicability(version.ontology, r) for r in self._rules}
        self._values = {p: columns.distinct(p) for p in self._mentioned()}
        self._cells = {p: self._cells_of(p) for p in self._values}
        self._truth: dict[str, Numbers] = {}

    def decided(self, decision: str, decide: Decide) -> Decided:
        rules = [r for r in self._rules if any(o.decision == decision for o in r.then)]
        first, places = self._alike(decision, rules)
        part = replace(self._version, rule_set=RuleSet(tuple(rules)))
        facts = {p for r in rules for p in self._looked_at(r.title)}
        code_set = self._version.ontology.decisions[decision].code_set
        if code_set is not None:
            facts.add(code_set)
        facts.update(self._version.places.paths)
        results = (decide(part, self._request(row, facts))[decision] for row in first)
        return Decided(tuple(results), places)

    def _alike(self, decision: str, rules: list[Rule]) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
        """One request of each group, and each request's group."""
        keys = [self.truth(rule) for rule in rules]
        open_rules: dict[str, list[Numbers]] = defaultdict(list)
        for rule, truth in zip(rules, keys, strict=True):
            if (truth == OPEN).any():
                for path in self._looked_at(rule.title):
                    open_rules[path].append(truth)
        for path, truths in open_rules.items():
            is_open = np.logical_or.reduce([t == OPEN for t in truths])
            keys.append(np.where(is_open, self._cell(path) + 1, 0))
        code_set = self._version.ontology.decisions[decision].code_set
        if code_set is not None and code_set in self._columns.numbers:
            keys.append(self._columns.distinct(code_set)[1])
        keys += self._vague_places()
        return combinations(keys, self._columns.size)

    def _vague_places(self) -> Iterable[Numbers]:
        """The whole place of each request that lacks a part of it: the table settles the rest."""
        levels = [p for p in self._version.places.paths if p in self._columns.numbers]
        known = [self._known(p) for p in levels]
        if levels and not np.logical_and.reduce(known).all():
            vague = ~np.logical_and.reduce(known)
            yield from (np.where(vague, self._values[p][1] + 1, 0) for p in levels)

    def _known(self, path: str) -> NDArray[np.bool_]:
        values, places = self._values[path]
        return np.array([v is not None for v in values])[places]

    def truth(self, rule: Rule) -> Numbers:
        """For each request whether the rule applies: :data:`FALSE`, :data:`TRUE` or open."""
        if rule.title not in self._truth:
            self._truth[rule.title] = self._asked(rule)
        return self._truth[rule.title]

    def _asked(self, rule: Rule) -> Numbers:
        condition = self._applies[rule.title]
        paths = self._looked_at(rule.title)
        cells = [self._cell(p) for p in paths if p not in self._lists]
        first, places = combinations(cells, self._columns.size)
        answers: list[int] = []
        for row in first:
            value = self._value(condition, int(row), paths, rows=False)
            answers.append(OPEN if value is None else int(value))
        found = np.array(answers, dtype=np.int64)[places]
        return self._with_rows(found, condition, paths)

    def _with_rows(
        self, found: Numbers, condition: Condition | None, paths: tuple[str, ...]
    ) -> Numbers:
        """What the facts alone leave open is asked again of each request and its rows."""
        if any(path in self._lists for path in paths):
            for row in np.flatnonzero(found == OPEN).tolist():
                value = self._value(condition, row, paths)
                found[row] = OPEN if value is None else int(value)
        return found

    def _value(
        self, condition: Condition | None, row: int, paths: tuple[str, ...], *, rows: bool = True
    ) -> bool | None:
        request = self._request(row, paths, rows=rows)
        facts = {**self._defaults, **request.given}
        return condition_value(condition, facts, request, self._version.ontology)

    def _looked_at(self, title: str) -> tuple[str, ...]:
        return attributes_of(self._applies[title], self._version.ontology)

    def _request(self, row: int, paths: Iterable[str], *, rows: bool = True) -> Request:
        """The facts at these paths, and the rows of these relations, known of one request."""
        given: dict[str, Value] = {}
        listed: dict[str, tuple[Row, ...]] = {}
        for path in paths:
            if path in self._columns.numbers:
                values, places = self._values[path]
                value = values[int(places[row])]
                if value is not None:
                    given[path] = value
            elif rows and path in self._lists:
                found = self._lists.of(path, row)
                if found is not None:
                    listed[path] = found
        return Request(given, listed)

    def _mentioned(self) -> Iterable[str]:
        paths = {p for title in self._applies for p in self._looked_at(title)}
        codes = {d.code_set for d in self._version.ontology.decisions.values() if d.code_set}
        return sorted((paths | codes | {*self._version.places.paths}) & set(self._columns.numbers))

    def _cell(self, path: str) -> Numbers:
        """For each request which of the values that rules tell apart its fact has; of rows, each
        request's are its own."""
        if path in self._lists:
            return np.arange(self._columns.size, dtype=np.int64)
        if path not in self._cells:
            return np.zeros(self._columns.size, dtype=np.int64)
        return self._cells[path][self._values[path][1]]

    def _cells_of(self, path: str) -> Numbers:
        """For each different value the number of its cell; unknown is a cell of its own, and so is
        each value of a fact that is compared with another."""
        said = (c for k in self._applies.values() for c in compares_of(k) if c.attribute == path)
        compares = tuple(dict.fromkeys(said))
        tests = (t for k in self._applies.values() for t in tests_of(k))
        apart = any(isinstance(t, CompareFacts) and path in (t.attribute, t.other) for t in tests)
        cells: dict[object, int] = {}
        numbers: list[int] = []
        for value in self._values[path][0]:
            alike = (apart and value, *(value is not None and holds(c, value) for c in compares))
            key = None if value is None else alike
            numbers.append(cells.setdefault(key, len(cells)))
        return np.array(numbers, dtype=np.int64)


def combinations(keys: list[Numbers], size: int) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """The first row of each combination of the keys, and each row's combination."""
    joined, kinds = np.zeros(size, dtype=np.int64), 1
    for key in keys:
        wide = int(key.max(initial=0)) + 1
        if kinds * wide >= _MOST:
            joined = np.unique(joined, return_inverse=True)[1].reshape(-1).astype(np.int64)
            kinds = int(joined.max(initial=0)) + 1
        joined, kinds = joined * wide + key, kinds * wide
    _, first, places = np.unique(joined, return_index=True, return_inverse=True)
    return first, places.reshape(-1)


@dataclass(frozen=True, slots=True)
class Then:
    """What was decided of every request, when it was decided."""

    answers: Mapping[str, list[Answer]]
    """By decision; ``None`` where nobody recorded anything."""
    overruled: NDArray[np.bool_]
    labels: tuple[str, ...]
    version: NDArray[np.intp]
    """Place of each request's version among the labels."""


def decided_then(
    spec: HistorySpec, version: Version, drawn: Drawn, seed: int, decide: Decide
) -> Then:
    """Each request decided by the version of its day, and some by people otherwise."""
    columns, candidates = drawn.facts, Candidates(version, drawn)
    lists = Lists(drawn.rows)
    which = _version_of(spec, version, columns, seed)
    labels = (*(o.label for o in spec.older), spec.label)
    versions = [_older(version, o.rule_set) for o in spec.older] + [version]
    answers: dict[str, list[Answer]] = {name: [None] * columns.size for name in version.plans}
    for place, one in enumerate(versions):
        rows = np.flatnonzero(which == place)
        if not len(rows):
            continue
        part = Columns(len(rows), columns.codecs, {p: n[rows] for p, n in columns.numbers.items()})
        found = decide_columns(one, part, decide, lists.taken(rows))
        for name in (d.name for d in version.ontology.decisions.values() if d.type == "choice"):
            found[name] = Decided(candidates.chosen(one, name, rows, decide), np.arange(len(rows)))
        for name, decided in found.items():
            luck = stream(seed, f"asked {name}").random(columns.size)[rows]
            _write(answers[name], rows, decided, luck)
    overruled = np.zeros(columns.size, dtype=np.bool_)
    for name, share in spec.overruled.items():
        others = _Others(version, columns, candidates, name, answers[name])
        overruled |= _overrule(others, name, answers[name], share, seed)
    return Then(answers, overruled, labels, which)


def _older(version: Version, rule_set: RuleSet) -> Version:
    return make_version(version.ontology, version.code_sets, version.scope_rows, rule_set)


def _version_of(
    spec: HistorySpec, version: Version, columns: Columns, seed: int
) -> NDArray[np.intp]:
    """Place of the version that decided each request: the oldest that reaches its day."""
    which = np.full(columns.size, len(spec.older), dtype=np.intp)
    day = columns.numbers.get(version.ontology.date or "")
    for place, older in reversed(list(enumerate(spec.older))):
        chosen = stream(seed, f"version {older.label}").random(columns.size) < older.share
        if older.until is not None and day is not None:
            chosen &= day <= older.until.toordinal()
        which[chosen] = place
    return which


def _write(
    answers: list[Answer], rows: NDArray[np.intp], decided: Decided, luck: NDArray[np.float64]
) -> None:
    """Where facts were unknown, staff asked and took one of the possible answers."""
    options = [_options(r) for r in decided.results]
    places: list[int] = decided.places.tolist()
    for row, place, chance in zip(rows.tolist(), places, luck.tolist(), strict=True):
        answers[row] = _one_of(options[place], chance)


def _one_of(answers: Sequence[Answer], chance: float) -> Answer:
    """One of them, each alike; ``None`` where there are none."""
    return answers[int(chance * len(answers))] if answers else None


def _options(result: Result) -> Sequence[Answer]:
    found = result.possible if result.status == "undecided" else (result,)
    return tuple(r.value for r in found if r.status == "decided")


def _overrule(
    others: _Others, name: str, answers: list[Answer], share: float, seed: int
) -> NDArray[np.bool_]:
    """Replace a share of the answers, in place, by others that a person might have chosen."""
    luck = stream(seed, f"overruled {name}")
    chosen = luck.random(len(answers)) < share
    changed = np.zeros(len(answers), dtype=np.bool_)
    rows = np.flatnonzero(chosen)
    for row, chance in zip(rows.tolist(), luck.random(len(rows)).tolist(), strict=True):
        if offered := others.of(row):
            answers[row], changed[row] = _one_of(offered, chance), True
    return changed


class _Others:
    """Other answers that are plausible for a request."""

    def __init__(
        self,
        version: Version,
        columns: Columns,
        candidates: Candidates,
        name: str,
        answers: list[Answer],
    ) -> None:
        self._version = version
        self._candidates = candidates
        self._decision = decision = version.ontology.decisions[name]
        self._answers = answers
        self._known: dict[object, Sequence[Answer]] = {}
        self._sets = self._named(columns, decision.code_set)
        self._groups = self._named(columns, decision.gap_by)
        self._used: dict[object, set[str]] = defaultdict(set)
        for row, answer in enumerate(answers):
            if isinstance(answer, str):
                self._used[self._sets[row], self._groups[row]].add(answer)

    def of(self, row: int) -> Sequence[Answer]:
        """Nothing where nothing was decided."""
        answer = self._answers[row]
        if self._decision.type == "choice":
            keys = self._candidates.keys(self._version, self._decision.name, row)
            return () if answer is None else tuple(k for k in keys if k != answer)
        key = (answer, self._sets[row], self._groups[row])
        if key not in self._known:
            self._known[key] = () if answer is None else tuple(self._other(row, answer))
        return self._known[key]

    def _other(self, row: int, answer: Answer) -> Iterable[Answer]:
        match self._decision.type:
            case "boolean":
                return (not answer,)
            case "enum":
                return (v for v in self._decision.values if v != answer)
            case "code":
                return self._codes(row, str(answer))
            case _:
                return ()

    def _codes(self, row: int, code: str) -> Iterable[str]:
        """Codes of like requests, one modifier more or less, the next row of the code set."""
        code_set = self._version.code_sets.get(str(self._sets[row]))
        if code_set is None:
            return ()
        like = self._used[self._sets[row], self._groups[row]]
        found = {*like, *self._modified(code, code_set), *_neighbours(code, code_set)}
        return sorted(found - {code})

    def _modified(self, code: str, code_set: CodeSet) -> Iterable[str]:
        said = resolve(self._decision, code, code_set)
        if said is None:
            return
        for modifier in code_set.codes[said.base].modifiers:
            kept = frozenset(said.modifiers) ^ {modifier}
            yield with_modifiers(said, kept, self._decision).text

    def _named(self, columns: Columns, path: str | None) -> list[Value | None]:
        if path is None or path not in columns.numbers:
            return [None] * columns.size
        values, places = columns.distinct(path)
        return [values[p] for p in places.tolist()]


def _neighbours(code: str, code_set: CodeSet) -> Iterable[str]:
    """The rows beside the code's own, as far as they begin alike."""
    rows = list(code_set.codes)
    if code not in rows:
        return ()
    place = rows.index(code)
    beside = (*rows[max(0, place - 1) : place], *rows[place + 1 : place + 2])
    return (c for c in beside if c[:2] == code[:2])
