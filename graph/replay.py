"""What a change of rules changes among past requests, whole history in well under a second.

Only requests that a changed rule can touch are looked at: for each fact the history keeps its
requests in order of their values, so they are found without a pass over the others. The batch
evaluator then answers them under both versions.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from time import perf_counter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from data.ontology.model import Ontology
from data.rulelang.ast import Condition, Rule, attributes_of
from data.rulelang.cells import applicability
from data.rulelang.fast.batch import Answers, Batch
from data.rulelang.fast.needs import needs_of
from data.rulelang.fast.table import Requests, Rows
from data.rulelang.kleene import condition_value
from data.rulelang.plan import elementwise
from data.rulelang.request import Request
from data.rulelang.version import Version
from graph.describe import describe, person_paths
from graph.words import result_words

MOST_EXAMPLES = 5
MOST_PLACES = 12
Progress = Callable[[float], None]


class History(Requests):
    """Past requests (an Arrow table) by column."""

    def __init__(self, table: Any, ontology: Ontology, id_column: str = "id") -> None:
        super().__init__(table, ontology)
        self._ids = id_column
        self._by_value: dict[str, tuple[Rows, Rows]] = {}

    def read_all(self) -> None:
        """Reads every column now instead of when it is first asked for."""
        for path in self.paths:
            self.column(path)

    def id(self, row: int) -> str:
        if self._ids not in self.table.column_names:
            return str(row)
        return str(self.table.column(self._ids)[row].as_py())

    def touched(self, rule: Rule) -> Rows:
        """Requests to which the rule may apply; no others can, as what they say rules it out."""
        condition = elementwise(applicability(self.ontology, rule))
        needs = needs_of(condition).by_path
        allowed = {path: self._allowed(path, needs[path]) for path in needs}
        found: Rows | None = None
        for path in sorted(allowed, key=lambda p: self._count(p, allowed[p])):
            if found is None:
                found = self._having(path, allowed[path])
            else:
                found = found[allowed[path][self.column(path).codes[found] + 1]]
        return np.arange(len(self), dtype=np.intp) if found is None else found

    def _allowed(self, path: str, condition: Condition) -> NDArray[np.bool_]:
        """Whether an unknown fact, and then each of its values, may meet the condition."""
        values = (self.ontology.attributes[path].default, *self.column(path).values)
        nothing = Request({}, {})
        met = (
            value is None
            or condition_value(condition, {path: value}, nothing, self.ontology) is not False
            for value in values
        )
        return np.fromiter(met, dtype=bool, count=len(values))

    def _in_order(self, path: str) -> tuple[Rows, Rows]:
        """The requests by their value of a fact, unknown first, and where each value begins."""
        if path not in self._by_value:
            column = self.column(path)
            counts = np.bincount(column.codes + 1, minlength=len(column.values) + 1)
            order = np.argsort(column.codes, kind="stable")
            self._by_value[path] = (order, np.concatenate([[0], np.cumsum(counts)]))
        return self._by_value[path]

    def _count(self, path: str, allowed: NDArray[np.bool_]) -> int:
        return int(np.diff(self._in_order(path)[1])[allowed].sum())

    def _having(self, path: str, allowed: NDArray[np.bool_]) -> Rows:
        order, begins = self._in_order(path)
        parts = [order[begins[i] : begins[i + 1]] for i in np.flatnonzero(allowed)]
        return np.concatenate(parts) if parts else order[:0]


@dataclass(frozen=True, slots=True)
class Move:
    """So many requests went from one result to another."""

    decision: str
    before: str
    after: str
    count: int


@dataclass(frozen=True, slots=True)
class Example:
    """One past request that changes, told without anything identifying."""

    id: str
    words: str
    decision: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Replay:
    """What changed in the history, and how long it took to find out."""

    run: int
    changed: int
    moves: tuple[Move, ...]
    where: tuple[tuple[str, int], ...]
    examples: tuple[Example, ...]
    seconds: float
    touched: int
    """How many requests a changed rule may apply to: no others were looked at."""

    def to_json(self) -> dict[str, Any]:
        return {
            "run": self.run,
            "changed": self.changed,
            "moves": [
                {"decision": m.decision, "from": m.before, "to": m.after, "count": m.count}
                for m in self.moves
            ],
            "where": [{"value": v, "count": n} for v, n in self.where],
            "examples": [
                {"id": e.id, "words": e.words, "decision": e.decision,
                 "before": e.before, "after": e.after}
                for e in self.examples
            ],
            "seconds": round(self.seconds, 3),
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class _Difference:
    """A group of rows for which one decision differs."""

    decision: str
    before: str
    after: str
    rows: Rows


def replay(
    history: History, before: Version, after: Version, progress: Progress = lambda done: None
) -> Replay:
    """Every past request under both versions: who changes, from what to what, where."""
    started = perf_counter()
    decisions = concerned(before, after)
    touched = _touched(history, before, after)
    found: list[_Difference] = []
    if len(touched) and decisions:
        old = Batch(before).decide(history, decisions, touched)
        progress(0.5)
        new = Batch(after).decide(history, decisions, touched)
        for name in decisions:
            found += _differences(name, old[name], new[name], touched)
    changed = _rows_of(found)
    return Replay(
        run=len(history),
        changed=len(changed),
        moves=_moves(found),
        where=_where(history, after.ontology, changed),
        examples=_examples(history, _telling(before, after), after.ontology, found),
        seconds=perf_counter() - started,
        touched=len(touched),
    )


def changed_rules(before: Version, after: Version) -> tuple[tuple[Rule, ...], tuple[Rule, ...]]:
    """The rules only the first version has, and those only the second has; expanded."""
    old, new = before.rule_set.expanded().rules, after.rule_set.expanded().rules
    held, holding = frozenset(old), frozenset(new)
    return tuple(r for r in old if r not in holding), tuple(r for r in new if r not in held)


def same_words(before: Version, after: Version) -> bool:
    """Whether ontology, code sets and scope rows are the same, so that only rules differ."""
    return (before.ontology, before.code_sets, before.scope_rows) == (
        after.ontology,
        after.code_sets,
        after.scope_rows,
    )


def concerned(before: Version, after: Version) -> tuple[str, ...]:
    """The decisions that a difference between the versions can bear on."""
    if not same_words(before, after):
        return tuple(n for n in after.ontology.decisions if n in before.ontology.decisions)
    gone, come = changed_rules(before, after)
    named = {o.decision for r in (*gone, *come) for o in r.then}
    return tuple(n for n in after.ontology.decisions if n in named)


def _touched(history: History, before: Version, after: Version) -> Rows:
    """The rows to which a changed rule applies or might apply."""
    if not same_words(before, after):
        return np.arange(len(history), dtype=np.intp)
    gone, come = changed_rules(before, after)
    touched = [history.touched(rule) for rule in (*gone, *come)]
    return np.unique(np.concatenate(touched)) if touched else np.zeros(0, dtype=np.intp)


def _differences(name: str, old: Answers, new: Answers, rows: Rows) -> Iterator[_Difference]:
    """The rows whose result reads otherwise, by what it was and what it is."""
    (old_words, old_at), (new_words, new_at) = _words(old), _words(new)
    pairs = old_at.astype(np.int64) * len(new_words) + new_at
    for pair in np.unique(pairs):
        was, is_now = divmod(int(pair), len(new_words))
        if old_words[was] != new_words[is_now]:
            yield _Difference(name, old_words[was], new_words[is_now], rows[pairs == pair])


def _words(answers: Answers) -> tuple[list[str], NDArray[np.intp]]:
    """What results are called, each once; and for each row the place of its result's words."""
    places: dict[str, int] = {}
    called = (result_words(r.to_json()) for r in answers.results)
    table = [places.setdefault(words, len(places)) for words in called]
    return list(places), np.array(table, dtype=np.intp)[answers.codes]


def _rows_of(found: Sequence[_Difference]) -> Rows:
    if not found:
        return np.array([], dtype=np.intp)
    return np.unique(np.concatenate([d.rows for d in found]))


def _moves(found: Sequence[_Difference]) -> tuple[Move, ...]:
    counts: Counter[tuple[str, str, str]] = Counter()
    for d in found:
        counts[d.decision, d.before, d.after] += len(d.rows)
    ordered = sorted(counts.items(), key=lambda kv: (_left_open(*kv[0]), -kv[1], kv[0]))
    return tuple(Move(*key, count) for key, count in ordered)


def _left_open(decision: str, before: str, after: str) -> bool:
    """Moves between plain results are told before those of requests that lack facts."""
    return "open" in (before[:4], after[:4])


def _where(history: History, ontology: Ontology, rows: Rows) -> tuple[tuple[str, int], ...]:
    """How many of the rows lie in each place, by the narrowest level with few places."""
    path = _telling_level(history, ontology)
    if path is None or not len(rows):
        return ()
    column = history.column(path)
    counts = np.bincount(column.codes[rows] + 1, minlength=len(column.values) + 1)
    named = [(str(column.values[i - 1]), int(n)) for i, n in enumerate(counts) if n and i]
    unknown = [("unknown", int(counts[0]))] if counts[0] else []
    return tuple(sorted(named, key=lambda vn: (-vn[1], vn[0])) + unknown)


def _telling_level(history: History, ontology: Ontology) -> str | None:
    if ontology.scopes is None:
        return None
    paths = [ontology.scopes.path(level) for level in reversed(ontology.scopes.levels)]
    return next((p for p in paths if 1 < len(history.column(p).values) <= MOST_PLACES), None)


def _examples(
    history: History, telling: Sequence[str], ontology: Ontology, found: Sequence[_Difference]
) -> tuple[Example, ...]:
    """A few requests that change: one of each move, the commonest first, then more.

    Requests that lack facts are shown only where no others change.
    """
    plain = [d for d in found if not _left_open(d.decision, d.before, d.after)]
    by_move: dict[tuple[str, str, str], list[int]] = {}
    for d in sorted(plain or found, key=lambda d: -len(d.rows)):
        by_move.setdefault((d.decision, d.before, d.after), []).extend(d.rows[:MOST_EXAMPLES])
    turns = (
        (move, rows[turn])
        for turn in range(MOST_EXAMPLES)
        for move, rows in by_move.items()
        if turn < len(rows)
    )
    picked = [pair for _, pair in zip(range(MOST_EXAMPLES), turns, strict=False)]
    return tuple(
        Example(history.id(row), describe(ontology, history.given(row, telling)), *move)
        for move, row in picked
    )


def _telling(before: Version, after: Version) -> tuple[str, ...]:
    """The facts by which a person recognises a request: what the change looks at, who and where."""
    ontology, scopes = after.ontology, after.ontology.scopes
    changed = [r for rules in changed_rules(before, after) for r in rules]
    named = [p for r in changed for p in attributes_of(applicability(ontology, r), ontology)]
    gaps = [ontology.decisions[d].gap_by for d in concerned(before, after)]
    places = [scopes.path(level) for level in scopes.levels[-2:]] if scopes else []
    wanted = {*person_paths(ontology), *named, *(g for g in gaps if g), *places}
    return tuple(p for p in ontology.attributes if p in wanted)
