"""Scenarios: keep a case, or list the cases there are."""

from __future__ import annotations

from langgraph.runtime import Runtime

from data.access import may
from data.ontology.model import Value
from data.rulelang.request import nested
from data.rulelang.version import Version
from data.store import NameTaken, add_scenario, scenarios
from graph.case import read_example
from graph.context import Services
from graph.describe import describe
from graph.nodes.test import expected_words, outcomes
from graph.state import Json, Turn, Update, heard, replied
from graph.words import joined, label

HOW = (
    "Say a case with its outcome, each fact as it is: `add a scenario: … should get …`,"
    " in your own words."
)


def keep_scenario(state: Turn, runtime: Runtime[Services]) -> Update:
    """Reads the case as a rule sentence is read; what it says exactly becomes the facts."""
    return keep_case(runtime.context, state["who"], state["args"].get("case", ""))


def keep_case(services: Services, who: Json, case: str) -> Update:
    """Keeps a case said in words, or says what is not clear of it."""
    version = services.staging(who["org_id"])
    if version is None or not case:
        return replied(HOW)
    read = read_example(services.drafters[-1], version, case, services.clock().date())
    if isinstance(read, str):
        return replied(f"I could not read that case. {read} {HOW}")
    with services.store.session() as session:
        try:
            add_scenario(
                session, who["org_id"], case[:120], nested(read.given), read.expect,
                who["person_id"],
            )  # fmt: skip
        except NameTaken as taken:
            return replied(f"{str(taken)[:1].upper()}{str(taken)[1:]}.")
    return replied(" ".join(filter(None, [_told(version, read.given, read.expect), read.note])))


def as_scenario(state: Turn, services: Services, verdict: Json) -> Update:
    """What was said is one case and no rule: it is kept as one, and the draft is gone."""
    if not may(verdict["who"]["roles"], "add_scenario"):
        text = "You may not keep scenarios: ask an author to."
        return {**heard(verdict), "card": None, **replied(text)}
    return {**heard(verdict), "card": None, **keep_case(services, verdict["who"], state["message"])}


def list_scenarios(state: Turn, runtime: Runtime[Services]) -> Update:
    """Every scenario with what is expected and what the rules of staging give."""
    services, org_id = runtime.context, state["who"]["org_id"]
    version = services.staging(org_id)
    with services.store.reading() as session:
        saved = scenarios(session, org_id)
    if version is None or not saved:
        return replied("There are no scenarios yet. " + HOW)
    rows = [r for s in saved for r in _rows(version, s.name, s.given, s.expect)]
    wrong = sum(r["holds"] == "no" for r in rows)
    text = f"{len(saved)} scenarios; {wrong or 'none'} of their outcomes differ from the rules now."
    return replied(text, rows=rows)


def _told(version: Version, given: dict[str, Value], expect: Json) -> str:
    now = outcomes(version, nested(given), version.plans)
    wanted = [f"{label(d, version.ontology)} {expected_words(v)}" for d, v in expect.items()]
    lines = [f"Kept: {describe(version.ontology, given)} should get {joined(wanted)}."]
    for decision, value in expect.items():
        if now.get(decision) != expected_words(value):
            called = label(decision, version.ontology)
            lines.append(f"The rules of staging give {called} {now.get(decision, 'nothing')} now.")
    return " ".join(lines)


def _rows(version: Version, name: str, given: Json, expect: Json) -> list[Json]:
    now = outcomes(version, given, version.plans)
    return [
        {
            "scenario": name,
            "decision": label(d, version.ontology),
            "expected": expected_words(v),
            "now": now.get(d, "nothing"),
            "holds": "yes" if _holds(v, now.get(d)) else "no",
        }
        for d, v in expect.items()
    ]


def _holds(expected: object, now: str | None) -> bool:
    if expected is None:
        return now is None or now == "no rule" or now.startswith("open")
    wanted = expected_words(expected)
    return (now or "").startswith("open") if wanted == "open" else now == wanted
