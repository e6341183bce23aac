"""The requests that get a certain answer, as one literal: the value, a status, a part of it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from data.ontology.model import Decision, Number, Value
from data.rulelang.analyse.encoding import (
    Contender,
    Encoding,
    Unit,
    amounts,
    included,
)
from data.rulelang.ast import LeaveToStaff
from data.rulelang.codes import ResolvedCode, resolve
from data.rulelang.wish import Wish


def granting(encoding: Encoding, wish: Wish) -> int:
    """True of exactly the requests whose answer, each unknown fact filled in, is the wish."""
    decision = encoding.ontology.decisions[wish.decision]
    match decision.hit:
        case "single":
            return _Single(encoding, decision).granting(wish)
        case "collect":
            return _member(encoding, decision, wish.said)
        case "sum":
            return _total(encoding, decision, wish.said)
        case "min" | "max":
            return _extreme(encoding, decision, wish)


def _member(encoding: Encoding, decision: Decision, value: Value) -> int:
    return encoding.space.any(
        encoding.kept(decision, rule)
        for rule in encoding.says(decision)
        if value in included(rule, decision)
    )


def _total(encoding: Encoding, decision: Decision, total: Value) -> int:
    """Rule by rule, the sums that can be reached so far; the last one that is asked for."""
    space = encoding.space
    reached: dict[Number, int] = {0: space.TRUE}
    for rule in encoding.says(decision):
        kept, amount = encoding.kept(decision, rule), sum(amounts(rule, decision))
        ways: dict[Number, list[int]] = {}
        for so_far, literal in reached.items():
            ways.setdefault(so_far, []).append(space.all((literal, -kept)))
            ways.setdefault(so_far + amount, []).append(space.all((literal, kept)))
        reached = {n: space.any(literals) for n, literals in ways.items()}
    return next((lit for n, lit in reached.items() if n == total), -space.TRUE)


def _extreme(encoding: Encoding, decision: Decision, wish: Wish) -> int:
    """The wished amount stands and no better one does; or none stands at all."""
    space = encoding.space
    standing = [
        (amount, encoding.kept(decision, rule))
        for rule in encoding.says(decision)
        for amount in amounts(rule, decision)
    ]
    if wish.kind == "status":
        return space.all(-kept for _, kept in standing)
    said: object = wish.said
    better = [k for a, k in standing if (a < said if decision.hit == "min" else a > said)]  # type: ignore[operator]
    return space.all((space.any(k for a, k in standing if a == said), *(-k for k in better)))


class _Single:
    """A decision with one value, by precedence."""

    def __init__(self, encoding: Encoding, decision: Decision) -> None:
        self._encoding = encoding
        self._space = encoding.space
        self._decision = decision
        self._unit = encoding.units.get((decision.name, ""))
        self._sets = encoding.code_sets(decision)

    def granting(self, wish: Wish) -> int:
        if self._unit is None:
            return self._space.TRUE if wish.said == "no_rule" else -self._space.TRUE
        match wish.kind:
            case "status" if wish.said == "no_rule":
                return -self._encoding.spoken(self._unit)
            case "status":
                return self._meaning(self._unit, LeaveToStaff(self._decision.name))
            case "modifier":
                return self._coded(self._unit, None, {str(wish.said): True})
            case _ if self._decision.type == "code":
                return self._code(self._unit, str(wish.said))
            case _:
                return self._meaning(self._unit, wish.said)

    def _meaning(self, unit: Unit, wanted: object) -> int:
        return self._space.any(
            self._encoding.wins(unit, c) for c in unit.contenders if c.meanings[0] == wanted
        )

    def _code(self, unit: Unit, text: str) -> int:
        """The code by its text: what it means may differ from code set to code set."""
        meant = {
            code
            for s in self._sets
            if s is not None and (code := resolve(self._decision, text, s)) and code.text == text
        }
        return self._space.any(
            self._coded(unit, code.base, {m: m in code.modifiers for m in self._decision.modifiers})
            for code in sorted(meant)
        )

    def _coded(self, unit: Unit, base: str | None, wanted: Mapping[str, bool]) -> int:
        """A code comes out, of this base where one is named, and with these modifiers or not."""
        ways: list[int] = []
        for contender in unit.contenders:
            for code, mask in _codes(contender):
                if base in (None, code.base):
                    switches = (
                        self._switched(m, code, wanted.get(m)) for m in self._decision.modifiers
                    )
                    here = self._encoding.among(self._decision, mask)
                    wins = self._encoding.wins(unit, contender)
                    ways.append(self._space.all((wins, here, *switches)))
        return self._space.any(ways)

    def _switched(self, modifier: str, code: ResolvedCode, wanted: bool | None) -> int:
        """The modifier is settled, as wanted, and the code set in force allows it."""
        allowing = sum(
            1 << i
            for i, s in enumerate(self._sets)
            if s is not None and code.base in s.codes and modifier in s.codes[code.base].modifiers
        )
        allowed = self._encoding.among(self._decision, allowing)
        on = self._space.all((self._settled(modifier, code, True), allowed))
        off = self._settled(modifier, code, False)
        return self._space.any((on, off)) if wanted is None else on if wanted else off

    def _settled(self, modifier: str, code: ResolvedCode, on: bool) -> int:
        carried = (modifier in code.modifiers) == on
        unit = self._encoding.units.get((self._decision.name, modifier))
        if unit is None:
            return self._space.TRUE if carried else -self._space.TRUE
        won = [self._encoding.wins(unit, c) for c in unit.contenders if c.meanings[0] is on]
        silent = (-self._encoding.spoken(unit),) if carried else ()
        return self._space.any((*won, *silent))


def _codes(contender: Contender) -> Iterable[tuple[ResolvedCode, int]]:
    """Each code that the outcome means, and the cells of the code set's attribute where."""
    for meaning in dict.fromkeys(contender.meanings):
        if isinstance(meaning, ResolvedCode):
            yield meaning, sum(1 << i for i, m in enumerate(contender.meanings) if m == meaning)
