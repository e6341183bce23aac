"""Who is meant by comparison with the request: `on the issue's team`, `who know its language`."""

from __future__ import annotations

import re
from dataclasses import dataclass

from data.ontology.model import Attribute, Ontology
from data.rulelang.ast import CompareFacts, Op

_ORDERS: tuple[tuple[str, Op], ...] = (
    (r"\b(?:at or (?:over|above)|at least) THEIRS(?P<what>)", "is at least"),
    (r"\b(?:at or (?:under|below)|at most) THEIRS(?P<what>)", "is at most"),
    (r"\b(?:over|above|beyond|more than|exceeding) THEIRS(?P<what>)", "is more than"),
    (r"\b(?:under|below|less than|fewer than) THEIRS(?P<what>)", "is less than"),
    (r"\bmore (?P<what>.+?) than THEIRS", "is more than"),
    (r"\b(?:fewer|less) (?P<what>.+?) than THEIRS", "is less than"),
)
"""Ways to compare a fact with another of the same person."""


@dataclass(frozen=True, slots=True)
class CompareSaid:
    """A fact of a candidate, compared with another fact."""

    condition: CompareFacts


def compared(who: str, entity: str, ontology: Ontology) -> CompareSaid | None:
    """The comparison that the words say; ``None`` where they say none."""
    own = [a for a in ontology.attributes.values() if a.entity == entity]
    return _with_request(who, own, ontology) or _between_own(who, own)


def _with_request(who: str, own: list[Attribute], ontology: Ontology) -> CompareSaid | None:
    """`on the issue's team`, `the same team as the issue`, `whose team is the issue's team`."""
    for other in ontology.facts:
        names = "|".join(map(re.escape, sorted({other.label, *other.synonyms}, key=len)[::-1]))
        thing = re.escape(other.entity)
        ways = (
            rf"\b(?:the |its |an? )?{thing}(?:'s|s')? (?:{names})\b",
            rf"\b(?:the )?(?:same )?(?:{names}) (?:as|of) (?:the |an? |its )?{thing}(?:'s)?\b",
        )
        for way in ways:
            if re.search(way, who, re.IGNORECASE):
                rest = re.sub(way, " ", who, flags=re.IGNORECASE)
                mine = _like(other, own, rest)
                if mine is not None and _all_said(rest, mine):
                    op: Op = "include" if mine.type == "set" else "is"
                    return CompareSaid(CompareFacts(mine.path, op, other.path))
    return None


def _like(other: Attribute, own: list[Attribute], said: str) -> Attribute | None:
    """The candidates' fact that can be compared: the one named, else the only one."""
    fitting = [a for a in own if _comparable(a, other)]
    named = [a for a in fitting if _names(a, said)]
    same = [a for a in fitting if a.label == other.label]
    found = named or same or fitting
    return found[0] if len(found) == 1 else None


def _comparable(mine: Attribute, other: Attribute) -> bool:
    if other.type in ("enum", "code"):
        return mine.type in (other.type, "set") and bool({*mine.values} & {*other.values})
    return mine.type == other.type and other.type != "set"


def _between_own(who: str, own: list[Attribute]) -> CompareSaid | None:
    """`with more open issues than their limit`, `whose open issues are over their limit`."""
    numbers = [a for a in own if a.type in ("integer", "decimal", "date")]
    for other in numbers:
        name = "|".join(map(re.escape, (other.label, *other.synonyms)))
        theirs = rf"(?:the |their |his or her )(?:own )?(?:{name})\b"
        for way, op in _ORDERS:
            found = re.search(way.replace("THEIRS", theirs), who, re.IGNORECASE)
            if found is None:
                continue
            rest = who[: found.start()] + (found["what"] or "") + who[found.end() :]
            named = [a for a in numbers if a != other and _names(a, rest)]
            if len(named) == 1 and _all_said(rest, named[0]):
                return CompareSaid(CompareFacts(named[0].path, op, other.path))
    return None


def _names(attribute: Attribute, said: str) -> bool:
    return any(_says(n, said) for n in (attribute.label, *attribute.synonyms))


def _all_said(rest: str, mine: Attribute) -> bool:
    """Whether besides the comparison only the fact compared and words without content are left."""
    names = {w for n in (mine.label, *mine.synonyms, mine.entity) for w in n.casefold().split()}
    known = {w.rstrip("s") for w in names} | _GLUE
    return all(w in known or w.rstrip("s") in known for w in re.findall(r"[\w']+", rest.lower()))


_GLUE = frozenset(
    [
        "a",
        "an",
        "and",
        "any",
        "anybody",
        "anyone",
        "are",
        "as",
        "at",
        "been",
        "being",
        "by",
        "do",
        "does",
        "everybody",
        "everyone",
        "from",
        "has",
        "have",
        "he",
        "her",
        "his",
        "if",
        "in",
        "is",
        "it",
        "its",
        "of",
        "on",
        "one",
        "only",
        "or",
        "people",
        "person",
        "persons",
        "same",
        "she",
        "somebody",
        "someone",
        "than",
        "that",
        "the",
        "their",
        "them",
        "these",
        "they",
        "those",
        "to",
        "who",
        "whoever",
        "whose",
        "with",
    ]
)


def _says(name: str, said: str) -> bool:
    return re.search(rf"(?<!\w){re.escape(name)}(?!\w)", said, re.IGNORECASE) is not None
