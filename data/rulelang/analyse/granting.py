"""The requests that get a certain answer, as one literal: the value, a status, a part of it."""

from __future__ import annotations

from data.ontology.model import Decision
from data.rulelang.analyse.answers import Answers, Bits, sums
from data.rulelang.analyse.encoding import Encoding
from data.rulelang.codes import ResolvedCode, resolve
from data.rulelang.wish import Wish


def granting(encoding: Encoding, wish: Wish) -> int:
    """True of exactly the requests whose answer, each unknown fact filled in, is the wish.

    Raises :class:`~data.rulelang.analyse.answers.TooManySums`.
    """
    decision, never = encoding.ontology.decisions[wish.decision], -encoding.space.TRUE
    answers = Answers(encoding, decision)
    if decision.hit == "sum":
        totals = sums(encoding.space, [*answers.adds()])
        return next((here for total, here in totals.items() if total == wish.said), never)
    bits = answers.bits
    match wish.kind:
        case "status":
            return bits.get((str(wish.said), None), never)
        case "member" | "modifier":
            return bits.get(("with", wish.said), never)
        case "value" if decision.type == "code":
            return _code(encoding, decision, bits, str(wish.said))
        case "value":
            return bits.get(("is", wish.said), never)


def _code(encoding: Encoding, decision: Decision, bits: Bits, text: str) -> int:
    """The code by its text: what it means may differ from code set to code set."""
    space = encoding.space
    read = (resolve(decision, text, s) for s in encoding.code_sets(decision) if s is not None)
    meant = sorted({code for code in read if code is not None and code.text == text})
    return space.any(space.all(_whole(decision, bits, code, -space.TRUE)) for code in meant)


def _whole(decision: Decision, bits: Bits, code: ResolvedCode, never: int) -> list[int]:
    """Its base, with its modifiers and no other."""
    switches = ((m, bits.get(("with", m), never)) for m in decision.modifiers)
    carried = (here if m in code.modifiers else -here for m, here in switches)
    return [bits.get(("is", code.base), never), *carried]
