"""How many intended rules are reached after how many questions, told as a table."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from data.packs.load import Pack
from data.rulelang.analyse.difference import Difference, difference
from data.rulelang.ast import Rule, RuleSet
from data.rulelang.version import make_version
from graph.drafters.score import Outcome, Text, Verdict, scored, unreadable_rule

MOST_QUESTIONS = 2
"""Answered about one sentence; then the assistant itself offers to put it aside."""


@dataclass(frozen=True, slots=True)
class Reached:
    """One conversation: the sentence, each question with its answer, and what came of it."""

    id: str
    kind: str
    clarity: str
    text: str
    turns: tuple[tuple[str, str], ...]
    """Question and answer; an empty answer where the author had none."""
    verdict: Verdict
    detail: str
    rules: tuple[str, ...] = ()

    @property
    def answered(self) -> int:
        return sum(bool(answer) for _, answer in self.turns)


def judged(text: Text, pack: Pack, intended: RuleSet, outcome: Outcome) -> tuple[Verdict, str]:
    """Whether what was drafted is what was meant, by the item's requests or else by meaning."""
    if "examples" in text.item:
        found = scored(text, pack, outcome, 0.0)
        return found.verdict, found.detail
    if outcome.status != "drafted":
        return ("asked" if outcome.status == "question" else "refused"), outcome.words
    if wrong := unreadable_rule(outcome.rules, pack):
        return "wrong", wrong
    if _untitled(intended.rules) == _untitled(outcome.rules):
        return "right", ""
    defines = pack.rule_set.defines
    both = [RuleSet(r, defines=defines) for r in (intended.rules, outcome.rules)]
    one, other = (make_version(pack.ontology, pack.code_sets, pack.scope_rows, r) for r in both)
    apart = difference(one, other)
    if apart.equal:
        return "right", ""
    return "wrong", _told_apart(apart)


def _untitled(rules: Sequence[Rule]) -> frozenset[Rule]:
    return frozenset(replace(r, title="") for r in rules)


def _told_apart(apart: Difference) -> str:
    """In how many ways rules differ; choices are compared as they are written."""
    if apart.changes:
        return f"it differs from what was meant in {len(apart.changes)} ways"
    return "it is written otherwise than what was meant, and choices are not compared by meaning"


def report(found: Sequence[Reached], *, everything: bool = False) -> str:
    """The table; every wrong conversation in full, with ``everything`` all that are not right."""
    shown = ("wrong", "asked", "refused") if everything else ("wrong",)
    parts = [_table(found)]
    parts += [_told(r) for r in found if r.verdict in shown]
    return "\n\n".join(parts)


def _table(found: Sequence[Reached]) -> str:
    counts = range(MOST_QUESTIONS + 1)
    heads = ["at once", *(f"after {n} question{'s' if n > 1 else ''}" for n in counts[1:])]
    lines = [
        f"| reached | {' | '.join(heads)} | wrong | still open | of |",
        "| --- |" + " ---: |" * (len(heads) + 3),
    ]
    for name, among in _groups(found):
        right = [r.answered for r in among if r.verdict == "right"]
        wrong = sum(r.verdict == "wrong" for r in among)
        whole = [sum(n <= most for n in right) for most in counts]
        cells = [f"{n} ({n / len(among):.0%})" for n in (*whole, wrong)]
        cells += [str(len(among) - len(right) - wrong), str(len(among))]
        lines.append(f"| {name} | {' | '.join(cells)} |")
    return "\n".join(lines)


def _groups(found: Sequence[Reached]) -> list[tuple[str, list[Reached]]]:
    kinds = dict.fromkeys(r.kind for r in found)
    groups = [(kind, [r for r in found if r.kind == kind]) for kind in kinds]
    return groups if len(groups) < 2 else [*groups, ("all", list(found))]


def _told(reached: Reached) -> str:
    turns = "".join(f"\n    {q}\n    > {a or '(no answer)'}" for q, a in reached.turns)
    rules = "".join(f"\n{r}" for r in reached.rules if reached.verdict == "wrong")
    head = f"{reached.verdict}: {reached.id} ({reached.kind}) {reached.text}"
    return f"{head}{turns}{rules}\n    {reached.detail}"
