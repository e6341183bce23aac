"""Who may do what: every action and role, spelled out."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.access import ACTIONS, ROLES, ROLES_OF, may, may_write, not_allowed_findings
from data.ontology.model import Attribute, Ontology, Scopes
from data.rulelang.ast import LeaveToStaff, Rule, Scope

# author, approver, operator, reviewer, owner: a letter for each who may, a dot for each who may not
TABLE = {
    "decide":         "aporw",
    "see_rules":      "aporw",
    "explain":        "aporw",
    "compare":        "ap.rw",
    "ask_data":       "ap.rw",
    "give_feedback":  "aporw",
    "draft":          "a...w",
    "confirm":        "a...w",
    "retire":         "a...w",
    "pause":          "a...w",
    "add_scenario":   "ap..w",
    "teach_synonym":  "a...w",
    "approve_synonym": ".p..w",
    "promote":        ".p..w",
    "roll_back":      ".p..w",
    "read_traces":    "...rw",
    "correct_judge":  "...rw",
    "manage_people":  "....w",
    "manage_keys":    "....w",
    "manage_words":   "....w",
    "read_audit":     ".p.rw",
}  # fmt: skip


@pytest.mark.parametrize("action", ACTIONS)
def test_each_action_has_exactly_these_roles(action: str) -> None:
    letters = zip("aporw", ROLES, strict=True)
    said = "".join(letter if may([role], action) else "." for letter, role in letters)
    assert said == TABLE[action]


def test_no_action_is_forgotten() -> None:
    assert set(ROLES_OF) == set(ACTIONS) == set(TABLE)


@given(st.sets(st.sampled_from(ROLES)), st.sampled_from(ACTIONS))
def test_several_roles_may_what_one_of_them_may(roles: set[str], action: str) -> None:
    assert may(roles, action) == any(may([role], action) for role in roles)


@pytest.mark.parametrize("roles", [[], ["king"], [""]])
def test_without_a_role_nothing_may_be_done(roles: list[str]) -> None:
    assert not any(may(roles, action) for action in ACTIONS)


ONTOLOGY = Ontology(
    "small", "Small", None, ("clinic",),
    {f"clinic.{n}": Attribute(f"clinic.{n}", "text", n) for n in ("state", "family", "id")},
    {}, Scopes("clinic", ("state", "family", "id")), {},
)  # fmt: skip
ROWS = (
    {"id": "n1", "family": "North", "state": "TX"},
    {"id": "n10", "family": "North", "state": "OH"},
    {"id": "s1", "family": "South", "state": "TX"},
    {"id": "s2", "family": "South", "state": "TX"},
)
TX, NORTH, SOUTH = Scope("state", ("TX",)), Scope("family", ("North",)), Scope("family", ("South",))
N1, N10 = Scope("id", ("n1",)), Scope("id", ("n10",))


@pytest.mark.parametrize(
    ("grants", "scope", "allowed"),
    [
        ((None,), None, True),
        ((None,), TX, True),
        ((TX, None), None, True),
        ((), NORTH, False),
        ((), None, False),
        ((TX,), None, False),
        ((NORTH,), NORTH, True),
        ((NORTH,), SOUTH, False),
        ((NORTH,), Scope("family", ("North", "South")), False),
        ((NORTH, SOUTH), Scope("family", ("North", "South")), True),
        ((Scope("family", ("North", "South")),), SOUTH, True),
        ((NORTH,), N1, True),
        ((NORTH,), Scope("id", ("n1", "n10")), True),
        ((NORTH,), Scope("id", ("n1", "s1")), False),
        ((NORTH, TX), Scope("id", ("n10", "s1")), True),
        ((TX,), N1, True),
        ((TX,), N10, False),
        ((TX,), SOUTH, True),  # every clinic of South is in TX
        ((TX,), NORTH, False),
        ((N1,), N1, True),
        ((N1,), N10, False),  # one id that begins another
        ((N10,), N1, False),
        ((N1, N10), NORTH, False),  # all clinics of today are not the family
        ((NORTH, SOUTH), TX, False),
        ((NORTH,), Scope("id", ("unheard of",)), False),
        ((NORTH,), Scope("id", ()), False),
        ((Scope("planet", ("earth",)),), NORTH, False),
    ],
)
def test_a_rule_lies_within_what_was_granted(
    grants: tuple[Scope | None, ...], scope: Scope | None, allowed: bool
) -> None:
    assert may_write(grants, scope, ONTOLOGY, ROWS) is allowed


def test_without_the_table_only_the_same_level_counts() -> None:
    assert may_write((NORTH,), NORTH, ONTOLOGY)
    assert not may_write((NORTH,), N1, ONTOLOGY)


GRANTS = st.lists(st.sampled_from([None, TX, NORTH, SOUTH, N1, N10]), max_size=4)
SCOPES = st.sampled_from([None, TX, NORTH, SOUTH, N1, N10, Scope("id", ("n1", "s2"))])


@given(GRANTS, GRANTS, SCOPES)
def test_another_grant_never_takes_a_right_away(
    some: list[Scope | None], more: list[Scope | None], scope: Scope | None
) -> None:
    if may_write(some, scope, ONTOLOGY, ROWS):
        assert may_write(some + more, scope, ONTOLOGY, ROWS)


@given(GRANTS, SCOPES)
def test_every_clinic_under_an_allowed_rule_was_granted(
    grants: list[Scope | None], scope: Scope | None
) -> None:
    if scope is None or not may_write(grants, scope, ONTOLOGY, ROWS):
        return
    for row in (r for r in ROWS if r[scope.level] in scope.values):
        assert any(g is None or row[g.level] in g.values for g in grants)


def rule(title: str, scope: Scope | None, mandatory: bool = False) -> Rule:
    return Rule(title, (LeaveToStaff("code"),), scope=scope, mandatory=mandatory)


def test_a_rule_outside_is_told_with_what_to_try() -> None:
    (finding,) = not_allowed_findings(
        [rule("Mine", NORTH), rule("Theirs", SOUTH)], [NORTH], ONTOLOGY, ROWS
    )
    assert (finding.code, finding.severity, finding.rules) == ("not-allowed", "error", ("Theirs",))
    assert finding.message == "you may not write `Theirs` at family `South`"
    assert "family `North`" in finding.suggestion
    assert finding.place == 'rule "Theirs"'


def test_a_mandatory_rule_needs_an_owner_or_a_grant_everywhere() -> None:
    law = [rule("Law", NORTH, mandatory=True)]
    (finding,) = not_allowed_findings(law, [NORTH], ONTOLOGY, ROWS, ["author"])
    assert "mandatory" in finding.message
    assert not_allowed_findings(law, [NORTH], ONTOLOGY, ROWS, ["owner"]) == []
    assert not_allowed_findings(law, [None], ONTOLOGY, ROWS, ["author"]) == []


def test_an_owner_still_writes_only_where_granted() -> None:
    (finding,) = not_allowed_findings([rule("Theirs", SOUTH)], [NORTH], ONTOLOGY, ROWS, ["owner"])
    assert finding.rules == ("Theirs",)


def test_a_person_with_no_right_is_told_so() -> None:
    (finding,) = not_allowed_findings([rule("Any", None)], [], ONTOLOGY, ROWS)
    assert finding.message == "you may not write `Any` everywhere"
    assert "nowhere yet" in finding.suggestion
