"""The analysis finds the same whether or not an index says which rules can meet."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from pytest import MonkeyPatch

from data.rulelang.analyse import nearby
from data.rulelang.analyse.encoding import Encoding
from data.rulelang.ast import RuleSet
from data.rulelang.check import check
from data.rulelang.version import make_version
from tests.bench.rule_sets import ruled
from tests.data.rulelang.test_check_brute import brute, version_of
from tests.data.rulelang.test_invariants import kept
from tests.generators import World, worlds
from tests.histories import ONTOLOGY, rule_sets


def _everyone(encoding: Encoding, title: str) -> tuple[str, ...]:
    return tuple(encoding.rules)


@given(worlds())
@brute
def test_rules_that_are_not_near_never_meet(world: World) -> None:
    encoding = Encoding(version_of(world))
    for one, here in encoding.applies.items():
        far = set(encoding.rules) - set(encoding.near(one))
        assert not any(encoding.space.solve(here, encoding.applies[other]) for other in far)


@given(worlds())
@brute
def test_the_index_changes_no_finding(world: World) -> None:
    version = version_of(world)
    indexed = check(version)
    with MonkeyPatch.context() as patch:
        patch.setattr(Encoding, "near", _everyone)
        assert check(version) == indexed


def in_groups_of(patch: MonkeyPatch, few: int) -> None:
    """Groups of so many rules, however often a rule stands in one."""
    patch.setattr(nearby, "FEW", few)
    patch.setattr(nearby, "MOST_TIMES", 1_000)


@pytest.mark.parametrize("few", [1, 2, 3])
@given(world=worlds())
@brute
def test_rules_looked_at_in_groups_bring_the_same_findings(few: int, world: World) -> None:
    version = version_of(world)
    whole = check(version)
    with MonkeyPatch.context() as patch:
        in_groups_of(patch, few)
        assert check(version) == whole


@given(rule_set=rule_sets())
@settings(brute, max_examples=15)
def test_rules_on_lists_bring_the_same_findings_in_groups(rule_set: RuleSet) -> None:
    version = make_version(ONTOLOGY, {}, (), rule_set)
    whole = [(f.code, f.rules, f.message, f.witness is None) for f in check(version)]
    with MonkeyPatch.context() as patch:
        in_groups_of(patch, 1)
        found = [(f.code, f.rules, f.message, f.witness is None) for f in check(version)]
    assert found == whole


@given(world=kept())
@brute
def test_invariants_are_broken_by_the_same_rules_in_groups(world: World) -> None:
    version = version_of(world)
    whole = check(version)
    with MonkeyPatch.context() as patch:
        in_groups_of(patch, 1)
        assert check(version) == whole


def test_many_rules_bring_the_same_findings_in_groups(monkeypatch: MonkeyPatch) -> None:
    version = ruled(150, asked=1).version
    whole = check(version)
    assert len(whole) > 10
    in_groups_of(monkeypatch, 10)
    assert len(Encoding(version).parts) > 10
    assert check(version) == whole


@pytest.mark.parametrize("few", [1, 2, 3])
@given(world=worlds())
@brute
def test_every_rule_stands_with_all_it_may_meet(few: int, world: World) -> None:
    encoding = Encoding(version_of(world))
    with MonkeyPatch.context() as patch:
        in_groups_of(patch, few)
        groups = encoding.nearby.neighbourhoods()
    assert sorted(title for group in groups for title in group.inner) == list(encoding.rules)
    for group in groups:
        assert {near for title in group.inner for near in encoding.near(title)} <= {*group.titles}
