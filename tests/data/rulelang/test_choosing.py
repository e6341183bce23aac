"""Choosing from candidates, against going through every filling of every unknown fact."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from data.ontology.load import load_ontology
from data.rulelang.ast import RuleSet
from data.rulelang.check import check
from data.rulelang.evaluate import decide_one
from data.rulelang.parse import parse
from data.rulelang.render import render_set
from data.rulelang.request import Request
from data.rulelang.version import Version, make_version
from tests.data.rulelang.choosing import (
    ONTOLOGY,
    any_request,
    any_rules,
    any_version,
    fillings,
    missing,
    plainly,
)

ERRANDS, _ = load_ontology((Path(__file__).parent / "choice_pack.yaml").read_text())
assert ERRANDS

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


@pytest.mark.parametrize("seed", range(100))
def test_what_is_remembered_of_earlier_requests_changes_no_answer(seed: int) -> None:
    luck = random.Random(seed)
    version = any_version(luck)
    for share in (0, 0, 0, 0.1, 0.25) * 4:
        request = any_request(luck, share)
        assert version.compiled.decide_one(request, "chosen") == decide_one(
            version, request, "chosen"
        )


@pytest.mark.parametrize("seed", range(60))
def test_the_order_of_candidates_and_rules_has_no_meaning(seed: int) -> None:
    luck = random.Random(seed)
    version, request = any_version(luck), any_request(luck, 0.1)
    turned = Request(request.given, {"runners": request.rows["runners"][::-1]})
    assert decide_one(version, request, "chosen") == decide_one(version, turned, "chosen")


BAD = [
    ("exclude runnerz where team is red", "unknown-term", "is no candidate list", "`runners`"),
    ("exclude runners where teem is red", "unknown-term", "`teem` is no word", "`team`"),
    ("exclude runners where team is green", "unknown-term", "`green` is no value", "`red`"),
    ("prefer runners with fewest company", "type", "cannot be put in order by `company`", "where"),
    ("prefer runners with most weight", "type", "the same for all runners", "`open errands`"),
    ("exclude runners with team is green", "parse", "did not expect `with`", "`where`"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "code", "says", "suggests"), BAD)
def test_what_cannot_be_read_is_told(text: str, code: str, says: str, suggests: str) -> None:
    finding = parse(f'rule "x" then {text}', ERRANDS, {}).findings[0]
    assert finding.code == code
    assert says in finding.message and suggests in finding.suggestion


@pytest.mark.parametrize("seed", range(60))
def test_rules_on_candidates_are_read_back(seed: int) -> None:
    rules = any_rules(random.Random(seed))
    text = render_set(RuleSet(rules), ONTOLOGY)
    assert parse(text, ONTOLOGY, {}).rule_set.rules == rules


FOUND = [
    ("exclude runners where team is red and team is blue", "redundant", "never drops any"),
    ("require runners where team is red and team is blue", "gap", "leaves none of the runners"),
]


@pytest.mark.parametrize(("text", "code", "says"), FOUND)
def test_idle_and_impossible_narrowing_is_found(text: str, code: str, says: str) -> None:
    rules = parse(f'rule "x" then {text}', ERRANDS, {}).rule_set
    found = check(make_version(ERRANDS, {}, (), rules))
    assert (code, True) in {(f.code, says in f.message) for f in found}
