"""An explanation says first what the rules that won and lost looked at, and never all there is."""

from __future__ import annotations

from data.ontology.load import load_ontology
from data.rulelang.explain import explain
from data.rulelang.parse import parse
from data.rulelang.request import read_request
from data.rulelang.version import Version, make_version
from graph.explain import MOST_FACTS, fact_rows, telling_facts, why

MARKS = [f"mark{n}" for n in range(40)]
WORDS = f"""
name: post
title: A post office
entities:
  parcel:
    attributes:
      weight: {{type: integer, min: 0, max: 100}}
      sender: {{type: text, sensitive: identifying}}
{"".join(f"      {m}: {{type: boolean}}{chr(10)}" for m in MARKS)}
decisions:
  price: {{type: integer, hit: single, min: 1, max: 90}}
"""
RULES = f"""
rule "heavy" when weight is more than 20 then price is 9 overrides "marked"
rule "marked" when weight is more than 10 and not ({" or ".join(f"{m} is yes" for m in MARKS)})
  then price is 3
"""


def post() -> Version:
    ontology, findings = load_ontology(WORDS)
    assert ontology, findings
    parsed = parse(RULES, ontology, {})
    assert not parsed.findings
    return make_version(ontology, {}, (), parsed.rule_set)


def test_forty_facts_that_are_no_are_told_by_their_number() -> None:
    version = post()
    facts = {"weight": 30, "sender": "Jane Roe", **dict.fromkeys(MARKS, False)}
    request = read_request(version.ontology, {"parcel": facts})
    told = explain(version, request, "price")
    rows = fact_rows(version, [told])
    assert rows[:2] == [{"fact": "weight", "value": "30"}, {"fact": "mark0", "value": "no"}]
    assert rows[MOST_FACTS:] == [{"fact": f"and {len(MARKS) + 1 - MOST_FACTS} more facts"}]
    shown = telling_facts(version, [told], request.given)
    assert "parcel.weight" in shown and len(shown) <= MOST_FACTS
    assert "Jane" not in " ".join([*why(version, told, request), *map(str, rows)])
