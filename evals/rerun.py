"""Runs the requests shown to an author once more, from the JSON that was shown."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from data.rulelang.ast import Rule
from data.rulelang.parse import parse
from data.rulelang.request import RequestError, read_request
from data.rulelang.version import Version
from graph.words import label, result_words

MOST = 6
"""Requests of a card; running all of them would take longer than the author should wait."""


def rerun(
    shown: Sequence[Mapping[str, Any]], texts: Iterable[str], version: Version
) -> tuple[bool, ...]:
    """For each shown request, whether today's rules give what is shown as the result before.

    ``texts`` are the drafted rules, ``version`` is the one the draft would follow.
    """
    words, codes, defines = version.ontology, version.code_sets, version.rule_set.defines
    rules = parse("\n\n".join(texts), words, codes, "", defines).rule_set.rules
    return tuple(_same(trial, rules, version) for trial in shown[:MOST])


def _same(trial: Mapping[str, Any], rules: Iterable[Rule], version: Version) -> bool:
    try:
        return any(_words(trial["given"], rule, version) == trial["before"] for rule in rules)
    except RequestError:
        return False


def _words(given: object, rule: Rule, version: Version) -> str:
    """The results of the rule's decisions, told as a card tells them."""
    request = read_request(version.ontology, given)
    said = {
        o.decision: result_words(version.compiled.decide_one(request, o.decision).to_json())
        for o in rule.then
    }
    if len(said) == 1:
        return next(iter(said.values()))
    return "; ".join(f"{label(d, version.ontology)} {words}" for d, words in said.items())
