"""Rules that can go without anyone noticing; sums told apart only in part count as noticed."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from data.ontology.model import Decision
from data.rulelang.analyse.answers import Answers, TooManySums, apart
from data.rulelang.analyse.encoding import Encoding
from data.rulelang.analyse.units import Contender, amounts, included
from data.rulelang.ast import LeaveToStaff, Rule
from data.rulelang.codes import ResolvedCode, not_allowed
from data.rulelang.findings import Finding


def redundant(encoding: Encoding, dead: frozenset[str]) -> Iterable[Finding]:
    """Every rule without which each request keeps the status and value of all its decisions.

    Of rules that speak of a choice :mod:`data.rulelang.analyse.choices` tells what it can.
    """
    for title, rule in encoding.counted(encoding.rules.items()):
        if title in dead or not rule.then or encoding.chooses(rule):
            continue
        if not _matters(encoding.around(title), rule):
            yield Finding(
                "redundant",
                "warning",
                f"without `{title}` every request keeps its answer",
                "retire it, or change what it was meant to change",
                (title,),
                f'rule "{title}"',
            )


def _matters(encoding: Encoding, rule: Rule) -> bool:
    """Some request changes; looked for first where nothing else meddles, then everywhere."""
    space, here = encoding.space, encoding.applies[rule.title]
    named = {o.decision for o in rule.then}
    parts = [_Removal(encoding, d, rule) for d in encoding.decisions if d.name in named]
    return any(space.solve(here, *part.plainly()) for part in parts) or any(
        space.solve(here, part.changed()) for part in parts if not part.is_plain()
    )


class _Removal:
    """One decision, with and without one rule, on the requests to which that rule applies."""

    def __init__(self, encoding: Encoding, decision: Decision, rule: Rule) -> None:
        self._encoding = encoding
        self._space = encoding.space
        self._decision = decision
        self._rule = rule
        said = encoding.said(decision)
        self._near = tuple(t for t in encoding.near(rule.title) if t in said)

    def plainly(self) -> Sequence[int]:
        """Literals under which the answer is sure to change: nobody else meddles or wins with it.

        One that is never true where there is no such simple case.
        """
        match self._decision.hit:
            case "single":
                return self._plainly_decided()
            case _:
                kept = self._encoding.kept(self._decision, self._rule)
                others = [t for t in self._near if t != self._rule.title]
                adds = any(amounts(self._rule, self._decision))
                if adds or included(self._rule, self._decision):
                    return [kept, *(-self._encoding.applies[t] for t in others)]
                return [-self._space.TRUE]

    def _plainly_decided(self) -> Sequence[int]:
        value = self._encoding.units.get((self._decision.name, ""))
        switches = [
            c.title
            for unit in self._encoding.units.values()
            if unit.decision is self._decision and unit.modifier
            for c in unit.of(self._near)
        ]
        mine = value.of((self._rule.title,)) if value else ()
        if value is None or not mine or self._rule.title in switches:
            return [-self._space.TRUE]
        own = mine[0]
        agreeing = [
            c
            for c in value.of(self._near)
            if c.title != own.title
            and any(a == b for a, b in zip(c.meanings, own.meanings, strict=True))
        ]
        return [
            self._encoding.wins(value, own),
            self._encoding.among(self._decision, self._sound(own)),
            *(-self._encoding.wins(value, c) for c in agreeing),
            *(-self._encoding.applies[title] for title in dict.fromkeys(switches)),
        ]

    def is_plain(self) -> bool:
        """Whether the answer changes in the simple case alone.

        So it is of a value that is no code where nothing conflicts: whoever wins goes on winning
        without the rule, unless it is the rule itself.
        """
        value = self._encoding.units.get((self._decision.name, ""))
        if value is None or self._decision.type == "code":
            return False
        here = self._encoding.applies[self._rule.title]
        return not self._space.solve(here, self._encoding.torn(value))

    def _sound(self, own: Contender) -> int:
        """The code sets under which the outcome is no error."""
        if self._decision.type != "code":
            return (1 << len(own.meanings)) - 1
        sets = self._encoding.code_sets(self._decision)
        return sum(
            1 << i
            for i, (m, s) in enumerate(zip(own.meanings, sets, strict=True))
            if isinstance(m, LeaveToStaff)
            or (isinstance(m, ResolvedCode) and s is not None and not not_allowed(m, s))
        )

    def changed(self) -> int:
        """Requests whose answer is another one once the rule is gone."""
        before = Answers(self._encoding, self._decision, None, self._near)
        try:
            return apart(self._space, before, replace(before, without=self._rule.title))
        except TooManySums:
            return self._space.TRUE
