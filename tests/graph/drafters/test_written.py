"""Rule text pasted into the chat is read as it stands, or told what is wrong with it."""

from __future__ import annotations

from data.packs.load import load_pack
from data.rulelang.render import render
from graph.drafters.base import Draft, Task
from graph.drafters.grammar import GrammarDrafter
from graph.drafters.grammar.account import unplaced

HISTORY = """\
rule "First screening is longer"
  when       exam is screening mammogram
             and no prior visit where ( exam is screening mammogram ) within the last 2 years
  then       appointment length adds 15
"""
PACK = load_pack("radiology")


def draft(message: str) -> Draft:
    task = Task(PACK.ontology, PACK.code_sets, PACK.rule_set, scope_rows=PACK.scope_rows)
    return GrammarDrafter().draft(message, task)


def test_rule_text_is_that_rule_and_every_word_has_its_place() -> None:
    drafted = draft(" ".join(HISTORY.split()))
    [reading] = drafted.readings
    [rule] = reading.rules
    assert drafted.status == "drafted"
    assert render(rule, PACK.ontology) == HISTORY.strip()
    assert unplaced(reading.placed) == ()


def test_a_derived_fact_of_the_rules_in_force_may_be_used() -> None:
    [define, *_] = PACK.rule_set.defines
    drafted = draft(f'rule "X" when {define.name} is yes then appointment length adds 15')
    assert drafted.status == "drafted"


def test_a_mistake_is_told_with_what_to_try() -> None:
    drafted = draft(HISTORY.replace("screening mammogram\n", "screening mamogram\n"))
    assert drafted.status == "refused"
    assert "did you mean `screening mammogram`" in drafted.message


def test_other_statements_are_not_taken() -> None:
    drafted = draft(HISTORY + 'accept gap "X" when exam is MRI knee because "later"')
    assert drafted.status == "refused"
    assert drafted.readings == ()
