"""Codes: a base and modifiers, read against one code set (design section 4, law 4)."""

from __future__ import annotations

from dataclasses import dataclass

from data.ontology.model import CodeSet, Decision
from data.rulelang.ast import Concept


@dataclass(frozen=True, slots=True, order=True)
class ResolvedCode:
    """A base that stands in the code set, and modifiers in the ontology's order."""

    base: str
    modifiers: tuple[str, ...] = ()

    @property
    def text(self) -> str:
        return self.base + "".join(self.modifiers)


def resolve(decision: Decision, value: str | Concept, code_set: CodeSet) -> ResolvedCode | None:
    """What ``value`` means in this code set, or ``None`` where it has no meaning there.

    Text that is no base is read as the longest base followed by modifiers, each once,
    with nothing, a hyphen or a space between.
    """
    if isinstance(value, Concept):
        code = code_set.for_concept(value.name)
        return None if code is None else ResolvedCode(code.code)
    if value in code_set.codes:
        return ResolvedCode(value)
    for length in range(len(value) - 1, 0, -1):
        if value[:length] in code_set.codes:
            found = _modifiers(value[length:], decision.modifiers)
            if found:
                return with_modifiers(ResolvedCode(value[:length]), found, decision)
    return None


def with_modifiers(
    code: ResolvedCode, modifiers: frozenset[str], decision: Decision
) -> ResolvedCode:
    """The same base with exactly these modifiers."""
    return ResolvedCode(code.base, tuple(m for m in decision.modifiers if m in modifiers))


def not_allowed(code: ResolvedCode, code_set: CodeSet) -> tuple[str, ...]:
    """The modifiers of ``code`` that its row in the code set does not allow."""
    allowed = code_set.codes[code.base].modifiers
    return tuple(m for m in code.modifiers if m not in allowed)


def _modifiers(text: str, known: tuple[str, ...]) -> frozenset[str] | None:
    text = text.lstrip("- ")
    if not text:
        return frozenset()
    for modifier in sorted(known, key=len, reverse=True):
        if text.startswith(modifier):
            rest = _modifiers(text[len(modifier) :], known)
            if rest is not None and modifier not in rest:
                return rest | {modifier}
    return None
