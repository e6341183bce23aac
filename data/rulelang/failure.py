"""Why a statement could not be read, told in the author's words, with what to try."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import get_args

from data.ontology.model import Attribute, Decision, Ontology
from data.ontology.nearest import did_you_mean, nearest
from data.rulelang.ast import Unit
from data.rulelang.build import Problem
from data.rulelang.findings import FindingCode
from data.rulelang.grammar import (
    COMPARABLE,
    KEYWORDS,
    KINDS,
    LIST_OPERATORS_OF,
    OPERATORS,
    OPERATORS_OF,
    called,
    name_of,
)
from data.rulelang.lexicon import Phrases, Word

Trouble = tuple[FindingCode, str, str]
"""Code, message and suggestion of a finding."""
_SAME_FOR_DAYS = {
    "is at least": "is on or after",
    "is at most": "is on or before",
    "is more than": "is after",
    "is less than": "is before",
}
_SPOKEN = {"LPAR": "(", "RPAR": ")", "COMMA": ",", "STRING": 'a text in "quotes"'}


@dataclass(frozen=True, slots=True, order=True)
class Failure:
    """The furthest point an attempt came to, and what would have been accepted there."""

    position: int
    accepted: frozenset[str] = field(compare=False)
    subject: Attribute | Decision | str | None = field(compare=False)
    inside: str | None = field(compare=False, default=None)
    """Entity of the rows that a ``where`` speaks of."""


def explain(
    ontology: Ontology,
    words: Sequence[Word],
    failure: Failure,
    fixed: Phrases[tuple[str, object]],
    derived: Iterable[str],
) -> Problem:
    """One problem for a statement that has no parse."""
    title = _title(words)
    line = words[min(failure.position, len(words) - 1)].line if words else 0
    code, message, suggestion = _what(ontology, words, failure, fixed, derived)
    return Problem(code, message, suggestion, title, line)


def _what(
    ontology: Ontology,
    words: Sequence[Word],
    failure: Failure,
    fixed: Phrases[tuple[str, object]],
    derived: Iterable[str],
) -> Trouble:
    at, accepted, subject = failure.position, failure.accepted, failure.subject
    if at >= len(words):
        return "parse", "the rule stops in the middle", f"go on with {_expected(accepted)}"
    if "COUNT_VALUE" in accepted:
        said = words[at].text
        return "parse", f"there is no number before `{said}`", "write one, as in `12 months`"
    if accepted <= {"UNIT"}:
        return _unknown(words, at, fixed, "no unit of time", get_args(Unit))
    if any(t.endswith("_VALUE") or t in ("ADDED", "DAY") for t in accepted):
        return (
            _misfit(words, at, fixed, subject)
            or _bad_name(ontology, words, at, subject, failure.inside)
            or _bad_value(ontology, words, at, accepted, subject)
        )
    if accepted & _NAMES and _operator(words, at, fixed):
        said = _operator(words, at, fixed)
        return "parse", f"did not expect `{said}` here", "a condition or an outcome is missing"
    if "DECISION" in accepted:
        labels = [d.label for d in ontology.decisions.values()]
        return _unknown(words, at, fixed, "no decision of this organisation", labels)
    if "NUMBER_NAME" in accepted:
        return _unknown(
            words,
            at,
            fixed,
            "no word of this organisation",
            [*_known_names(ontology, failure.inside), *derived],
        )
    if "RELATION" in accepted:
        related = [r.label for r in ontology.relations.values()]
        return _unknown(words, at, fixed, "no relation of this organisation", related)
    if "CANDIDATES" in accepted:
        lists = [called(c) for c in ontology.candidates]
        return _unknown(words, at, fixed, "no candidate list", lists)
    if "LEVEL" in accepted:
        levels = ontology.scopes.levels if ontology.scopes else ()
        return _unknown(words, at, fixed, "no scope level", list(levels))
    said = _operator(words, at, fixed)
    if isinstance(subject, Attribute | Decision) and said and accepted & _OPERATORS:
        return (
            "type",
            f"`{said}` does not fit `{subject.label}`",
            f"after `{subject.label}` say {_expected(accepted)}",
        )
    return (None if said else _after_number(words, at, subject)) or (
        "parse",
        f"did not expect `{words[at].text}` here",
        f"here goes {_expected(accepted)}",
    )


def _misfit(
    words: Sequence[Word],
    at: int,
    fixed: Phrases[tuple[str, object]],
    subject: Attribute | Decision | str | None,
) -> Trouble | None:
    """The word before and these together are a comparison, only not one for this fact."""
    said = _operator(words, at - 1, fixed)
    if not isinstance(subject, Attribute) or len(said.split()) < 2:
        return None
    known = (*OPERATORS_OF[KINDS[subject.type]], *LIST_OPERATORS_OF.get(KINDS[subject.type], ()))
    if any(KEYWORDS[op][0] == said for op in known):
        return None
    meant = _SAME_FOR_DAYS.get(said) if KINDS[subject.type] in ("DATE", "TIME") else None
    return (
        "type",
        f"`{said}` does not fit `{subject.label}`",
        f"say `{meant}`" if meant else f"after `{subject.label}` say {_expected(known)}",
    )


def _after_number(
    words: Sequence[Word], at: int, subject: Attribute | Decision | str | None
) -> Trouble | None:
    """A number that goes on: in another unit, or with a comma."""
    if not isinstance(subject, Attribute | Decision) or KINDS.get(subject.type) != "NUMBER":
        return None
    if not words[at - 1].text.replace(".", "").isdigit():
        return None
    if words[at].text == "," and at + 1 < len(words) and words[at + 1].text.isdigit():
        return "parse", "a number has no comma", "write 1000 for a thousand, 70.5 with a point"
    if words[at].kind != "word":
        return None
    counted = f"is counted in {subject.unit}" if subject.unit else "has no unit"
    number = words[at - 1].text
    return (
        "type",
        f"`{words[at].text}` cannot follow {number}: `{subject.label}` {counted}",
        f"write {number}" + (f" or {number} {subject.unit}" if subject.unit else ""),
    )


def _bad_name(
    ontology: Ontology,
    words: Sequence[Word],
    at: int,
    subject: Attribute | Decision | str | None,
    inside: str | None,
) -> Trouble | None:
    """What stands here is nearly the name of a fact to compare with."""
    said = _phrase(words, at)
    if not isinstance(subject, Attribute) or subject.values or not said.replace(" ", "").isalpha():
        return None
    kinds = COMPARABLE[KINDS[subject.type]]
    fitting = (a for a in _known(ontology, inside) if KINDS[a.type] in kinds and a != subject)
    near = nearest(said, [name_of(ontology, a.path, inside) for a in fitting])
    if not near:
        return None
    return "unknown-term", f"`{said}` is no word of this organisation", did_you_mean(said, near)


def _bad_value(
    ontology: Ontology,
    words: Sequence[Word],
    at: int,
    accepted: frozenset[str],
    subject: Attribute | Decision | str | None,
) -> Trouble:
    said = _phrase(words, at)
    if "DAY" in accepted:
        return "type", f"`{said}` is no date", "write a date as 2027-01-31"
    if isinstance(subject, str):
        attribute = (
            ontology.attributes.get(ontology.scopes.path(subject)) if ontology.scopes else None
        )
        known = list(attribute.values) if attribute else []
        return (
            "unknown-term",
            f"`{said}` is no {subject} of this organisation",
            did_you_mean(said, known),
        )
    if subject is None:
        return "parse", f"did not expect `{said}` here", f"here goes {_expected(accepted)}"
    if "ADDED" in accepted and isinstance(subject, Decision) and not _can_add(subject):
        say = "include" if subject.hit == "collect" else "is"
        return (
            "type",
            f"`{subject.label}` is not decided that way",
            f"say `{subject.label} {say} …`",
        )
    if "ADDED" in accepted:
        known = list(subject.modifiers) if isinstance(subject, Decision) else []
        wanted = did_you_mean(said, known) if known else "write a number"
        return "unknown-term", f"`{said}` cannot be added to `{subject.label}`", wanted
    match subject.type:
        case "enum" | "set" | "choice":
            return (
                "unknown-term",
                f"`{said}` is no value of `{subject.label}`",
                _value_meant(said, subject),
            )
        case "boolean":
            return (
                "type",
                f"`{said}` is neither yes nor no",
                f"say `{subject.label} is yes` or `is no`",
            )
        case "integer" | "decimal":
            return (
                "type",
                f"`{said}` is no number, and `{subject.label}` is one",
                "write a number, e.g. 40",
            )
        case "date":
            return "type", f"`{said}` is no date", "write a date as 2027-01-31"
        case "time":
            return "type", f"`{said}` is no time of day", "write a time as 16:30"
        case "text" | "code":
            return "parse", f"`{said}` cannot stand here", 'put the text in "quotes"'


def _can_add(decision: Decision) -> bool:
    return bool(decision.modifiers) or decision.hit in ("sum", "min", "max")


def _value_meant(said: str, subject: Attribute | Decision) -> str:
    """The value that has this name as a synonym, else the nearest values."""
    folded = said.casefold()
    meant = [v for v, names in subject.values.items() if folded in map(str.casefold, names)]
    return did_you_mean(meant[0] if meant else said, meant or subject.values)


def _unknown(
    words: Sequence[Word],
    at: int,
    fixed: Phrases[tuple[str, object]],
    what: str,
    known: Sequence[str],
) -> Trouble:
    said = _phrase(words, at, fixed)
    return "unknown-term", f"`{said}` is {what}", did_you_mean(said, known)


def _known_names(ontology: Ontology, inside: str | None) -> list[str]:
    return [name_of(ontology, a.path, inside) for a in _known(ontology, inside)]


def _known(ontology: Ontology, inside: str | None) -> list[Attribute]:
    """The facts that conditions can name there; inside a ``where`` the rows' own first."""
    own = [a for a in ontology.attributes.values() if a.entity == inside]
    return [*own, *ontology.facts]


def _operator(words: Sequence[Word], at: int, fixed: Phrases[tuple[str, object]]) -> str:
    ends = [end for end, (_, payload) in fixed.at(words, at) if payload is None]
    return " ".join(w.text for w in words[at : max(ends)]) if ends else ""


def _phrase(
    words: Sequence[Word], at: int, fixed: Phrases[tuple[str, object]] | None = None
) -> str:
    """The words from here to the next keyword, mark or end of line."""
    end = at + 1
    while end < len(words) and words[end].kind == "word" and words[end].line == words[at].line:
        if words[end].key in _STOPS or (fixed is not None and _operator(words, end, fixed)):
            break
        end += 1
    return " ".join(w.text for w in words[at:end])


def _expected(accepted: Iterable[str]) -> str:
    said = [KEYWORDS[t][0] for t in KEYWORDS if t in set(accepted)]
    said += [text for terminal, text in _SPOKEN.items() if terminal in set(accepted)]
    spoken = dict.fromkeys(said)
    return " or ".join(f"`{s}`" for s in spoken) if spoken else "the next part of the rule"


def _title(words: Sequence[Word]) -> str:
    return next((w.text for w in words[:3] if w.kind == "string"), "")


_NAMES = frozenset(["DECISION", "NUMBER_NAME"])
_OPERATORS = frozenset([*OPERATORS, "ADDS", "DROPS"])
_STOPS = frozenset(
    ["and", "or", "not", "then", "because", "from", "until", "unless", "when", "overrides", "scope"]
)
