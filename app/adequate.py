"""``rulewright adequacy``: which slips the saved scenarios would not notice."""

from __future__ import annotations

import json
import sys
from collections.abc import Sequence
from time import monotonic
from typing import Any

from data.packs import load_pack
from data.packs.cases import Scenario
from data.rulelang.analyse.adequacy import Adequacy, Case, GoOn, adequacy
from data.rulelang.request import nested, read_request
from data.rulelang.version import Version, make_version
from graph.slips import notices_words, question_words, score_words, slip_words

TELL_EVERY = 5.0
"""Seconds between two lines on how far it is."""


def adequacy_lines(pack_name: str, rules: Sequence[str], seconds: float, as_json: bool) -> int:
    """Prints the score and the questions; the exit status is 0, also where slips go unnoticed."""
    pack = load_pack(pack_name)
    version = make_version(pack.ontology, pack.code_sets, pack.scope_rows, pack.rule_set)
    unknown = [t for t in rules if version.rule_set.rule(t) is None]
    if unknown:
        print(f"there is no rule `{unknown[0]}`: give its title as it stands", file=sys.stderr)
        return 1
    cases = cases_of(version, pack.scenarios)
    found = adequacy(version, cases, rules or None, _until(seconds))
    if as_json:
        print(json.dumps(_json(version, found), ensure_ascii=False))
        return 0
    for question in found.questions:
        print(question_words(version, question).replace("**", ""))
        print(f"    {notices_words(version, question)}")
        print(f"    {json.dumps(nested(question.request.given, question.request.rows))}")
    print(score_words(found))
    return 0


def cases_of(version: Version, scenarios: Sequence[Scenario]) -> list[Case]:
    """The scenarios of a pack as cases."""
    return [Case(s.name, read_request(version.ontology, s.given), (*s.expect,)) for s in scenarios]


def _until(seconds: float) -> GoOn:
    """Goes on for so long, and tells on standard error how far it is."""
    began, told = monotonic(), [monotonic()]

    def go_on(done: float) -> bool:
        now = monotonic()
        if now - told[0] > TELL_EVERY:
            told[0] = now
            print(f"{done:.0%} of the slips tried", file=sys.stderr, flush=True)
        return now - began < seconds

    return go_on


def _json(version: Version, found: Adequacy) -> dict[str, Any]:
    return {
        "score": None if found.score is None else round(found.score, 4),
        "killed": found.killed,
        "survived": len(found.survivors),
        "equivalent": found.equivalent,
        "unsettled": found.unsettled,
        "not_looked_at": found.unlooked,
        "questions": [
            {
                "request": nested(q.request.given, q.request.rows),
                "decision": q.decision,
                "result": q.result.to_json(),
                "notices": [
                    {"rule": m.rule, "kind": m.kind, "slip": slip_words(version, m)}
                    for m in q.notices
                ],
            }
            for q in found.questions
        ],
    }
