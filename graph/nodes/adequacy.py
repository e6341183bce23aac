"""Adequacy: what the scenarios would not notice, asked one patient at a time."""

from __future__ import annotations

from collections.abc import Sequence
from time import monotonic

from langgraph.config import get_stream_writer
from langgraph.runtime import Runtime

from data.rulelang.analyse.adequacy import Adequacy, Case, GoOn, Question, adequacy
from data.rulelang.ast import Rule
from data.rulelang.request import RequestError, nested, read_request
from data.rulelang.version import Version
from data.store import NameTaken, ScenarioRow, add_scenario, scenarios
from graph.context import Services
from graph.find import rules_about
from graph.slips import case_words, notices_words, question_words, score_words
from graph.state import Json, Turn, Update, replied

SECONDS = 20.0
"""So long a person waits; what was not looked at is said."""
SLOW_SECONDS = 1.0
MOST_ASKED = 30
STATUSES = ("left_to_staff", "no_rule")


def what_is_missed(state: Turn, runtime: Runtime[Services]) -> Update:
    """The score, and the first patient to ask about."""
    services, org_id, title = runtime.context, state["who"]["org_id"], state["args"].get("title")
    version = services.staging(org_id)
    if version is None:
        return replied("There are no rules yet.")
    rule = _named(version, title)
    if title and rule is None:
        return _which(state, services, version, title)
    found = adequacy(version, _cases(services, org_id, version), [rule.title] if rule else None,
                     _until(SECONDS))  # fmt: skip
    asked = [_asked(version, q) for q in found.questions if _can_be_kept(q)][:MOST_ASKED]
    told = [_of(rule.title if rule else None) + score_words(found), *_first(found, asked)]
    return {
        "asked_cases": asked,
        "reply": {"text": "\n\n".join(told), "actions": _buttons(asked, 0)},
        "summary": score_words(found),
    }


def case_is_right(state: Turn, runtime: Runtime[Services]) -> Update:
    """Keeps the patient as a scenario, and asks about the next one."""
    asked, at = _which_case(state)
    if asked is None:
        return replied(NOT_ASKED)
    services, who, case = runtime.context, state["who"], asked[at]
    with services.store.session() as session:
        try:
            add_scenario(session, who["org_id"], case["name"], case["given"], case["expect"],
                         who["person_id"])  # fmt: skip
        except NameTaken as taken:
            return replied(f"{str(taken)[:1].upper()}{str(taken)[1:]}.")
    return _next(f"Kept as a scenario: {case['name']}.", asked, at)


def case_is_wrong(state: Turn, runtime: Runtime[Services]) -> Update:
    """Leads to a change of the rule that decides the patient today."""
    asked, at = _which_case(state)
    if asked is None:
        return replied(NOT_ASKED)
    case = asked[at]
    if not case["rule"]:
        return replied("Then state the rule that is missing, in your own words.")
    change = {"action": "say", "label": f"Change “{case['rule']}”",
              "payload": {"text": f"change the rule {case['rule']}"}}  # fmt: skip
    text = (
        f"“{case['rule']}” decides that. Say what should change: `change the rule "
        f"{case['rule']}: …`, or state a rule of its own for this case."
    )
    return {"reply": {"text": text, "actions": [change]}, "summary": "That case is not right."}


def next_case(state: Turn, runtime: Runtime[Services]) -> Update:
    """Leaves this patient aside."""
    asked, at = _which_case(state)
    return replied(NOT_ASKED) if asked is None else _next("Left aside.", asked, at)


NOT_ASKED = "I asked about no such case here. Say `what do my scenarios miss?`"


def _named(version: Version, title: str | None) -> Rule | None:
    wanted = (title or "").casefold()
    return next((r for r in version.rule_set.rules if r.title.casefold() == wanted), None)


def _cases(services: Services, org_id: str, version: Version) -> list[Case]:
    """The saved scenarios; one that today's words cannot read notices nothing."""
    with services.store.reading() as session:
        saved = scenarios(session, org_id)
    return [c for row in saved if (c := _case(version, row)) is not None]


def _case(version: Version, row: ScenarioRow) -> Case | None:
    try:
        return Case(row.name, read_request(version.ontology, row.given), (*row.expect,))
    except RequestError:
        return None


def _until(seconds: float) -> GoOn:
    """Goes on for so long, and tells how far it is once that takes longer than a second."""
    writer, began = get_stream_writer(), monotonic()

    def go_on(done: float) -> bool:
        passed = monotonic() - began
        if passed > SLOW_SECONDS:
            text = f"Trying small slips on your scenarios: {done:.0%}"
            writer({"progress": {"node": "adequacy", "text": text, "done": done}})
        return passed < seconds

    return go_on


def _can_be_kept(question: Question) -> bool:
    return question.result.status == "decided" or question.result.status in STATUSES


def _asked(version: Version, question: Question) -> Json:
    result = question.result
    expect = result.briefly() if result.status == "decided" else {"status": result.status}
    return {
        "name": case_words(version, question)[:120],
        "text": question_words(version, question),
        "why": notices_words(version, question),
        "given": nested(question.request.given, question.request.rows),
        "expect": {question.decision: expect},
        "rule": result.rule or next(iter(result.rules), ""),
    }


def _of(title: str | None) -> str:
    return f"“{title}”: " if title else ""


def _first(found: Adequacy, asked: Sequence[Json]) -> list[str]:
    if not asked:
        return []
    many = len(asked)
    ask = "One question" if many == 1 else f"{many} questions"
    return [f"{ask} would settle the rest.", asked[0]["text"], asked[0]["why"]]


def _next(text: str, asked: list[Json], at: int) -> Update:
    if at + 1 >= len(asked):
        return replied(f"{text} That was the last question.")
    case = asked[at + 1]
    told = "\n\n".join([text, case["text"], case["why"]])
    return {"reply": {"text": told, "actions": _buttons(asked, at + 1)}, "summary": text}


def _buttons(asked: Sequence[Json], at: int) -> list[Json]:
    if at >= len(asked):
        return []
    said = (
        ("Yes, keep it", f"case {at + 1} is right"),
        ("No", f"case {at + 1} is wrong"),
        ("Ask another", f"skip case {at + 1}"),
    )
    return [{"action": "say", "label": n, "payload": {"text": t}} for n, t in said]


def _which_case(state: Turn) -> tuple[list[Json] | None, int]:
    """The cases asked about in this conversation, and which of them is meant."""
    asked, number = state.get("asked_cases") or [], str(state["args"].get("number", ""))
    at = int(number) - 1 if number.isdecimal() else -1
    return (asked, at) if 0 <= at < len(asked) else (None, 0)


def _which(state: Turn, services: Services, version: Version, said: str) -> Update:
    near = rules_about(version, services.retriever(state["who"]["org_id"], version), said)[:5]
    buttons = [
        {"action": "say", "label": r.title,
         "payload": {"text": f"how good are the scenarios for {r.title}?"}}
        for r in near
    ]  # fmt: skip
    return {"reply": {"text": "No rule has that title.", "actions": buttons},
            "summary": "No rule has that title."}  # fmt: skip
