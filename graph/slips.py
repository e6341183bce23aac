"""Slips that no scenario would notice, and the patient to ask about, in plain words."""

from __future__ import annotations

from data.rulelang.analyse.adequacy import Adequacy, Question
from data.rulelang.analyse.mutants import Mutant
from data.rulelang.ast import And, Outcome
from data.rulelang.version import Version
from graph.describe import describe
from graph.words import condition_words, label, outcome_words, result_words

MOST_NAMED = 3


def score_words(found: Adequacy) -> str:
    """How much the scenarios notice, in one or two sentences."""
    if found.score is None:
        said = "There is nothing that could slip."
    else:
        counted = found.killed + len(found.survivors)
        tried = " of those that I tried" if found.unlooked else ""
        said = (
            f"Your scenarios notice {found.killed:,} of {counted:,} small slips"
            f" ({found.score:.0%}{tried}){'' if found.survivors else ': every one'}."
        )
    if found.unlooked:
        said += (
            f" {found.unlooked:,} more were not tried in the time there was: ask about one rule"
            " at a time."
        )
    if found.unsettled:
        said += f" Of {found.unsettled:,} more I cannot tell."
    return said


def question_words(version: Version, question: Question) -> str:
    """What the author is asked: whether what a patient gets today is right."""
    who = describe(version.ontology, question.request.given, question.request.rows)
    called, gives = _gives(version, question)
    return f"{who[:1].upper()}{who[1:]}: {called} is **{gives}** today. Is that right?"


def case_words(version: Version, question: Question) -> str:
    """The patient and the answer, as the name of a scenario."""
    called, gives = _gives(version, question)
    who = describe(version.ontology, question.request.given, question.request.rows)
    return f"{who}: {called} {gives}"


def _gives(version: Version, question: Question) -> tuple[str, str]:
    called = label(question.decision, version.ontology)
    return called, result_words(question.result.to_json())


def notices_words(version: Version, question: Question) -> str:
    """Which slips a scenario of this patient would notice."""
    named = [slip_words(version, m) for m in question.notices[:MOST_NAMED]]
    rest = len(question.notices) - len(named)
    more = f"; and {rest} more" if rest else ""
    return f"No scenario would notice: {'; '.join(named)}{more}."


def slip_words(version: Version, mutant: Mutant) -> str:
    """One slip: what the rule would say, or not say."""
    rule = f"“{mutant.rule}”"
    if mutant.kind == "rule":
        return f"{rule} were gone"
    if mutant.kind == "and or":
        joins = ("and", "or") if isinstance(mutant.before, And) else ("or", "and")
        return f"{rule} said “{joins[1]}” for “{joins[0]}”"
    before, after = _said(version, mutant.before), _said(version, mutant.after)
    if mutant.after is None:
        return f"{rule} left out {before}"
    return f"{rule} said {after}, not {before}"


def _said(version: Version, said: object) -> str:
    match said:
        case None | str():
            return f"“{said}”"
        case _ if isinstance(said, Outcome):
            return f"“{outcome_words(said, version.ontology)}”"
        case _:
            return f"“{condition_words(said, version.ontology)}”"  # type: ignore[arg-type]
