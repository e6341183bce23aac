"""Judges taught by reviewers: a judge on localhost that examples help, harm, or silence."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from evals.judges import says_what_was_said
from evals.judges.by_rubric import ByRubric
from evals.judges.endpoint import Endpoint
from evals.judges.examples import Example, read_kept, taught_from
from evals.judges.rubric import rubric
from evals.reviewing.aligning import MOST, align, chosen, reviewed, signals
from evals.reviewing.questions import RIGHT_RULE
from evals.traces import TurnRecord
from tests.evals.judge_server import verdict
from tests.graph.model_server import Answer, Model, serving

CLAIM = says_what_was_said
SHOWN = "## What reviewers said"


@pytest.fixture(scope="module")
def model() -> Iterator[Model]:
    with serving() as running:
        yield running


@pytest.fixture
def endpoint(model: Model) -> Endpoint:
    model.asked.clear()
    return Endpoint(model.base_url, "stub", "key", timeout=10.0)


def answer(name: str, value: bool, by: str = "rex", why: str = "the age is lost") -> Any:
    source = SimpleNamespace(source_type="HUMAN", source_id=by)
    return SimpleNamespace(name=name, value=value, source=source, rationale=why)


def trace(number: int, *answers: Any, message: str = "") -> Any:
    """People say of every other one that its rule is wrong."""
    said = answers or (answer(RIGHT_RULE, number % 2 == 0),)
    root = SimpleNamespace(
        parent_id=None,
        inputs={"message": message or f"case {number} gets MM123"},
        outputs={"status": "drafted", "rules": [f"rule of {number}"]},
    )
    info = SimpleNamespace(
        client_request_id=f"{number:032x}", request_time=number, assessments=list(said)
    )
    return SimpleNamespace(info=info, data=SimpleNamespace(spans=[root]))


TRACES = [trace(n) for n in range(40)]


def asked_about(prompt: str) -> int:
    (number,) = re.findall(r"case (\d+) gets", prompt.split("Inputs:")[-1])
    return int(number)


def helped(prompt: str) -> Answer:
    """Content with everything, until it is shown what reviewers said."""
    right = asked_about(prompt) % 2 == 0
    return verdict("yes" if SHOWN not in prompt or right else "no")


def harmed(prompt: str) -> Answer:
    """As good as people, until it is shown anything."""
    right = asked_about(prompt) % 2 == 0
    return verdict("yes" if right != (SHOWN in prompt) else "no")


def silenced(prompt: str) -> Answer:
    return Answer("no form at all") if SHOWN in prompt else helped(prompt)


def test_examples_that_help_are_used_and_no_held_back_turn_is_among_them(
    model: Model, endpoint: Endpoint, tmp_path: Path
) -> None:
    model.will(helped)
    align("o", TRACES, endpoint, tmp_path, "2026-11-20")

    kept = read_kept(tmp_path, "o")[CLAIM.NAME]
    assert (kept["before"], kept["after"], kept["used"]) == (0.0, 1.0, True)
    held = {str(r.example.inputs["said"]) for r in reviewed(TRACES, CLAIM) if r.held_back}
    assert 10 <= len(held) <= 30 and kept["turns"] == len(held)
    assert 0 < len(kept["examples"]) <= MOST
    assert not held & {str(tuple(e["inputs"]["said"])) for e in kept["examples"]}
    assert {e["holds"] for e in kept["examples"]} == {True, False}
    (told,) = signals("o", "north", tmp_path)
    assert (told.value, told.level, told.series) == (1.0, "fine", (("2026-11-20", 1.0),))

    asked = len(model.asked)
    align("o", TRACES, endpoint, tmp_path, "2026-11-21")
    assert len(model.asked) == asked, "nothing new to measure"


@pytest.mark.parametrize("worse", [harmed, silenced])
def test_examples_that_harm_or_silence_a_judge_are_not_used(
    model: Model, endpoint: Endpoint, tmp_path: Path, worse: Any
) -> None:
    model.will(worse)
    align("o", TRACES, endpoint, tmp_path, "2026-11-20")

    kept = read_kept(tmp_path, "o")[CLAIM.NAME]
    assert (kept["used"] or False, kept["examples"]) == (False, [])
    assert [s.value for s in signals("o", "north", tmp_path)] == ([1.0] if worse is harmed else [])


def test_a_turn_is_judged_with_its_own_organisations_examples(
    model: Model, endpoint: Endpoint, tmp_path: Path
) -> None:
    model.will(helped)
    align("o", TRACES, endpoint, tmp_path, "2026-11-20")
    judge = ByRubric(rubric(CLAIM.NAME), CLAIM.look, endpoint, taught_from(tmp_path))

    def judged(org: str) -> Any:
        said = {"message": "case 101 gets MM123"}
        done = {"status": "drafted", "rules": ["rule of 101"]}
        return judge.judge(TurnRecord("t", org, "s", "u", None, 1, 2, said, done, (), ()))

    own, other = judged("o"), judged("p")
    assert (own.value, other.value) == (False, True)
    assert own.version.startswith("1+") and other.version == "1"


def test_what_people_disagree_on_or_left_open_is_no_example() -> None:
    apart = trace(1, answer(RIGHT_RULE, True), answer(RIGHT_RULE, False, "ann"))
    other = trace(2, answer("right_question", True))
    assert reviewed([apart, other], CLAIM) == []


def test_an_example_is_short_and_holds_no_place_of_the_prompts_own() -> None:
    shown = [Example({"said": [t]}, {}, True) for t in ("x" * 2000, "all {{ inputs }}", "fine")]
    assert chosen(shown) == (shown[2],)
    assert "fine" in rubric(CLAIM.NAME).taught(chosen(shown)).prompt()
