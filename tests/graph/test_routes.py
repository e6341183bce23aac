"""Where messages go; the cases are in ``routes.yaml``."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest
import yaml

from graph.routes import route

CASES: list[dict[str, Any]] = yaml.safe_load(
    Path(__file__).with_name("routes.yaml").read_text("utf-8")
)


@pytest.mark.parametrize("case", CASES, ids=lambda c: f"{c['say'][:40]}|{c.get('waiting')}")
def test_a_message_goes_to_its_door(case: dict[str, Any]) -> None:
    wanted = {k: v for k, v in case.items() if k not in ("say", "waiting", "intent")}
    found = route(case["say"], lambda text: True, case.get("waiting"))
    assert (found.intent, dict(found.args)) == (case["intent"], wanted)


def test_what_names_no_term_is_out_of_scope_unless_something_waits() -> None:
    assert route("the roof of the shed leaks", lambda text: False).intent == "out_of_scope"
    assert route("the roof of the shed leaks", lambda text: False, "confirm").intent == "draft"


def test_a_long_message_is_never_a_side_door() -> None:
    assert route("show the rules about " + "x" * 500, lambda text: True).intent == "draft"


def test_phrases_take_no_exponential_time() -> None:
    for said in ("show " * 79, "my " * 130, "ignore all " * 36, "what pill " * 39):
        began = time.perf_counter()
        assert route(said, lambda text: False).intent == "out_of_scope"
        assert time.perf_counter() - began < 1
