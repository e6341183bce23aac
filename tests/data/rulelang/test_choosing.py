"""Choosing from candidates, against going through every filling of every unknown fact."""

from __future__ import annotations

import random

import pytest

from data.rulelang.evaluate import decide_one
from data.rulelang.request import Request
from data.rulelang.version import Version
from tests.data.rulelang.choosing import any_request, any_version, fillings, missing, plainly

MOST = 3_000
"""Fillings of one request that are gone through."""


def answers(version: Version, request: Request) -> dict[tuple[object, ...], tuple[str, object]]:
    """What each filling gives, by its values."""
    return {v: plainly(version, full, request) for v, full in fillings(request)}


def depends_on(request: Request, found: dict[tuple[object, ...], tuple[str, object]]) -> set[str]:
    """Paths for which two fillings that differ in that fact alone differ in result."""
    needed: set[str] = set()
    for at, (_, path) in enumerate(missing(request)):
        seen: dict[tuple[object, ...], tuple[str, object]] = {}
        for values, answer in found.items():
            rest = (*values[:at], *values[at + 1 :])
            if seen.setdefault(rest, answer) != answer:
                needed.add(path)
                break
    return needed


@pytest.mark.parametrize("seed", range(400))
def test_a_choice_is_what_all_fillings_have_in_common(seed: int) -> None:
    luck = random.Random(seed)
    version, request = any_version(luck), any_request(luck, luck.choice((0, 0.1, 0.25)))
    found = answers(version, request)
    if len(found) > MOST:
        return
    result = decide_one(version, request, "chosen")
    if len(set(found.values())) == 1:
        assert result.key == next(iter(found.values()))
    else:
        assert result.status == "undecided" and not result.partial
        assert {p.key for p in result.possible} == set(found.values())
        assert set(result.needs) == depends_on(request, found)


@pytest.mark.parametrize("seed", range(60))
def test_the_order_of_candidates_and_rules_has_no_meaning(seed: int) -> None:
    luck = random.Random(seed)
    version, request = any_version(luck), any_request(luck, 0.1)
    turned = Request(request.given, {"runners": request.rows["runners"][::-1]})
    assert decide_one(version, request, "chosen") == decide_one(version, turned, "chosen")
