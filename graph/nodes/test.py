"""Test: saved scenarios, made-up requests, and the history before and after."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from langgraph.runtime import Runtime

from data.rulelang.request import RequestError, read_request
from data.rulelang.version import Version
from data.store import scenarios
from graph.cards import confirm_card
from graph.context import Services
from graph.drafts import base_of, candidate, drafted_rules
from graph.generate import meetings, trials
from graph.progress import once_slow
from graph.state import Json, Turn, Update
from graph.words import result_words

NO_HISTORY: Json = {
    "run": 0, "changed": 0, "moves": [], "where": [], "examples": [], "seconds": 0.0,
}  # fmt: skip


def test(state: Turn, runtime: Runtime[Services]) -> Update:
    """Tries the draft on everything there is, and completes the card that the author sees."""
    services = runtime.context
    base, after = base_of(state, services), candidate(state, services)
    drafted = drafted_rules(state, after)
    tests: Json = {
        "scenarios": _scenarios(state, services, base, after),
        "generated": [t.to_json() for t in trials(base, after, drafted)],
        "history": history_json(state["who"]["org_id"], services, base, after),
    }
    beats = meetings(after, drafted)
    card = confirm_card({**state, "tests": tests, "beats": beats}, base, after)
    return {"tests": tests, "beats": beats, "card": card, "summary": card["summary"]}


def history_json(org_id: str, services: Services, before: Version, after: Version) -> Json:
    """The replay of the organisation's history, as the card shows it."""
    history = services.history(org_id, after)
    if history is None:
        return NO_HISTORY
    # Columns take a quarter of a second to load, and a draft without a history needs none.
    from graph.replay import replay

    return replay(history, before, after, _progress(len(history))).to_json()


def _progress(count: int) -> Callable[[float], None]:
    tell = once_slow("test")
    return lambda done: tell(done, f"Replaying {count:,} past requests: {done:.0%}")


def _scenarios(state: Turn, services: Services, base: Version, after: Version) -> Json:
    with services.store.reading() as session:
        saved = scenarios(session, state["who"]["org_id"])
    changed: list[Json] = []
    for one in saved:
        changed += _changed(one.name, one.given, one.expect, base, after)
    touched = {c["name"] for c in changed}
    return {"run": len(saved), "kept": len(saved) - len(touched), "changed": changed}


def _changed(
    name: str, given: object, expect: Mapping[str, Any], base: Version, after: Version
) -> Sequence[Json]:
    before, then = outcomes(base, given, expect), outcomes(after, given, expect)
    return [
        {"name": name, "decision": d, "before": before[d], "after": then[d],
         "expected": expected_words(expect[d])}
        for d in expect
        if d in then and before.get(d) != then[d]
    ]  # fmt: skip


def outcomes(version: Version, given: object, decisions: Iterable[str]) -> dict[str, str]:
    """These decisions' results for nested facts, in words; nothing if they cannot be read."""
    try:
        request = read_request(version.ontology, given)
    except RequestError:
        return {}
    asked = [d for d in decisions if d in version.plans]
    return {d: result_words(version.compiled.decide_one(request, d).to_json()) for d in asked}


def expected_words(expected: object) -> str:
    """A scenario's expectation in the words in which results are told."""
    if isinstance(expected, Mapping) and "status" in expected:
        return result_words(expected)  # pyright: ignore[reportUnknownArgumentType]
    if expected is None:
        return "not decided"
    return result_words({"status": "decided", "value": expected})
