"""The semantic difference of two versions, case by case, over the words of ``checks.yaml``."""

from __future__ import annotations

from dataclasses import replace

from data.ontology.load import load_ontology
from data.ontology.model import Code, CodeSet
from data.rulelang.analyse.difference import Difference, difference
from data.rulelang.ast import Rule
from data.rulelang.parse import parse
from data.rulelang.render import render_condition
from data.rulelang.version import Version, make_version
from tests.data.rulelang.test_checks import PACK, version, words

AGE = 'rule "old" when age is at least {} then colour is red\n'


def where(found: Difference) -> list[list[str]]:
    return [
        [render_condition(c, found.ontology) if c else "" for c in change.where.where]
        for change in found.changes
    ]


def moved(found: Difference) -> list[tuple[object, object]]:
    return [(c.move.was, c.move.now) for c in found.changes]


def other_words(before: str, after: str, rules: str) -> Version:
    """The rules over the same words, some of them written otherwise."""
    assert before in PACK["ontology"]
    ontology, wrong = load_ontology(PACK["ontology"].replace(before, after))
    assert ontology is not None, wrong
    code_sets = words()[1]
    parsed = parse(rules, ontology, code_sets)
    assert not parsed.findings, parsed.findings
    return make_version(ontology, code_sets, tuple(PACK["sites"]), parsed.rule_set)


def test_the_same_rules_written_otherwise_are_equal() -> None:
    one = 'rule "a" when age is at least 40 and loud is yes then colour is red\n'
    other = (
        'rule "x" when loud is yes unless age is less than 60 then colour is red\n'
        'rule "y" when not ( age is less than 40 or loud is no ) then colour is red\n'
    )
    assert difference(version(one), version(other)).equal


def test_a_moved_limit_is_told_as_the_values_between() -> None:
    found = difference(version(AGE.format(40)), version(AGE.format(45)))
    assert where(found) == [["age is between 40 and 44"]]
    assert moved(found) == [((("is", "red"),), (("no_rule", None),))]
    (change,) = found.changes
    assert change.witness.given == {"person.age": 40}
    assert (change.before.value, change.after.status) == ("red", "no_rule")


def test_many_codes_that_all_go_to_staff_are_told_in_one() -> None:
    codes = (
        'rule "one" when exam is scan then procedure code is N1\n'
        'rule "two" when exam is x-ray then procedure code is X2\n'
    )
    staff = 'rule "staff" mandatory when age is less than 3 then procedure code is left to staff\n'
    scope = codes.replace("when", "scope family North when")
    found = difference(version(scope), version(scope + staff))
    first = found.changes[0]
    assert first.move.was == (("is", "N1"), ("is", "X2"))
    assert first.move.now == (("left_to_staff", None),)


def test_a_modifier_is_told_whatever_the_code() -> None:
    codes = (
        'rule "one" scope family North when exam is scan then procedure code is N1\n'
        'rule "two" scope family North when exam is x-ray then procedure code is X2\n'
    )
    more = 'rule "loud" when loud is yes then procedure code adds WA\n'
    (change,) = difference(version(codes), version(codes + more)).changes
    assert (change.move.gained, change.move.was) == ("WA", ())
    assert change.before.value != change.after.value


def test_a_sum_is_told_by_how_much_it_grows() -> None:
    one = 'rule "a" when loud is yes then minutes adds 10\n'
    more = 'rule "b" when age is at least 65 then minutes adds 5\n'
    (change,) = difference(version(one), version(one + more)).changes
    assert change.move.more == 5
    assert where(difference(version(one), version(one + more))) == [["age is at least 65"]]


def test_advice_is_told_piece_by_piece() -> None:
    one = 'rule "a" when loud is yes then advice include "hush"\n'
    found = difference(version(one), version(one.replace("hush", "quiet").replace("yes", "no")))
    assert [(c.move.gained, c.move.lost) for c in found.changes] == [
        (None, "hush"), ("quiet", None),
    ]  # fmt: skip


def test_contributions_that_cancel_out_are_no_difference() -> None:
    one = 'rule "a" when loud is yes then minutes adds 10\n'
    two = (
        'rule "b" when loud is yes then minutes adds 4\n'
        'rule "c" when loud is yes then minutes adds 6\n'
    )
    assert difference(version(one), version(two)).equal


def test_a_code_set_that_no_longer_allows_a_modifier_is_a_difference() -> None:
    before = version('rule "one" scope family North then procedure code is N1WA')
    poorer = CodeSet("North", {"N1": Code("N1", "One")})
    after = make_version(
        before.ontology,
        {**before.code_sets, "North": poorer},
        before.scope_rows,
        before.rule_set,
    )
    found = difference(before, after)
    assert moved(found) == [((("is", "N1"),), (("error", None),))]
    assert found.words == (
        "code set `North`: code `X2` was taken out",
        "code set `North`: the row of `N1` changed",
    )


def test_words_that_no_rule_uses_are_told_and_change_nothing() -> None:
    rules = AGE.format(40)
    added = "loud: {type: boolean}\n      quiet: {type: boolean}"
    found = difference(version(rules), other_words("loud: {type: boolean}", added, rules))
    assert found.equal
    assert found.words == ("fact `quiet` was added",)


def test_a_new_fact_is_told_where_a_rule_looks_at_it() -> None:
    rules = AGE.format(40)
    added = "loud: {type: boolean}\n      quiet: {type: boolean}"
    quiet = 'rule "quiet" when quiet is yes and age is at least 40 then colour is blue\n'
    found = difference(version(rules), other_words("loud: {type: boolean}", added, rules + quiet))
    assert where(found) == [["age is at least 40 and quiet is yes"]]


def test_a_fact_of_another_type_is_not_compared() -> None:
    rule = 'rule "loud" when loud is yes then colour is red\n'
    very = rule.replace("is yes", "is very")
    other = other_words("loud: {type: boolean}", "loud: {type: enum, values: {very: []}}", very)
    found = difference(version(rule), other)
    assert not found.equal
    assert found.uncompared == ("`colour` looks at facts of another type now",)


def test_another_default_may_matter_where_the_fact_is_absent() -> None:
    rule = 'rule "member" when member is yes then colour is red\n'
    other = other_words("member: {type: boolean, default: false}", "member: {type: boolean}", rule)
    found = difference(version(rule), other)
    assert not found.equal
    assert "requests that leave out `member`" in found.uncompared[0]


def test_sites_that_are_new_are_said() -> None:
    before = version(AGE.format(40))
    more = (*before.scope_rows, {"id": "n3", "family": "North", "state": "TX"})
    after = make_version(before.ontology, before.code_sets, more, before.rule_set)
    found = difference(before, after)
    assert found.equal
    assert found.words == ("the table of `site` has 1 new rows, and 0 were taken out",)


def test_a_decision_that_is_gone_is_said() -> None:
    rules = AGE.format(40)
    gone = other_words("  least: {type: integer, hit: min}\n", "", rules)
    assert difference(version(rules), gone).uncompared == ("`least` is no longer decided",)


def test_a_retired_twin_changes_nothing() -> None:
    one = version(AGE.format(40))
    twin: Rule = replace(one.rule_set.rules[0], title="twin")
    both = make_version(
        one.ontology,
        one.code_sets,
        one.scope_rows,
        replace(one.rule_set, rules=(*one.rule_set.rules, twin)),
    )
    assert difference(one, both).equal
