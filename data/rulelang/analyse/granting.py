"""The requests that get a certain answer, as one literal: the value, a status, a part of it."""

from __future__ import annotations

from collections.abc import Iterable

from data.ontology.model import Decision
from data.rulelang.analyse.answers import sums
from data.rulelang.analyse.encoding import Encoding
from data.rulelang.analyse.units import resolved
from data.rulelang.ast import Contribute, Decide, Include, LeaveToStaff, Modify, Outcome
from data.rulelang.codes import ResolvedCode, resolve
from data.rulelang.wish import Wish


def granting(encoding: Encoding, wish: Wish) -> int:
    """True of exactly the requests whose answer, each unknown fact filled in, is the wish.

    Raises :class:`~data.rulelang.analyse.answers.TooManySums`.
    """
    decision = encoding.ontology.decisions[wish.decision]
    if decision.hit == "sum":
        totals = sums(encoding.space, [*encoding.answers(decision).adds()])
        return next(
            (here for total, here in totals.items() if total == wish.said), -encoding.space.TRUE
        )
    match wish.kind:
        case "status":
            return _bit(encoding, decision, str(wish.said), None)
        case "member" | "modifier":
            return _bit(encoding, decision, "with", wish.said)
        case "value" if decision.type == "code":
            return _code(encoding, decision, str(wish.said))
        case "value":
            return _bit(encoding, decision, "is", wish.said)


def giving(encoding: Encoding, outcome: Outcome) -> int:
    """True of the requests that get what a rule says; of a code, with any modifiers beside."""
    name = outcome.decision
    match outcome:
        case LeaveToStaff():
            return granting(encoding, Wish(name, "status", "left_to_staff"))
        case Decide() if encoding.ontology.decisions[name].type == "code":
            return encoding.space.any(_said(encoding, outcome))
        case Decide(_, value) | Contribute(_, value):
            return granting(encoding, Wish(name, "value", value))  # type: ignore[arg-type]
        case Modify(_, modifier, _):
            return granting(encoding, Wish(name, "modifier", modifier))
        case Include(_, member):
            return granting(encoding, Wish(name, "member", member))
        case _:
            raise ValueError("a choice is no answer of rules alone")


def _said(encoding: Encoding, outcome: Decide) -> Iterable[int]:
    """In each code set, the code that the outcome means there."""
    decision = encoding.ontology.decisions[outcome.decision]
    for i, code_set in enumerate(encoding.code_sets(decision)):
        if (code := resolved(decision, outcome, code_set)) is not None:
            carried = (_bit(encoding, decision, "with", m) for m in code.modifiers)
            base = _bit(encoding, decision, "is", code.base)
            yield encoding.space.all((encoding.among(decision, 1 << i), base, *carried))


def _code(encoding: Encoding, decision: Decision, text: str) -> int:
    """The code by its text: what it means may differ from code set to code set."""
    read = (resolve(decision, text, s) for s in encoding.code_sets(decision) if s is not None)
    meant = sorted({code for code in read if code is not None and code.text == text})
    return encoding.space.any(encoding.space.all(_whole(encoding, decision, c)) for c in meant)


def _whole(encoding: Encoding, decision: Decision, code: ResolvedCode) -> Iterable[int]:
    """Its base, with its modifiers and no other."""
    yield _bit(encoding, decision, "is", code.base)
    for modifier in decision.modifiers:
        here = _bit(encoding, decision, "with", modifier)
        yield here if modifier in code.modifiers else -here


def _bit(encoding: Encoding, decision: Decision, kind: str, what: object) -> int:
    """Where the answer has it: never, where no rule says so."""
    return encoding.answers(decision).bits.get((kind, what), -encoding.space.TRUE)
