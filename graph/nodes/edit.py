"""Edit: a rule that stands becomes the draft, and what is said of it the change."""

from __future__ import annotations

import re
from collections.abc import Sequence

from langgraph.runtime import Runtime

from data.rulelang.ast import Rule
from data.rulelang.render import render
from data.rulelang.version import Version
from graph.context import Services
from graph.find import rules_about, rules_meant
from graph.state import Json, Turn, Update, mentioned, replied

LINK = re.compile(r"^[\s\"'“”:,;.-]*(?:(to)\b|so that\b|such that\b|and\b)?[\s:,]*", re.IGNORECASE)
MOST_OFFERED = 5
WHICH_ONE = "Which rule do you mean? Say its title: `change the rule …: make it …`"


def edit(state: Turn, runtime: Runtime[Services]) -> Update:
    """Finds the rule by its title, by what it is about, or as the one spoken of last."""
    services = runtime.context
    version = services.staging(state["who"]["org_id"])
    if version is None:
        return replied("There are no rules yet.")
    found, change = _meant(state, services, version)
    if len(found) != 1:
        return _which(found or _near(state, services, version), change)
    rule = found[0]
    if not change:
        return replied(
            f"What should change? Say it with the title: `change the rule {rule.title}: make it …`"
        )
    return {
        "current": [render(rule, version.ontology)],
        "editing": rule.title,
        "message": change,
        "said": [state["message"]],
        "summary": f"Changes “{rule.title}”.",
    }


def same(state: Turn, runtime: Runtime[Services]) -> Update:
    """The rule spoken of last once more, for somebody or somewhere else."""
    services = runtime.context
    version = services.staging(state["who"]["org_id"])
    titles = mentioned(state) if version else []
    rules = [r for t in titles if version and (r := version.rule_set.rule(t)) is not None]
    if version is None or not rules:
        return replied("The same as which rule? Show it first: `show the rule …`")
    if len(rules) > 1:
        return _which(rules, "")
    return {"current": [render(r, version.ontology) for r in rules], "summary": "The same again."}


def _meant(state: Turn, services: Services, version: Version) -> tuple[Sequence[Rule], str]:
    """The rules that can be meant, and what is to change."""
    args: Json = state["args"]
    should = args.get("should")
    rest = f"it should {should}" if should else str(args.get("rest", ""))
    said = args.get("which") or args.get("subject")
    if said:
        retriever = services.retriever(state["who"]["org_id"], version)
        return rules_meant(version, retriever, said, mentioned(state)), _change(rest)
    rule = _named(version, rest)
    return ([rule], _change(rest[len(rule.title) :])) if rule else ([], "")


def _named(version: Version, said: str) -> Rule | None:
    low = said.casefold()
    named = [r for r in version.rule_set.rules if low.startswith(r.title.casefold())]
    return max(named, key=lambda r: len(r.title), default=None)


def _near(state: Turn, services: Services, version: Version) -> Sequence[Rule]:
    said = state["args"].get("rest", "")
    return rules_about(version, services.retriever(state["who"]["org_id"], version), said)


def _change(rest: str) -> str:
    """`to 20 minutes` is said as `make it 20 minutes`; anything else as it stands."""
    link = LINK.match(rest)
    told = rest[link.end() :].strip() if link else rest.strip()
    return f"make it {told}" if told and link and link.group(1) else told


def _which(near: Sequence[Rule], change: str) -> Update:
    """Offers the rules that can be meant; a press says the change of that rule."""
    buttons: list[Json] = [
        {"action": "say", "label": r.title, "payload": {"text": _said_of(r, change)}}
        for r in near[:MOST_OFFERED]
    ]
    text = (
        WHICH_ONE
        if change
        else "No rule has that title. Begin with the title as it stands:"
        " `change the rule …: make it …`"
    )
    return replied(text, buttons)


def _said_of(rule: Rule, change: str) -> str:
    return f"change the rule {rule.title}: {change}" if change else f"show the rule {rule.title}"
