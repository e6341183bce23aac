"""A version: a rule set with everything its meaning depends on, under one hash.

The ontology, the code sets, the scope entity's table and the containment edges are part of
it: the same version and the same facts give the same bytes, on every machine.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Hashable, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING, Any

from data.ontology.model import CodeSets, Ontology, ScopeRow, Value
from data.ontology.plain import (
    code_sets_from_json,
    code_sets_to_json,
    ontology_from_json,
    ontology_to_json,
)
from data.rulelang.ast import Rule, RuleSet
from data.rulelang.digest import Digests, digests_of
from data.rulelang.findings import InputError
from data.rulelang.kept import all_kept
from data.rulelang.parse import parse
from data.rulelang.places import Places
from data.rulelang.plan import DecisionPlan, plan_decisions
from data.rulelang.precedence import Edges
from data.rulelang.regions import containment
from data.rulelang.render import render_set
from data.rulelang.weights import NO_WEIGHTS, Weights, weights_from_json, weights_to_json

if TYPE_CHECKING:
    from data.rulelang.analyse.alive import Alive
    from data.rulelang.fast.batch import Batch
    from data.rulelang.fast.compiled import Compiled
    from data.rulelang.fast.meeting import Meeting


@dataclass(frozen=True)
class Version:
    """An immutable, content-addressed rule set. Make one with :func:`make_version`."""

    ontology: Ontology
    code_sets: CodeSets
    scope_rows: tuple[ScopeRow, ...]
    rule_set: RuleSet
    edges: Edges
    id: str
    """``sha256:`` and the hash of all else here."""
    weights: Weights = field(default_factory=lambda: NO_WEIGHTS)
    """How often facts had which value in the history; only :mod:`ask` looks at it."""

    @cached_property
    def defaults(self) -> Mapping[str, Value]:
        """By path, what stands in for an absent fact."""
        return {a.path: a.default for a in self.ontology.facts if a.default is not None}

    @cached_property
    def rules(self) -> Mapping[str, Rule]:
        """The rules as written, by title, in no order."""
        return {r.title: r for r in self.rule_set.rules}

    @cached_property
    def plans(self) -> Mapping[str, DecisionPlan]:
        """What each decision needs to be evaluated, worked out once."""
        return plan_decisions(self.ontology, self.code_sets, self.rule_set, self.edges, self.places)

    @cached_property
    def asked(self) -> dict[Hashable, str | None]:
        """Best next questions, once they were worked out."""
        return {}

    @cached_property
    def places(self) -> Places:
        """Where a request can be, by the scope entity's own table."""
        return Places(self.ontology, self.scope_rows)

    @cached_property
    def compiled(self) -> Compiled:
        """The same meaning, made ready for many requests."""
        from data.rulelang.fast.compiled import Compiled  # it stands on this module

        return Compiled(self)

    @cached_property
    def batch(self) -> Batch:
        """The same meaning, made ready for tables of requests."""
        from data.rulelang.fast.batch import Batch  # numpy and Arrow take a while to load

        return Batch(self)

    def ready(self) -> None:
        """Works out ahead what a change of the rules is looked at by."""
        _ = self.rules, self.digests, self.meeting, self.compiled

    @cached_property
    def meeting(self) -> Meeting:
        """Which rules may apply together."""
        from data.rulelang.fast.meeting import Meeting  # it stands on plans

        return Meeting(self.ontology, self.rule_set.expanded().rules)

    @cached_property
    def alive(self) -> Alive:
        """Which rules are missed where, as far as it was asked."""
        from data.rulelang.analyse.alive import Alive  # it stands on the evaluator

        return Alive(self)

    @cached_property
    def digests(self) -> Digests:
        """The hashes that the id is made of."""
        return digests_of(words_to_json(self), self.ontology, self.rule_set, self.edges)


@all_kept()
def make_version(
    ontology: Ontology,
    code_sets: CodeSets,
    scope_rows: tuple[ScopeRow, ...],
    rule_set: RuleSet,
    weights: Weights = NO_WEIGHTS,
) -> Version:
    """The version of this rule set; computes which conditions lie inside which."""
    edges = containment(ontology, rule_set.expanded().rules)
    return _named(Version(ontology, code_sets, scope_rows, rule_set, edges, "", weights))


def with_names(version: Version, ontology: Ontology) -> Version:
    """The same rules in an ontology that differs from the version's in synonyms alone.

    Rule text says labels and values, never synonyms, and no region hangs on a name: so the edges
    stay. The version itself where the ontology is the same.
    """
    if ontology == version.ontology:
        return version
    made = (version.code_sets, version.scope_rows, version.rule_set, version.edges)
    return _named(Version(ontology, *made, "", version.weights))


def words_to_json(version: Version) -> dict[str, Any]:
    """All of a version that is no statement; no weights where there is no history."""
    weights = {"weights": weights_to_json(version.weights)} if version.weights else {}
    return {
        "ontology": ontology_to_json(version.ontology),
        "code_sets": code_sets_to_json(version.code_sets),
        "scope_rows": [dict(sorted(row.items())) for row in version.scope_rows],
        **weights,
    }


def version_to_json(version: Version) -> dict[str, Any]:
    """All of a version but its id, as plain JSON."""
    return {
        **words_to_json(version),
        "rules": render_set(version.rule_set, version.ontology),
        "edges": {
            "inside": sorted([list(p) for p in version.edges.inside]),
            "equal": sorted([list(p) for p in version.edges.equal]),
        },
    }


def version_from_json(content: Mapping[str, Any]) -> Version:
    """The version that :func:`version_to_json` wrote; its id is computed from what was read.

    Raises :class:`InputError` when the rules cannot be read with their own ontology.
    """
    ontology = ontology_from_json(content["ontology"])
    code_sets = code_sets_from_json(content["code_sets"])
    parsed = parse(content["rules"], ontology, code_sets)
    if parsed.findings:
        raise InputError(parsed.findings)
    edges = Edges(
        frozenset((a, b) for a, b in content["edges"]["inside"]),
        frozenset((a, b) for a, b in content["edges"]["equal"]),
    )
    rows = tuple(content["scope_rows"])
    weights = weights_from_json(ontology, content.get("weights", {}))
    return _named(Version(ontology, code_sets, rows, parsed.rule_set, edges, "", weights))


def former_id(version: Version) -> str:
    """The id that the same version was given before rules were hashed one by one."""
    content = json.dumps(version_to_json(version), sort_keys=True, ensure_ascii=False)
    return "sha256:" + hashlib.sha256(content.encode()).hexdigest()


def _named(version: Version) -> Version:
    named = replace(version, id=version.digests.id)
    vars(named)["digests"] = version.digests
    return named
