"""The organisation's own grammar, generated from its ontology, in Lark's notation.

The skeleton is the same for everyone; the terminals are the labels, values and codes of
the pack. The parser runs this text, ``rulewright language`` prints it, and a model that
supports grammar-constrained output can be held to it.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import get_args

from data.ontology.model import Attribute, CodeSets, Ontology, TypeName
from data.rulelang.ast import Op, Unit
from data.rulelang.lexicon import key_of

KEYWORDS: Mapping[str, tuple[str, ...]] = {
    "RULE": ("rule",),
    "ACCEPT_GAP": ("accept gap",),
    "DEFINE": ("define",),
    "INVARIANT": ("invariant",),
    "NEVER": ("never",),
    "ALWAYS": ("always",),
    "WITH": ("with",),
    "GIVES": ("gives",),
    "AS": ("as",),
    "SCOPE": ("scope",),
    "MANDATORY": ("mandatory",),
    "WHEN": ("when",),
    "UNLESS": ("unless",),
    "THEN": ("then",),
    "BECAUSE": ("because",),
    "FROM": ("from",),
    "UNTIL": ("until",),
    "OVERRIDES": ("overrides",),
    "AND": ("and",),
    "OR": ("or",),
    "NOT": ("not",),
    "IS": ("is",),
    "IS_NOT": ("is not",),
    "IS_ONE_OF": ("is one of",),
    "IS_NONE_OF": ("is none of",),
    "IS_AT_LEAST": ("is at least",),
    "IS_AT_MOST": ("is at most",),
    "IS_MORE_THAN": ("is more than",),
    "IS_LESS_THAN": ("is less than",),
    "IS_BETWEEN": ("is between",),
    "IS_BEFORE": ("is before",),
    "IS_AFTER": ("is after",),
    "IS_ON_OR_AFTER": ("is on or after",),
    "IS_ON_OR_BEFORE": ("is on or before",),
    "IS_KNOWN": ("is known",),
    "IS_NOT_KNOWN": ("is not known",),
    "INCLUDE": ("include", "includes"),
    "INCLUDE_ANY_OF": ("include any of", "includes any of"),
    "INCLUDE_ALL_OF": ("include all of", "includes all of"),
    "INCLUDE_NONE_OF": ("include none of", "includes none of"),
    "IS_LEFT_TO_STAFF": ("is left to staff",),
    "IS_THE_CODE_FOR": ("is the code for",),
    "ADDS": ("adds",),
    "DROPS": ("drops",),
    "ALSO": ("and",),
    "EXCLUDE": ("exclude",),
    "REQUIRE": ("require",),
    "PREFER": ("prefer",),
    "WITH_LOWEST": ("with lowest", "with fewest", "with earliest", "with least"),
    "WITH_HIGHEST": ("with highest", "with most", "with latest"),
    "THE": ("the",),
    "ANY": ("any",),
    "NO": ("no",),
    "NUMBER_OF": ("number of",),
    "SINCE_LATEST": ("since latest", "since the latest", "since last", "since the last"),
    "WHERE": ("where",),
    "WITHIN_THE_LAST": ("within the last", "in the last"),
}
"""Terminal → the ways to write it; the first is the one the renderer uses."""

TOLD_BY_PLACE = frozenset(
    [
        "DEFINE",
        "AS",
        "THE",
        "ANY",
        "NO",
        "NUMBER_OF",
        "SINCE_LATEST",
        "WHERE",
        "INVARIANT",
        "NEVER",
        "ALWAYS",
        "WITH",
        "GIVES",
    ]
)
"""Keywords that words of the ontology may contain: where they stand tells them apart."""

_WAYS = tuple(w for t, ways in KEYWORDS.items() if t not in TOLD_BY_PLACE for w in ways)
_SINGLE = frozenset(way for way in _WAYS if " " not in way)
_PHRASES = tuple(key_of(way) for way in _WAYS if " " in way)
_AFTER_WORD = tuple(phrase[1:] for phrase in _PHRASES if phrase[0] in ("is", "include"))

_UNITS = tuple(way for unit in get_args(Unit) for way in (unit, unit[:-1]))
_OPENINGS = frozenset(
    [
        *(key_of(way) for terminal in ("ANY", "NO", "NUMBER_OF") for way in KEYWORDS[terminal]),
        *((unit, *key_of(way)) for unit in _UNITS for way in KEYWORDS["SINCE_LATEST"]),
    ]
)
"""Words before a relation."""

OPERATORS: Mapping[str, Op] = {
    terminal: op for terminal, (first, *_) in KEYWORDS.items() for op in get_args(Op) if op == first
}

KINDS: Mapping[TypeName, str] = {
    "boolean": "YES_NO",
    "integer": "NUMBER",
    "decimal": "NUMBER",
    "enum": "CHOICE",
    "date": "DATE",
    "time": "TIME",
    "text": "TEXT",
    "code": "CODE",
    "set": "SET",
}
"""Type → the family of terminals its names belong to."""

OPERATORS_OF: Mapping[str, tuple[str, ...]] = {
    "YES_NO": ("IS", "IS_NOT"),
    "NUMBER": ("IS", "IS_NOT", "IS_AT_LEAST", "IS_AT_MOST", "IS_MORE_THAN", "IS_LESS_THAN"),
    "CHOICE": ("IS", "IS_NOT"),
    "DATE": ("IS", "IS_NOT", "IS_BEFORE", "IS_AFTER", "IS_ON_OR_AFTER", "IS_ON_OR_BEFORE"),
    "TIME": ("IS", "IS_NOT", "IS_BEFORE", "IS_AFTER", "IS_ON_OR_AFTER", "IS_ON_OR_BEFORE"),
    "TEXT": ("IS", "IS_NOT"),
    "CODE": ("IS", "IS_NOT"),
    "SET": ("INCLUDE",),
}
LIST_OPERATORS_OF: Mapping[str, tuple[str, ...]] = {
    "NUMBER": ("IS_ONE_OF", "IS_NONE_OF"),
    "CHOICE": ("IS_ONE_OF", "IS_NONE_OF"),
    "DATE": ("IS_ONE_OF", "IS_NONE_OF"),
    "TIME": ("IS_ONE_OF", "IS_NONE_OF"),
    "TEXT": ("IS_ONE_OF", "IS_NONE_OF"),
    "CODE": ("IS_ONE_OF", "IS_NONE_OF"),
    "SET": ("INCLUDE_ANY_OF", "INCLUDE_ALL_OF", "INCLUDE_NONE_OF"),
}
RANGED = ("NUMBER", "DATE", "TIME")
"""Families that know ``is between x and y``."""
COMPARABLE: Mapping[str, tuple[str, ...]] = {
    **{kind: (kind,) for kind in ("YES_NO", "NUMBER", "DATE", "TIME")},
    **dict.fromkeys(("CHOICE", "TEXT", "CODE", "SET"), ("CHOICE", "TEXT", "CODE")),
}
"""Family → those of the facts it can be compared with."""

_SKELETON = """\
start: (rule | accepted_gap | define | invariant)*
rule: RULE STRING clause*
clause: SCOPE LEVEL LEVEL_VALUE ("," LEVEL_VALUE)* MANDATORY? -> scope
      | MANDATORY                                             -> mandatory
      | WHEN condition                                        -> when
      | WHEN condition UNLESS condition                       -> when_unless
      | THEN outcome (ALSO outcome)*                          -> then
      | BECAUSE STRING                                        -> because
      | FROM DAY                                              -> start
      | UNTIL DAY                                             -> until
      | OVERRIDES STRING ("," STRING)*                        -> overrides
accepted_gap: ACCEPT_GAP STRING clause*
invariant: INVARIANT STRING NEVER condition WITH outcome clause*
         | INVARIANT STRING ALWAYS condition GIVES outcome clause*
define: DEFINE NEW_NAME AS condition (UNLESS condition)?
?condition: conjunction (OR conjunction)*                     -> any_of
?conjunction: part (AND part)*                                -> all_of
?part: "(" condition ")"
     | NOT "(" condition ")"                                  -> negation
     | comparison
     | DERIVED_NAME IS YES_NO_VALUE                           -> derived
     | ANY rows                                               -> any_row
     | NO rows                                                -> no_row
     | NUMBER_OF rows how_many                                -> number_of
     | UNIT SINCE_LATEST rows how_many                        -> since
rows: RELATION (WHERE "(" condition ")")? (WITHIN_THE_LAST COUNT_VALUE UNIT)?
fact: THE? name
"""


def grammar_text(
    ontology: Ontology, code_sets: CodeSets | None = None, derived: Iterable[str] = ()
) -> str:
    """The whole grammar of this organisation's language; ``derived`` are names it has defined."""
    return "\n".join(
        [
            rules_text(),
            *(f"{name}: {_choice(ways)}" for name, ways in KEYWORDS.items()),
            *_terminals(ontology, code_sets or {}),
            *_history_terminals(ontology, derived),
            'STRING: /"(\\\\.|[^"\\\\])*"/',
            "%ignore /\\s+/",
            "%ignore /#[^\\n]*/",
            "",
        ]
    )


def rules_text() -> str:
    """The part that is the same for every organisation: its rules, without its terminals."""
    return _SKELETON + _how_many() + _comparisons() + _outcomes()


def declared() -> tuple[str, ...]:
    """The terminals of :func:`rules_text`, which each organisation fills with its own words."""
    used = re.findall(r"\b[A-Z][A-Z_]+\b", rules_text())
    return tuple(dict.fromkeys(used))


def names(ontology: Ontology, inside: str | None = None) -> dict[str, tuple[Attribute, ...]]:
    """Every way to name a fact in rule text: its label, and ``entity label``.

    Inside the ``where`` of a row's entity its own words come first; another fact that shares
    a name with one of them is reached by its ``entity label``.
    """
    found = _named(a for a in ontology.attributes.values() if a.entity == inside)
    own = {name.casefold() for name in found}
    outside = _named(ontology.facts)
    return found | {name: them for name, them in outside.items() if name.casefold() not in own}


def _named(attributes: Iterable[Attribute]) -> dict[str, tuple[Attribute, ...]]:
    found: dict[str, tuple[Attribute, ...]] = {}
    for attribute in attributes:
        for name in {attribute.label, f"{attribute.entity} {attribute.label}"}:
            found[name] = (*found.get(name, ()), attribute)
    return found


def name_of(ontology: Ontology, path: str, inside: str | None = None) -> str:
    """The shortest name that means only this fact, there."""
    attribute = ontology.attributes[path]
    if inside is None:
        shared = attribute.label.casefold() in ontology.shared_labels
    else:
        shared = attribute.entity != inside and _also_named(ontology, attribute, inside)
    return f"{attribute.entity} {attribute.label}" if shared else attribute.label


def _also_named(ontology: Ontology, attribute: Attribute, inside: str) -> bool:
    """Whether the label of a fact outside is one of a row's own, or of another fact's."""
    label = attribute.label.casefold()
    own = (a.label.casefold() for a in ontology.attributes.values() if a.entity == inside)
    return label in ontology.shared_labels or label in own


def begins_history(words: tuple[str, ...], ontology: Ontology) -> bool:
    """Whether these words also begin a condition on rows: `any prior visit`."""
    at = range(1, len(words))
    return any(words[:i] in _OPENINGS and words[i:] in ontology.relation_keys for i in at)


def called(candidates: str) -> str:
    """What rule text calls a candidate list."""
    return candidates.replace("_", " ")


def _how_many() -> str:
    one, several = OPERATORS_OF["NUMBER"], LIST_OPERATORS_OF["NUMBER"]
    ways = [*(f"{op} COUNT_VALUE" for op in one), "IS_BETWEEN COUNT_VALUE AND COUNT_VALUE"]
    ways += [f'{op} COUNT_VALUE ("," COUNT_VALUE)*' for op in several]
    return "how_many: " + "\n        | ".join(ways) + "\n"


def _comparisons() -> str:
    alternatives = ["comparison: name IS_KNOWN -> known", "name IS_NOT_KNOWN -> not_known"]
    for kind in dict.fromkeys(KINDS.values()):
        name, value = f"{kind}_NAME", f"{kind}_VALUE"
        for op in OPERATORS_OF[kind]:
            alternatives.append(f"{name} {op} {value} -> compare")
            alternatives.append(f"{name} {op} fact -> compare_facts")
        for op in LIST_OPERATORS_OF.get(kind, ()):
            alternatives.append(f'{name} {op} {value} ("," {value})* -> compare')
        if kind in RANGED:
            alternatives.append(f"{name} IS_BETWEEN {value} AND {value} -> compare")
    kinds = " | ".join(f"{kind}_NAME" for kind in dict.fromkeys(KINDS.values()))
    return "\n          | ".join(alternatives) + f"\n!name: {kinds}\n"


def _outcomes() -> str:
    return """\
outcome: DECISION IS DECISION_VALUE              -> decide
       | DECISION IS_THE_CODE_FOR STRING         -> decide_concept
       | DECISION IS_LEFT_TO_STAFF               -> left_to_staff
       | DECISION INCLUDE DECISION_VALUE         -> include
       | DECISION ADDS ADDED                     -> adds
       | DECISION DROPS ADDED                    -> drops
       | EXCLUDE CANDIDATES WHERE condition      -> exclude
       | REQUIRE CANDIDATES WHERE condition      -> require
       | PREFER CANDIDATES WHERE condition       -> prefer_where
       | PREFER CANDIDATES WITH_LOWEST name      -> prefer_lowest
       | PREFER CANDIDATES WITH_HIGHEST name     -> prefer_highest
"""


def _terminals(ontology: Ontology, code_sets: CodeSets) -> Iterable[str]:
    by_kind: dict[str, list[str]] = {kind: [] for kind in KINDS.values()}
    values: dict[str, list[str]] = {"YES_NO": ["yes", "no"], "CHOICE": [], "SET": [], "CODE": []}
    for inside in (None, *sorted(ontology.row_entities)):
        for name, attributes in names(ontology, inside).items():
            for attribute in attributes:
                by_kind[KINDS[attribute.type]].append(name)
                if KINDS[attribute.type] in ("CHOICE", "SET"):
                    values[KINDS[attribute.type]] += attribute.values
    codes = [c for code_set in code_sets.values() for c in code_set.codes]
    values["CODE"] += codes
    decided = [v for d in ontology.decisions.values() for v in d.values]
    modifiers = [m for d in ontology.decisions.values() for m in d.modifiers]
    for kind, labels in by_kind.items():
        yield f"{kind}_NAME: {_choice(labels)}"
        if kind in values:
            yield f"{kind}_VALUE: {_choice(values[kind])}"
    yield "NUMBER_VALUE: /-?[0-9]+(\\.[0-9]+)?( [^\\W\\d]+)?/"
    yield 'TEXT_VALUE: STRING | /[^\\s,()"]+/'
    yield "DATE_VALUE: DAY"
    yield "TIME_VALUE: /[0-2][0-9]:[0-5][0-9]/"
    yield "DAY: /[0-9]{4}-[0-9]{2}-[0-9]{2}/"
    yield f"LEVEL: {_choice(ontology.scopes.levels if ontology.scopes else ())}"
    yield f"LEVEL_VALUE: {_choice(_level_values(ontology))} | TEXT_VALUE"
    yield f"DECISION: {_choice(d.label for d in ontology.decisions.values())}"
    plain = ["yes", "no", *decided, *codes]
    yield f"DECISION_VALUE: {_choice(plain)} | NUMBER_VALUE | DATE_VALUE | TIME_VALUE | TEXT_VALUE"
    yield f"ADDED: {_choice(modifiers)} | NUMBER_VALUE"
    yield f"CANDIDATES: {_choice(called(c) for c in ontology.candidates)}"


def _history_terminals(ontology: Ontology, derived: Iterable[str]) -> Iterable[str]:
    related = (name for r in ontology.relations.values() for name in (r.label, r.many))
    yield f"RELATION: {_choice(related)}"
    yield f"UNIT: {_choice(_UNITS)}"
    yield "COUNT_VALUE: /-?[0-9]+(\\.[0-9]+)?/"
    yield f"DERIVED_NAME: {_choice(derived)}"
    yield 'NEW_NAME: STRING | /[^\\s,()"]+( [^\\s,()"]+)*?(?= as\\s)/i'


def _level_values(ontology: Ontology) -> Iterable[str]:
    if ontology.scopes is None:
        return
    for level in ontology.scopes.levels:
        attribute = ontology.attributes.get(ontology.scopes.path(level))
        yield from attribute.values if attribute else ()


def _choice(texts: Iterable[str]) -> str:
    unique = sorted(set(texts), key=lambda t: (-len(t), t))
    escaped = (t.replace("\\", "\\\\").replace('"', '\\"') for t in unique)
    return " | ".join(f'"{t}"i' for t in escaped) or "/(?!)/"


@lru_cache(maxsize=100_000)
def clashes(text: str) -> bool:
    """Whether unquoted text could be read as a keyword, or not at all."""
    words = key_of(text)
    return (
        not words
        or " ".join(text.split()) != text
        or any(mark in text for mark in ',()"#\\')
        or any(word in _SINGLE for word in words)
        or any(words[: len(op)] == op for op in _AFTER_WORD)
        or any(_contains(words, phrase) for phrase in _PHRASES)
    )


def _contains(words: tuple[str, ...], phrase: tuple[str, ...]) -> bool:
    return any(words[i : i + len(phrase)] == phrase for i in range(len(words)))
