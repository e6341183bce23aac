"""Parts of one message that can meet and decide differently: which of them wins?"""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Literal

from data.rulelang.ast import Contribute, Decide, Rule, RuleSet
from data.rulelang.cells import compares_of
from data.rulelang.evaluate import decide
from data.rulelang.request import Request
from data.rulelang.version import make_version
from graph.drafters.base import Question, Reading, Task
from graph.drafters.grammar.answers import WINS
from graph.drafters.grammar.atoms import Unclear
from graph.drafters.grammar.distinguish import trial_requests
from graph.drafters.grammar.words import Token, root
from graph.words import value_words

Stress = Literal["", "but", "always"]
"""What a part says of its rank: `but` and `however` set it against those before it, `always`
and `in any case` against all.
"""
_AGAINST = frozenset(["but", "however", "though", "yet"])
_CASES = frozenset(["any", "every", "all"])


def stress_of(tokens: Sequence[Token], start: int, end: int) -> Stress:
    """What the words of a part, and the joint before it, say of its rank."""
    lows = [t.low for t in tokens[start:end]]
    pairs = set(zip(lows, lows[1:], lows[2:], strict=False))
    if "always" in lows or any(("in", w, "case") in pairs for w in _CASES):
        return "always"
    joint = {t.low for t in tokens[max(0, start - 2) : start]}
    if "or" in joint:
        return "but"
    return "but" if _AGAINST & (set(lows) | joint) else ""


def ranked(
    rules: Sequence[Rule], stress: Sequence[Stress], task: Task, added: bool = False
) -> list[Rule]:
    """The rules, each with the titles of those it beats because its words say so."""
    out = list(rules)
    for a, b in itertools.combinations(range(len(out)), 2):
        both = stress[a] == stress[b] == "always"
        if both or not (stress[a] == "always" or stress[b]):
            continue
        first, second = out[a], out[b]
        if not (clash(first, second, task) or _summed(first, second, task, added)):
            continue
        if stress[a] == "always":
            out[a] = _beating(first, second)
        else:
            out[b] = _beating(second, first)
    return out


def without_clash(reading: Reading, task: Task, added: bool = False) -> Reading:
    """The reading once it is clear which of its rules wins where two of them meet.

    Raises :class:`Unclear` where neither its words nor an answer say so.
    """
    rules = list(reading.rules)
    for a, b in itertools.combinations(range(len(rules)), 2):
        first, second = rules[a], rules[b]
        decision = clash(first, second, task) or _summed(first, second, task, added)
        beaten = second.title in first.overrides or first.title in second.overrides
        if not decision or beaten or _of_limits(decision, task):
            continue
        options = tuple(_said(r, decision, task) for r in (first, second))
        label = task.ontology.decisions[decision].label
        text = f"“{first.title}” and “{second.title}” {WINS}. What is the {label} then?"
        answer = next((g.text.strip().casefold() for g in task.answers if g.question == text), "")
        if answer == options[0].casefold():
            rules[a] = _beating(first, second)
        elif answer == options[1].casefold():
            rules[b] = _beating(second, first)
        else:
            raise Unclear(Question(text, options, about="reading"))
    return replace(reading, rules=tuple(rules))


def _of_limits(decision: str, task: Task) -> bool:
    """Of several amounts the largest or smallest counts: two of them need no rank."""
    return task.ontology.decisions[decision].hit in ("max", "min")


def _summed(a: Rule, b: Rule, task: Task, added: bool) -> str:
    """The total for which one request would get both amounts, although each was said as its value.

    ``added``: the words speak of amounts on top. The largest of several amounts is one that a
    part set against it (`but only 15`) makes smaller.
    """
    decisions = task.ontology.decisions
    said = {o.decision: o for o in a.then if isinstance(o, Contribute)}
    for o in b.then:
        if not isinstance(o, Contribute) or o.decision not in said:
            continue
        first, hit = said[o.decision].amount, decisions[o.decision].hit
        lost = {
            "sum": o.amount != first and not added,
            "max": o.amount < first,
            "min": o.amount > first,
        }
        if lost.get(hit) and _meet(a, b, o.decision, task):
            return o.decision
    return ""


def _meet(a: Rule, b: Rule, decision: str, task: Task) -> bool:
    """Whether some request gets an amount from each of the two."""
    rules = RuleSet((a, b), (), task.rule_set.defines)
    version = make_version(task.ontology, task.code_sets, (), rules)
    found = (
        decide(version, Request(given, {}))[decision]
        for given in trial_requests((a, b), task.ontology)
    )
    return any({a.title, b.title} <= {r.rule, *r.rules} for r in found if r.status == "decided")


def _beating(winner: Rule, loser: Rule) -> Rule:
    return replace(winner, overrides=tuple(dict.fromkeys((*winner.overrides, loser.title))))


def clash(a: Rule, b: Rule, task: Task) -> str:
    """The decision over which the two conflict on some request; empty where none was found."""
    decisions = task.ontology.decisions
    said = {o.decision: o for o in a.then if isinstance(o, Decide)}
    apart = [
        o.decision
        for o in b.then
        if isinstance(o, Decide) and o.decision in said and o != said[o.decision]
        and decisions[o.decision].hit == "single"
    ]  # fmt: skip
    if not apart or _of_one_thing(a, b, task):
        return ""
    rules = RuleSet((a, b), (), task.rule_set.defines)
    version = make_version(task.ontology, task.code_sets, (), rules)
    for given in trial_requests((a, b), task.ontology):
        results = decide(version, Request(given, {}))
        for decision in apart:
            if results[decision].status == "conflict":
                return decision
    return ""


def _of_one_thing(a: Rule, b: Rule, task: Task) -> bool:
    """Whether what tells the two apart are facts about one thing: ``if IV contrast is used …, if
    there is no contrast``. Whether they can meet at all is for the facts to say, not the author.
    """
    one, two = ({c.attribute for c in compares_of(r.when)} for r in (a, b))
    return bool(_things(one - two, task) & _things(two - one, task))


def _things(paths: Iterable[str], task: Task) -> set[str]:
    """Roots of the words in the names of states and kinds, without those of whom they are of."""
    attributes = task.ontology.attributes
    whose = {root(p.split(".")[0]) for p in attributes}
    kinds = [attributes[p] for p in paths if attributes[p].type in ("boolean", "enum", "set")]
    said = {root(w) for k in kinds for w in k.label.lower().split()}
    return said - whose - {root(w) for w in ("type", "kind", "name", "status")}


def _said(rule: Rule, decision: str, task: Task) -> str:
    """What the rule says of the decision, as an answer."""
    outcome = next(
        o for o in rule.then if isinstance(o, Decide | Contribute) and o.decision == decision
    )
    value = outcome.value if isinstance(outcome, Decide) else outcome.amount
    return value_words(value, task.ontology.decisions[decision].unit)
