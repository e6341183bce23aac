"""Keeps the sentences that a drafter reads back as the rules they were made from."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from random import Random
from typing import Literal, get_args

from data.packs.load import Pack
from data.rulelang.analyse.difference import difference
from data.rulelang.ast import Rule, RuleSet
from data.rulelang.version import make_version
from evals.synthetic.plans import Plan, Words
from evals.synthetic.wordings import wordings
from graph.drafters.base import Drafter, Task

Verdict = Literal["same", "asked", "different"]
VERDICTS: tuple[Verdict, ...] = get_args(Verdict)


@dataclass(frozen=True, slots=True)
class Pair:
    """A sentence, the rules it was made from, and how it was read back."""

    sentence: str
    plan: Plan
    verdict: Verdict
    read: tuple[Rule, ...] = ()
    question: str = ""


def pairs(pack: Pack, drafter: Drafter, seed: int, plans: int, each: int) -> Iterator[Pair]:
    """``each`` sentences for every one of ``plans`` random plans, read back one by one."""
    draw = Random(seed)
    words = Words(pack.ontology, pack.code_sets, pack.scope_rows)
    for plan in words.plans(draw, plans):
        for sentence in wordings(plan, pack.ontology, draw, each):
            yield read_back(pack, drafter, plan, sentence)


def read_back(pack: Pack, drafter: Drafter, plan: Plan, sentence: str) -> Pair:
    """What the drafter makes of the sentence, in an organisation without rules."""
    task = Task(pack.ontology, pack.code_sets, RuleSet(), scope_rows=pack.scope_rows)
    draft = drafter.draft(sentence, task)
    if draft.status != "drafted":
        asked = draft.question.text if draft.question else draft.message
        return Pair(sentence, plan, "asked", question=asked)
    read = draft.readings[0].rules
    same = means_the_same(pack, read, plan.rules)
    return Pair(sentence, plan, "same" if same else "different", read)


def means_the_same(pack: Pack, one: Iterable[Rule], other: Iterable[Rule]) -> bool:
    """Proven: every request gets the same answers from both."""
    made = [
        make_version(pack.ontology, pack.code_sets, pack.scope_rows, RuleSet(tuple(rules)))
        for rules in (one, other)
    ]
    return difference(*made).equal
