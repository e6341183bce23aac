"""Who may do what, and who may write where: two small typed questions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Literal, get_args

from data.ontology import Ontology, ScopeRow
from data.rulelang.ast import Rule, Scope
from data.rulelang.findings import Finding

Role = Literal["author", "approver", "operator", "reviewer", "owner"]
Action = Literal[
    "decide", "see_rules", "explain", "compare", "ask_data", "give_feedback",
    "draft", "confirm", "retire", "pause", "add_scenario", "teach_synonym",
    "approve_synonym", "promote", "roll_back",
    "read_traces", "correct_judge",
    "manage_people", "manage_keys", "manage_words", "read_audit",
]  # fmt: skip
Grants = Iterable[Scope | None]
"""Where a person may write: scopes, or ``None`` for everywhere."""

ROLES: tuple[Role, ...] = get_args(Role)
ACTIONS: tuple[Action, ...] = get_args(Action)

_ALL: frozenset[Role] = frozenset(ROLES)
_WRITERS: frozenset[Role] = frozenset(["author", "owner"])
_RULE_PEOPLE: frozenset[Role] = frozenset(["author", "approver", "reviewer", "owner"])
_APPROVERS: frozenset[Role] = frozenset(["approver", "owner"])
_REVIEWERS: frozenset[Role] = frozenset(["reviewer", "owner"])
_OWNERS: frozenset[Role] = frozenset(["owner"])

ROLES_OF: Mapping[Action, frozenset[Role]] = {
    "decide": _ALL,
    "see_rules": _ALL,
    "explain": _ALL,
    "compare": _RULE_PEOPLE,
    "ask_data": _RULE_PEOPLE,
    "give_feedback": _ALL,
    "draft": _WRITERS,
    "confirm": _WRITERS,
    "retire": _WRITERS,
    "pause": _WRITERS,
    "add_scenario": _WRITERS | _APPROVERS,
    "teach_synonym": _WRITERS,
    "approve_synonym": _APPROVERS,
    "promote": _APPROVERS,
    "roll_back": _APPROVERS,
    "read_traces": _REVIEWERS,
    "correct_judge": _REVIEWERS,
    "manage_people": _OWNERS,
    "manage_keys": _OWNERS,
    "manage_words": _OWNERS,
    "read_audit": _APPROVERS | _REVIEWERS,
}
"""Every action and the roles that may take it; a person needs one of them."""


def may(roles: Iterable[Role | str], action: Action) -> bool:
    """Whether someone with these roles may take the action."""
    return not ROLES_OF[action].isdisjoint(roles)


def may_write(
    grants: Grants,
    scope: Scope | None,
    ontology: Ontology,
    scope_rows: Sequence[ScopeRow] = (),
) -> bool:
    """Whether every place the scope names lies within what was granted.

    A grant covers its own level, and narrower ones as far as ``scope_rows`` show that a value lies
    inside it. It never covers a broader level, whatever the rows show today: a clinic that joins
    tomorrow would fall under the rule without having been granted.
    """
    granted = tuple(grants)
    if None in granted:
        return True
    if scope is None or ontology.scopes is None:
        return False
    scopes = [g for g in granted if g is not None and g.level in ontology.scopes.levels]
    breadth = ontology.scopes.breadth
    broad_enough = [g for g in scopes if breadth(g.level) <= breadth(scope.level)]
    return bool(scope.values) and all(
        _covered(broad_enough, scope.level, value, scope_rows) for value in scope.values
    )


def _covered(grants: list[Scope], level: str, value: str, rows: Sequence[ScopeRow]) -> bool:
    if any(g.level == level and value in g.values for g in grants):
        return True
    inside = [row for row in rows if row.get(level) == value]
    return bool(inside) and all(any(row.get(g.level) in g.values for g in grants) for row in inside)


def not_allowed_findings(
    rules: Iterable[Rule],
    grants: Grants,
    ontology: Ontology,
    scope_rows: Sequence[ScopeRow] = (),
    roles: Iterable[Role | str] = (),
) -> list[Finding]:
    """One ``not-allowed`` finding for each rule this person may not write.

    Pass the rules as they would be and, for those changed or retired, as they are now: taking a
    rule away from a place needs the same right as writing one there. A mandatory rule needs an
    owner, or a grant everywhere.
    """
    granted = tuple(grants)
    everywhere = None in granted or "owner" in set(roles)
    found: list[Finding] = []
    for rule in rules:
        if rule.mandatory and not everywhere:
            found.append(_mandatory(rule))
        elif not may_write(granted, rule.scope, ontology, scope_rows):
            found.append(_outside(rule, granted))
    return found


def _mandatory(rule: Rule) -> Finding:
    return Finding(
        "not-allowed",
        "error",
        f"you may not write a mandatory rule, and `{rule.title}` is one",
        "leave out mandatory, or ask an owner to confirm it",
        (rule.title,),
        f'rule "{rule.title}"',
    )


def _outside(rule: Rule, grants: tuple[Scope | None, ...]) -> Finding:
    yours = " or ".join(_at(g) for g in grants) or "nowhere yet"
    return Finding(
        "not-allowed",
        "error",
        f"you may not write `{rule.title}` {_at(rule.scope)}",
        f"limit it to where you may write, {yours}, or ask an owner for the right",
        (rule.title,),
        f'rule "{rule.title}"',
    )


def _at(scope: Scope | None) -> str:
    return "everywhere" if scope is None else f"at {scope.level} `{', '.join(scope.values)}`"
