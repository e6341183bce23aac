"""Rules by what people call them: a title, a term, a code, a place."""

from __future__ import annotations

from collections.abc import Sequence

from data.index import Retriever, content_words
from data.index.items import rule_gist
from data.ontology.model import Ontology
from data.rulelang.ast import Compare, Rule
from data.rulelang.cells import compares_of, operands
from data.rulelang.version import Version
from graph.words import label, rule_words

MOST_NEAR = 60
NEARLY_BEST = 0.75
"""Share of the best score down to which a rule still sounds like the subject."""


def rule_called(version: Version, title: str) -> Rule | None:
    """The rule of exactly this title, case aside."""
    wanted = title.strip().casefold()
    return next((r for r in version.rule_set.rules if r.title.casefold() == wanted), None)


POINTS_BACK = frozenset(
    f"{the}{what}{one}"
    for the in ("", "the ")
    for what in ("that", "this", "it", "last", "same", "new", "one before", "that last", "those")
    for one in ("", " rule", " one", " rules", " ones")
)
"""What stands for the rules spoken of last: `that rule`, `the last one`."""


def points_back(said: str) -> bool:
    """Whether words stand for what was spoken of last."""
    return " ".join(said.casefold().split()) in POINTS_BACK


def rules_meant(
    version: Version, retriever: Retriever, said: str, mentioned: Sequence[str]
) -> tuple[Rule, ...]:
    """The rules that words stand for: those ``mentioned`` last, or those called so."""
    if not points_back(said):
        return rules_about(version, retriever, said)
    return tuple(r for t in mentioned if (r := version.rule_set.rule(t)) is not None)


def rules_about(version: Version, retriever: Retriever, subject: str) -> tuple[Rule, ...]:
    """The rules that say every word of the subject; failing that, those that sound like it."""
    exact = rule_called(version, subject)
    if exact is not None:
        return (exact,)
    wanted = set(content_words(subject))
    if not wanted:
        return version.rule_set.rules
    told = {r: words_said(version, r) for r in version.rule_set.rules}
    found = tuple(r for r, words in told.items() if wanted <= words)
    return found or _near(version, retriever, subject)


def words_said(version: Version, rule: Rule) -> set[str]:
    """Every word a person may use for the rule: its own, and the synonyms of its terms."""
    ontology = version.ontology
    texts = [rule.title, *rule_words(rule, ontology), rule_gist(rule)]
    for compare in compares_of(rule.when):
        texts += _synonyms(ontology, compare)
    if rule.scope and ontology.scopes:
        texts += _of_values(ontology, ontology.scopes.path(rule.scope.level), rule.scope.values)
    return {w for t in texts for w in content_words(t)}


def _synonyms(ontology: Ontology, compare: Compare) -> list[str]:
    attribute = ontology.attributes.get(compare.attribute)
    names = [label(compare.attribute, ontology), *(attribute.synonyms if attribute else ())]
    return names + _of_values(ontology, compare.attribute, operands(compare))


def _of_values(ontology: Ontology, path: str, values: Sequence[object]) -> list[str]:
    attribute = ontology.attributes.get(path)
    if attribute is None:
        return []
    return [s for v in values for s in attribute.values.get(str(v), ())]


def _near(version: Version, retriever: Retriever, subject: str) -> tuple[Rule, ...]:
    near = [i for i in retriever.retrieve(subject, MOST_NEAR) if i.kind == "rule"]
    best = max((i.score for i in near), default=0.0)
    found = (version.rule_set.rule(i.text) for i in near if i.score >= NEARLY_BEST * best)
    return tuple(r for r in found if r is not None)
