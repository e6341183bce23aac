"""What must not be seen: names, numbers and dates that say who someone is.

:func:`mask` works on what people type, before it enters a prompt or a trace. It prefers hiding a
word too much to showing a name: what it must leave alone is passed as ``keep``.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any, cast

from data.access.names import NameFinder
from data.access.numbers import Span, find_numbers, find_phrases
from data.ontology import CodeSets, Ontology, ScopeRow

SHORTEST_SECRET = 16
MOST_MASKED = 256
"""Texts that stay masked in memory for a while."""


def mask(text: str, known: Iterable[str] = (), keep: Iterable[str] = ()) -> str:
    """The text with everything identifying replaced by ``[name]``, ``[phone]`` and the like.

    ``known`` is what is known to identify this person (a patient's name from the request);
    ``keep`` the organisation's own words (:func:`ontology_words`), which are nobody's name.
    Masking twice is masking once.

    >>> mask("Mrs. Alvarez, born 3/4/1961, needs a wheelchair: call 555-201-3344")
    'Mrs. [name], born [date of birth], needs a wheelchair: call [phone]'
    """
    words = keep if isinstance(keep, frozenset) else frozenset(keep)
    return _masked(text, tuple(known), words)


@lru_cache(maxsize=MOST_MASKED)
def _masked(text: str, known: tuple[str, ...], words: frozenset[str]) -> str:
    """One turn masks the same texts for its answer, its trace and its scores."""
    finder = _finder(words)
    spans = find_phrases(text, known) + find_numbers(text, finder.kept)
    spans = _without_overlaps(spans)
    return _replace(text, _without_overlaps(spans + finder.find(text, spans)))


def ontology_words(
    ontology: Ontology, code_sets: CodeSets | None = None, scope_rows: Iterable[ScopeRow] = ()
) -> frozenset[str]:
    """Every word of an organisation that :func:`mask` should leave alone."""
    found: set[str] = {ontology.name, ontology.title, *ontology.entities}
    for named in (*ontology.attributes.values(), *ontology.decisions.values()):
        found.update((named.name, named.label, *named.synonyms))
        for value, synonyms in named.values.items():
            found.update((value, *synonyms))
    for relation in ontology.relations.values():
        found.update((relation.name, relation.label))
    for code_set in (code_sets or {}).values():
        found.add(code_set.name)
        for code in code_set.codes.values():
            found.update((code.code, code.title, *code.modifiers, code.concept or ""))
    found.update(value for row in scope_rows for value in row.values())
    return frozenset(word for word in found if word)


def candidate_keys(ontology: Ontology, facts: Mapping[str, Any]) -> frozenset[str]:
    """What a request's candidates are called, where the organisation holds that for nobody's
    secret: one who sees the request may speak of them.

    ``facts`` are nested, as a request gives them. A key whose attribute is sensitive is left out.
    """
    found: set[str] = set()
    for name, listed in ontology.candidates.items():
        key = ontology.attributes.get(f"{listed.entity}.{listed.key}")
        rows: object = facts.get(name)
        if key is None or key.sensitive is not None or not isinstance(rows, list | tuple):
            continue
        for row in cast("Iterable[object]", rows):
            if isinstance(row, Mapping):
                found.add(str(cast("Mapping[str, Any]", row).get(listed.key) or ""))
    return frozenset(found - {""})


def mask_facts(ontology: Ontology, facts: Mapping[str, Any]) -> dict[str, Any]:
    """Nested facts of a request without sensitive attributes, and without what is not in the words.

    >>> from data.ontology.model import Attribute, Ontology
    >>> age, name = Attribute("p.age", "integer", "age"), Attribute("p.name", "text", "name",
    ...     sensitive="identifying")
    >>> words = Ontology("o", "o", None, ("p",), {"p.age": age, "p.name": name}, {}, None, {})
    >>> mask_facts(words, {"p": {"age": 52, "name": "Maria Lopez", "shoe": 38}})
    {'p': {'age': 52}}
    """
    entities = {name: name for name in ontology.entities}
    entities |= {name: relation.entity for name, relation in ontology.relations.items()}
    entities |= {name: list_.entity for name, list_ in ontology.candidates.items()}
    return {
        name: _mask_value(ontology, entities[name], value)
        for name, value in facts.items()
        if name in entities
    }


def pseudonym(secret: str | bytes, person_id: str) -> str:
    """A name for the person that only the holder of ``secret`` can lead back to them.

    The same person has the same one under the same secret. Raises ``ValueError`` for a secret
    of fewer than 16 characters.
    """
    key = secret.encode() if isinstance(secret, str) else secret
    if len(key) < SHORTEST_SECRET:
        raise ValueError(f"the secret of pseudonyms needs at least {SHORTEST_SECRET} characters")
    return "user-" + hmac.new(key, person_id.encode(), hashlib.sha256).hexdigest()[:20]


def _mask_value(ontology: Ontology, entity: str, value: object) -> Any:
    """One entity's facts, or rows of them; anything else is left out as ``None``."""
    if isinstance(value, Mapping):
        return _mask_entity(ontology, entity, cast("Mapping[str, Any]", value))
    if isinstance(value, list | tuple):
        rows = cast("Iterable[object]", value)
        return [_mask_value(ontology, entity, row) for row in rows]
    return None


def _mask_entity(ontology: Ontology, entity: str, facts: Mapping[str, Any]) -> dict[str, Any]:
    attributes = {name: ontology.attributes.get(f"{entity}.{name}") for name in facts}
    return {
        name: value
        for name, value in facts.items()
        if (a := attributes[name]) is not None and a.sensitive is None
    }


@lru_cache(maxsize=32)
def _finder(keep: frozenset[str]) -> NameFinder:
    return NameFinder(keep)


def _without_overlaps(spans: list[Span]) -> list[Span]:
    """Of two that overlap, the one found first; in the order of the text."""
    taken: list[Span] = []
    for span in spans:
        if all(span.end <= other.start or span.start >= other.end for other in taken):
            taken.append(span)
    return sorted(taken, key=lambda s: s.start)


def _replace(text: str, spans: list[Span]) -> str:
    for span in reversed(spans):
        text = f"{text[: span.start]}[{span.what}]{text[span.end :]}"
    return text
