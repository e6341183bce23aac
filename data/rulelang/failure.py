"""Why a statement could not be read, told in the author's words, with what to try."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from data.ontology.model import Attribute, Decision, Ontology
from data.ontology.nearest import did_you_mean
from data.rulelang.build import Problem
from data.rulelang.findings import FindingCode
from data.rulelang.grammar import KEYWORDS, OPERATORS, name_of
from data.rulelang.lexicon import Phrases, Word

_SPOKEN = {"LPAR": "(", "RPAR": ")", "COMMA": ",", "STRING": 'a text in "quotes"'}


@dataclass(frozen=True, slots=True, order=True)
class Failure:
    """The furthest point an attempt came to, and what would have been accepted there."""

    position: int
    accepted: frozenset[str] = field(compare=False)
    subject: Attribute | Decision | str | None = field(compare=False)


def explain(
    ontology: Ontology,
    words: Sequence[Word],
    failure: Failure,
    fixed: Phrases[tuple[str, object]],
) -> Problem:
    """One problem for a statement that has no parse."""
    title = _title(words)
    line = words[min(failure.position, len(words) - 1)].line if words else 0
    code, message, suggestion = _what(ontology, words, failure, fixed)
    return Problem(code, message, suggestion, title, line)


def _what(
    ontology: Ontology,
    words: Sequence[Word],
    failure: Failure,
    fixed: Phrases[tuple[str, object]],
) -> tuple[FindingCode, str, str]:
    at, accepted, subject = failure.position, failure.accepted, failure.subject
    if at >= len(words):
        return "parse", "the rule stops in the middle", f"go on with {_expected(accepted)}"
    if any(t.endswith("_VALUE") or t in ("ADDED", "DAY") for t in accepted):
        return _bad_value(ontology, words, at, accepted, subject)
    if "DECISION" in accepted:
        labels = [d.label for d in ontology.decisions.values()]
        return _unknown(words, at, fixed, "no decision of this organisation", labels)
    if "NUMBER_NAME" in accepted:
        return _unknown(
            words,
            at,
            fixed,
            "no word of this organisation",
            [name_of(ontology, a.path) for a in ontology.facts],
        )
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
    return (
        "parse",
        f"did not expect `{words[at].text}` here",
        f"here goes {_expected(accepted)}",
    )


def _bad_value(
    ontology: Ontology,
    words: Sequence[Word],
    at: int,
    accepted: frozenset[str],
    subject: Attribute | Decision | str | None,
) -> tuple[FindingCode, str, str]:
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
    if "ADDED" in accepted:
        known = list(subject.modifiers) if isinstance(subject, Decision) else []
        wanted = did_you_mean(said, known) if known else "write a number"
        return "unknown-term", f"`{said}` cannot be added to `{subject.label}`", wanted
    match subject.type:
        case "enum" | "set" | "choice":
            known = list(subject.values)
            return (
                "unknown-term",
                f"`{said}` is no value of `{subject.label}`",
                did_you_mean(said, known),
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


def _unknown(
    words: Sequence[Word],
    at: int,
    fixed: Phrases[tuple[str, object]],
    what: str,
    known: Sequence[str],
) -> tuple[FindingCode, str, str]:
    said = _phrase(words, at, fixed)
    return "unknown-term", f"`{said}` is {what}", did_you_mean(said, known)


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
    spoken = [KEYWORDS[t][0] for t in KEYWORDS if t in set(accepted)]
    spoken += [text for terminal, text in _SPOKEN.items() if terminal in set(accepted)]
    return " or ".join(f"`{s}`" for s in spoken) if spoken else "the next part of the rule"


def _title(words: Sequence[Word]) -> str:
    return next((w.text for w in words[:3] if w.kind == "string"), "")


_OPERATORS = frozenset([*OPERATORS, "ADDS", "DROPS"])
_STOPS = frozenset(
    ["and", "or", "not", "then", "because", "from", "until", "unless", "when", "overrides", "scope"]
)
