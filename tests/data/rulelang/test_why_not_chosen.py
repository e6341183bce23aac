"""Why not another candidate: the smallest change, against trying every change of small worlds."""

from __future__ import annotations

import random
from collections.abc import Iterator
from itertools import combinations, product

import pytest

from data.ontology.model import Value
from data.rulelang.analyse.why_not import why_not
from data.rulelang.evaluate import decide_one
from data.rulelang.request import Request
from data.rulelang.version import Version
from data.rulelang.wish import Wish, read_wish
from tests.data.rulelang.choosing import (
    ONTOLOGY,
    OUTER,
    OWN,
    any_request,
    any_version,
    domain,
)

LEVEL = "site.region"


def with_changes(request: Request, key: str, changes: dict[str, Value]) -> Request:
    own = {p: v for p, v in changes.items() if p in OWN}
    outer = {p: v for p, v in changes.items() if p in OUTER}
    rows = ({**row, **own} if row["runner.login"] == key else row
            for row in request.rows["runners"])  # fmt: skip
    return Request({**request.given, **outer}, {"runners": tuple(rows)})


def chosen(version: Version, request: Request, key: str) -> bool:
    return version.compiled.decide_one(request, "chosen").key == ("decided", key)


def changes_of(request: Request, key: str, paths: tuple[str, ...]) -> Iterator[dict[str, Value]]:
    """Every way to give each of these facts another value, or a value at all."""
    row = next((r for r in request.rows["runners"] if r["runner.login"] == key), {})
    now = {**request.given, **row}
    for values in product(*(domain(ONTOLOGY.attributes[p]) for p in paths)):
        made = dict(zip(paths, values, strict=True))
        if all(now.get(p) != v for p, v in made.items()):
            yield made


def smallest(version: Version, request: Request, key: str) -> tuple[str, ...] | None:
    """The first of the smallest sets of facts, without the scope's level where that does."""
    every = (*OUTER, *OWN)
    for paths in (tuple(p for p in every if p != LEVEL), every):
        for size in range(len(paths) + 1):
            for moved in combinations(paths, size):
                if any(
                    chosen(version, with_changes(request, key, made), key)
                    for made in changes_of(request, key, moved)
                ):
                    return moved
    return None


@pytest.mark.parametrize("seed", range(60))
def test_the_change_is_the_smallest_there_is_and_has_them_chosen(seed: int) -> None:
    luck = random.Random(seed)
    version, request = any_version(luck), any_request(luck, luck.choice((0, 0, 0.15)))
    for row in request.rows["runners"]:
        key = str(row["runner.login"])
        wish = read_wish(version, "chosen", key.upper(), request)
        assert wish == Wish("chosen", "value", key)
        found = why_not(version, request, wish)
        assert found.complete and found.now == decide_one(version, request, "chosen")
        expected = smallest(version, request, key)
        if found.change is None:
            assert expected is None
            continue
        made = dict(found.change.facts)
        assert chosen(version, with_changes(request, key, made), key)
        assert expected is not None and set(made) == set(expected)


@pytest.mark.parametrize("said", ["left to staff", "no rule"])
@pytest.mark.parametrize("seed", range(15))
def test_a_status_in_place_of_a_candidate_hangs_on_facts_of_the_request(
    seed: int, said: str
) -> None:
    luck = random.Random(seed)
    version, request = any_version(luck), any_request(luck, 0)
    wish = read_wish(version, "chosen", said, request)
    if wish is None:
        return
    found = why_not(version, request, wish)
    every = [
        made
        for size in range(len(OUTER) + 1)
        for moved in combinations(OUTER, size)
        for made in changes_of(request, "", moved)
        if version.compiled.decide_one(with_changes(request, "", made), "chosen").status
        == wish.said
    ] if request.rows["runners"] else []  # fmt: skip
    if found.change is None:
        assert not every
    else:
        made = with_changes(request, "", dict(found.change.facts))
        assert decide_one(version, made, "chosen").status == wish.said


def test_who_is_no_candidate_is_no_wish() -> None:
    version, request = any_version(random.Random(1)), any_request(random.Random(3), 0)
    assert read_wish(version, "chosen", "zoe", request) is None
