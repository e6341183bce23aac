"""What differs between two versions, rule by rule, and the part of a version that it touches."""

from __future__ import annotations

from collections.abc import Iterable
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace

from data.rulelang.ast import Rule, RuleSet
from data.rulelang.version import Version


@dataclass(frozen=True, slots=True)
class Change:
    """The rules that only one of two versions has, expanded; an edited rule is in both."""

    gone: tuple[Rule, ...]
    come: tuple[Rule, ...]

    @property
    def rules(self) -> tuple[Rule, ...]:
        """Both: what may apply to a request that they answer differently."""
        return (*self.gone, *self.come)


def change_of(before: Version, after: Version) -> Change:
    """What became of the rules. Cheap where one version was made from the other's rules."""
    old, new = before.rule_set, after.rule_set
    if old.defines != new.defines:
        old, new = old.expanded(), new.expanded()
    gone, come = _only(old, new), _only(new, old)
    held = set(come).intersection(gone)
    return Change(
        _expanded(old, (r for r in gone if r not in held)),
        _expanded(new, (r for r in come if r not in held)),
    )


def same_words(before: Version, after: Version) -> bool:
    """Whether ontology, code sets and scope rows are the same, so that only rules differ."""
    return (before.ontology, before.code_sets, before.scope_rows) == (
        after.ontology,
        after.code_sets,
        after.scope_rows,
    )


def narrowed(version: Version, titles: AbstractSet[str]) -> Version:
    """The version with no other rules than these; it still bears the whole's id.

    It answers alike every request to which none of the others may apply.
    """
    rules = _expanded(version.rule_set, (r for r in version.rule_set.rules if r.title in titles))
    return replace(version, rule_set=RuleSet(rules), edges=version.edges.among(titles))


def _only(one: RuleSet, other: RuleSet) -> list[Rule]:
    """The rules that are not the other's very objects; equal ones may be among them."""
    held = set(map(id, other.rules))
    return [r for r in one.rules if id(r) not in held]


def _expanded(whole: RuleSet, rules: Iterable[Rule]) -> tuple[Rule, ...]:
    return replace(whole, rules=tuple(rules)).expanded().rules
