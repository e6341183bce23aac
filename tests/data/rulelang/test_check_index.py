"""The analysis finds the same whether or not an index says which rules can meet."""

from __future__ import annotations

from hypothesis import given
from pytest import MonkeyPatch

from data.rulelang.analyse.encoding import Encoding
from data.rulelang.check import check
from tests.data.rulelang.test_check_brute import brute, version_of
from tests.generators import World, worlds


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
