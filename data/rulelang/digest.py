"""What a version is named by: one hash over all that its meaning depends on.

Each rule is hashed on its own, with what lies around its region, and the version over these
hashes: a changed rule costs its own hash and one pass over the others', whatever their text.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from typing import Any

from data.ontology.model import Ontology
from data.rulelang.ast import Rule, RuleSet
from data.rulelang.precedence import Edges, Pairs
from data.rulelang.render import render, render_set


@dataclass(frozen=True, slots=True)
class Digests:
    """The hashes of a version's parts."""

    words: bytes
    """All that is no statement: ontology, code sets, scope table, weights."""
    others: bytes
    """The statements that are no rules."""
    rules: Mapping[str, bytes]
    """By title."""

    @property
    def id(self) -> str:
        """The version's name."""
        whole = hashlib.sha256(self.words + self.others)
        whole.update(b"".join(map(self.rules.__getitem__, sorted(self.rules))))
        return f"sha256:{whole.hexdigest()}"


def digests_of(
    words: Mapping[str, Any], ontology: Ontology, rules: RuleSet, edges: Edges
) -> Digests:
    """The hashes; ``words`` is plain JSON."""
    return Digests(
        _hash(json.dumps(words, sort_keys=True, ensure_ascii=False)),
        _of_others(ontology, rules),
        _of_rules(ontology, rules.rules, edges),
    )


def digests_with(
    known: Digests,
    ontology: Ontology,
    rules: RuleSet,
    by_title: Mapping[str, Rule],
    edges: Edges,
    titles: AbstractSet[str],
) -> Digests:
    """The hashes after a change of rules: of these titles, whether there are such rules or not."""
    made = dict(known.rules)
    for title in titles:
        made.pop(title, None)
    some = (by_title[title] for title in titles if title in by_title)
    made.update(_of_rules(ontology, some, edges.naming(titles)))
    return Digests(known.words, _of_others(ontology, rules), made)


def _of_others(ontology: Ontology, rules: RuleSet) -> bytes:
    return _hash(render_set(replace(rules, rules=()), ontology))


def _of_rules(ontology: Ontology, rules: Iterable[Rule], edges: Edges) -> dict[str, bytes]:
    """The hash of each rule and of the rules around its region, by title."""
    inside, equal = _outer(edges.inside), _outer(edges.equal)
    said = ((r.title, render(r, ontology)) for r in rules)
    return {
        title: _hash(json.dumps([text, inside.get(title, []), equal.get(title, [])]))
        for title, text in said
    }


def _outer(pairs: Pairs) -> dict[str, list[str]]:
    """By inner rule the outer ones, in order."""
    found: dict[str, list[str]] = {}
    for inner, outer in sorted(pairs):
        found.setdefault(inner, []).append(outer)
    return found


def _hash(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()
