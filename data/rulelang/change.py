"""What differs between two versions, rule by rule, and the part of a version that it touches."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from operator import is_

from data.rulelang.ast import History, Rule, RuleSet, tests_of
from data.rulelang.digest import digests_with
from data.rulelang.precedence import Edges
from data.rulelang.regions import containment
from data.rulelang.version import Version, make_version

MOST_CHANGED = 2
"""Of this many rules one at most is changed, or all is worked out anew."""


@dataclass(frozen=True, slots=True)
class Change:
    """The rules that only one of two versions has, expanded; an edited rule is in both."""

    gone: tuple[Rule, ...]
    come: tuple[Rule, ...]

    @property
    def rules(self) -> tuple[Rule, ...]:
        """Both: what may apply to a request that they answer differently."""
        return (*self.gone, *self.come)


def change_of(old: RuleSet, new: RuleSet) -> Change:
    """What became of the rules. Cheap where most of them are the very same objects."""
    if old.defines != new.defines:
        old, new = old.expanded(), new.expanded()
    before, after = _apart(old.rules, new.rules)
    left = {id(r): r for r in before}
    come = [r for r in after if left.pop(id(r), None) is None]
    gone = left.values()
    held = set(come).intersection(gone)
    return Change(
        _expanded(old, (r for r in gone if r not in held)),
        _expanded(new, (r for r in come if r not in held)),
    )


def _apart(old: Sequence[Rule], new: Sequence[Rule]) -> tuple[Sequence[Rule], Sequence[Rule]]:
    """Both without the very same objects that they hold one after the other: as a rule nearly all,
    an edited one standing where it stood or last."""
    gone: list[Rule] = []
    while True:
        first = _alike(old, new)
        old, new = old[first:], new[first:]
        if not (old[1:2] and new and old[1] is new[0]):
            break
        gone.append(old[0])
        old = old[1:]
    last = _alike(old[::-1], new[::-1])
    return (*gone, *old[: len(old) - last]), new[: len(new) - last]


def _alike(one: Sequence[Rule], other: Sequence[Rule]) -> int:
    """How many of the first are the very same objects."""
    same = [*map(is_, one, other), False]
    return same.index(False)


def changed(before: Version, rules: RuleSet) -> Version:
    """What ``make_version`` makes of these rules and the words of the version before.

    Containment and hashes are worked out anew for changed rules and those that they can meet.
    """
    change = change_of(before.rule_set, rules)
    by_title = _by_title(before, rules)
    edges = _edges(before, change, by_title, rules)
    if edges is None:
        words = (before.ontology, before.code_sets, before.scope_rows)
        return make_version(*words, rules, before.weights)
    titles = {r.title for r in change.rules}
    around = (e.naming(titles) for e in (before.edges, edges))
    touched = titles | {inner for e in around for inner, _ in e.inside | e.equal}
    digests = digests_with(before.digests, before.ontology, rules, by_title, edges, touched)
    after = replace(before, rule_set=rules, edges=edges, id=digests.id)
    vars(after).update(digests=digests, rules=by_title)
    return after


def _by_title(before: Version, rules: RuleSet) -> Mapping[str, Rule]:
    """What ``Version.rules`` holds: of 50,000 rules nearly all are held already."""
    gone, come = _apart(before.rule_set.rules, rules.rules)
    held = dict(before.rules)
    for rule in gone:
        held.pop(rule.title, None)
    return held | {r.title: r for r in come}


def _edges(
    before: Version, change: Change, by_title: Mapping[str, Rule], rules: RuleSet
) -> Edges | None:
    """The edges of these rules; ``None`` where the change bears on more than what it meets."""
    titles = {r.title for r in change.rules}
    if len(titles) * MOST_CHANGED > len(rules.rules):
        return None
    met = {t for r in change.come for t in before.meeting.titles(r, whenever=True)} - titles
    near = _expanded(rules, (by_title[t] for t in met if t in by_title))
    held = [r for r in near if any(_share_a_place(r, new) for new in change.come)]
    if any(isinstance(t, History) for r in (*held, *change.come) for t in tests_of(r.when)):
        return None  # how exactly rows are told apart hangs on all tests of them
    come = containment(before.ontology, (*held, *change.come))
    return before.edges.changed(titles, come.naming(titles))


def _share_a_place(one: Rule, other: Rule) -> bool:
    if one.scope is None or other.scope is None:
        return one.scope is other.scope
    return one.scope.level == other.scope.level and bool(
        set(one.scope.values) & set(other.scope.values)
    )


def same_words(before: Version, after: Version) -> bool:
    """Whether ontology, code sets and scope rows are the same, so that only rules differ."""
    return (before.ontology, before.code_sets, before.scope_rows) == (
        after.ontology,
        after.code_sets,
        after.scope_rows,
    )


def narrowed(version: Version, titles: AbstractSet[str]) -> Version:
    """The version with no other rules than these; it still bears the whole's id.

    It answers alike every request to which none of the others may apply.
    """
    held = version.rules
    some = tuple(held[title] for title in sorted(titles) if title in held)
    rules = replace(version.rule_set, rules=some).expanded()
    return replace(version, rule_set=rules, edges=version.edges.among(titles))


def _expanded(whole: RuleSet, rules: Iterable[Rule]) -> tuple[Rule, ...]:
    return replace(whole, rules=tuple(rules)).expanded().rules
