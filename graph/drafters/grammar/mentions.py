"""Where a message names terms of the ontology: inflected, reordered, with small gaps, misspelt."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from rapidfuzz.distance import OSA

from data.rulelang.codes import resolve
from graph.drafters.grammar.english import (
    AUXILIARIES,
    DETERMINERS,
    FILLER,
    LIGHT,
    MODALS_STRONG,
    NEAR,
    PERSONS,
    PREPOSITIONS,
    PRONOUNS,
    REQUIRE,
)
from graph.drafters.grammar.lexicon import EMPTY_NAMES, NOT, Lexicon, Name, Ref, content_root, form
from graph.drafters.grammar.words import Token, root, stem

GAP = DETERMINERS | PRONOUNS | AUXILIARIES | PREPOSITIONS | LIGHT | MODALS_STRONG | FILLER | PERSONS
_GAP_STEMS = GAP | frozenset(stem(w) for w in AUXILIARIES | LIGHT)
BARRIERS = frozenset(
    [
        "if",
        "when",
        "whenever",
        "while",
        "unless",
        "except",
        ".",
        ";",
        "?",
        "!",
        ":",
        "->",
        "=>",
        "=",
        "but",
        "excluding",
        "who",
        "whose",
    ]
)
_PENALTY = {"root": 0.2, "typo": 0.3, "gap": 0.1, "order": 0.2}


@dataclass(frozen=True, slots=True)
class Mention:
    """One phrase of the message and a term it can stand for."""

    tokens: frozenset[int]
    start: int
    end: int
    ref: Ref
    weight: float
    """Content words covered, less what was inexact."""
    exact: bool
    label: bool
    negated_name: bool = False
    """The name itself holds a negation (`not pregnant`)."""
    denied: bool | None = None
    """Whether a yes (false) or a no (true) is said after it; ``None`` for neither."""
    written: bool = False
    """Its one word stands in the name as it is written in the message."""


@dataclass(frozen=True, slots=True)
class Spelling:
    """A word read as another because it is misspelt."""

    token: int
    read_as: str


def find_mentions(
    tokens: Sequence[Token], lexicon: Lexicon, known: frozenset[str], amounts: frozenset[int]
) -> tuple[tuple[Mention, ...], tuple[Spelling, ...]]:
    """All mentions; ``known`` are English words never corrected, ``amounts`` tokens of numbers."""
    roots, spellings = _roots(tokens, lexicon, known)
    where: dict[str, list[int]] = {}
    for i, r in enumerate(roots):
        if r:
            where.setdefault(r, []).append(i)
    seen: dict[tuple[Ref, frozenset[int]], Mention] = {}
    corrected = {s.token for s in spellings}
    for name in _candidates(where, lexicon):
        for used in _windows(name, where, lexicon.unique(name.ref) - lexicon.entity_roots):
            mention = _mention(name, used, tokens, roots, lexicon, corrected, amounts)
            if mention is None:
                continue
            key = (mention.ref, mention.tokens)
            if key not in seen or seen[key].weight < mention.weight:
                seen[key] = mention
    for mention in list(seen.values()):
        for sibling in _siblings(mention, tokens, roots, lexicon):
            seen.setdefault((sibling.ref, sibling.tokens), sibling)
    covered = {i for m in seen.values() for i in m.tokens}
    for i, token in enumerate(tokens):
        if i not in covered and token.low not in known:
            for mention in _derived(i, token, lexicon):
                seen[(mention.ref, mention.tokens)] = mention
    for mention in _short(list(seen.values()), tokens, roots, lexicon):
        seen.setdefault((mention.ref, mention.tokens), mention)
    for mention in _objects(list(seen.values()), tokens, roots, lexicon):
        seen.setdefault((mention.ref, mention.tokens), mention)
    for i, token in enumerate(tokens):
        for mention in _codes(i, token, tokens, lexicon):
            seen[(mention.ref, mention.tokens)] = mention
    whole = _whole(seen.values())
    return tuple(sorted(whole, key=lambda m: (m.start, -m.weight))), spellings


def _whole(found: Iterable[Mention]) -> Iterator[Mention]:
    """A value that is said word for word, not one word of it beside something else."""
    kept = list(found)
    exact = [m for m in kept if m.exact and m.ref.kind == "choice" and m.end - m.start > 1]
    for m in kept:
        if not any(m.ref == n.ref and m.tokens < n.tokens for n in exact):
            yield m


def _siblings(
    m: Mention, tokens: Sequence[Token], roots: list[str | None], lexicon: Lexicon
) -> Iterator[Mention]:
    """``the form is filled in and signed``: `signed` speaks of the form as well."""
    attribute = lexicon.ontology.attributes.get(m.ref.path)
    if attribute is None or attribute.type != "boolean" or len(m.tokens) < 2:
        return
    own, joined = lexicon.vocab[m.ref], False
    for k in range(m.end, min(m.end + 7, len(tokens))):
        low, said = tokens[k].low, roots[k]
        joined = joined or low in ("and", "or", "nor")
        if said is None or said == NOT or said in own or low in GAP or low == ",":
            if low in BARRIERS:
                return
            continue
        head = {roots[i] for i in m.tokens}
        for name in lexicon.by_root.get(said, ()) if joined else ():
            other = lexicon.ontology.attributes.get(name.ref.path)
            rest = name.required - {said}
            if (
                name.ref.kind == "attribute"
                and name.ref != m.ref
                and other is not None
                and other.type == "boolean"
                and other.entity == attribute.entity
                and rest
                and rest <= head
            ):
                yield Mention(frozenset([k]), k, k + 1, name.ref, 1.2, False, False)
        return


_NAMED_BY = {"value": ("attribute",), "choice": ("decision", "topic")}


def _short(
    found: Sequence[Mention], tokens: Sequence[Token], roots: list[str | None], lexicon: Lexicon
) -> Iterator[Mention]:
    """``the contrast to use is IV``: a value's own word, right beside what it is a value of."""
    for i, said in enumerate(roots):
        for name in lexicon.short.get(said or "", ()):
            kinds = _NAMED_BY[name.ref.kind]
            if any(
                m.ref.path == name.ref.path
                and m.ref.kind in kinds
                and i not in m.tokens
                and all(t.stem == "be" or t.low in (":", "=") for t in tokens[m.end : i])
                and 0 < i - m.end <= 2
                for m in found
            ):
                yield Mention(frozenset([i]), i, i + 1, name.ref, 1.2, False, False)


def _objects(
    found: Sequence[Mention], tokens: Sequence[Token], roots: list[str | None], lexicon: Lexicon
) -> Iterator[Mention]:
    """``ask about pregnancy``: the noun of a value right after the decision it is a value of."""
    for m in found:
        i = m.end
        while i < len(tokens) and tokens[i].low in DETERMINERS | {"about", "for", "their"}:
            i += 1
        said = roots[i] if m.ref.kind == "decision" and i < len(tokens) else None
        for name in lexicon.by_root.get(said or "", ()):
            own = name.ref.kind == "choice" and name.ref.path == m.ref.path
            if own and len(name.required) == 1 and not name.whole:
                yield Mention(frozenset([i]), i, i + 1, name.ref, 1.2, False, False)


def _roots(
    tokens: Sequence[Token], lexicon: Lexicon, known: frozenset[str]
) -> tuple[list[str | None], tuple[Spelling, ...]]:
    roots: list[str | None] = []
    spellings: list[Spelling] = []
    for i, token in enumerate(tokens):
        r = content_root(token)
        if (
            r
            and r not in lexicon.known_roots
            and token.low not in known
            and token.stem not in known
        ):
            word = _misspelt(token.low, lexicon)
            if word:
                spellings.append(Spelling(i, word))
                r = lexicon.spelled[word]
        roots.append(r)
    return roots, tuple(spellings)


def _misspelt(word: str, lexicon: Lexicon) -> str | None:
    """The only known word one slip away (two in long words), or ``None``."""
    if len(word) < 5 or not word.isalpha():
        return None
    limit = 1 if len(word) < 9 else 2
    near = [
        (distance, known)
        for known in lexicon.spelled
        if known[0] == word[0] and abs(len(known) - len(word)) <= limit and len(known) >= 5
        and (distance := OSA.distance(word, known, score_cutoff=limit)) <= limit
        and _slip(word, known)
    ]  # fmt: skip
    if not near:
        return None
    best = min(d for d, _ in near)
    found = {root(known) for d, known in near if d == best}
    return next(k for d, k in near if d == best) if len(found) == 1 else None


_ADJECTIVES = ("ical", "inal", "ial", "al", "ic", "ary", "ar", "ous", "ish", "ian")


def _adjective(word: str, lexicon: Lexicon) -> str | None:
    """The only known noun that an adjective is made of: `abdominal` of `abdomen`."""
    if len(word) < 6 or not word.isalpha():
        return None
    bases = [word[: -len(e)] for e in _ADJECTIVES if word.endswith(e)]
    near = {
        known
        for base in bases
        for known in lexicon.spelled
        if len(known) >= 5
        and known != word
        and (same := _alike(base, known)) >= max(4, len(base) - 2)
        and len(known) - same <= 2
    }
    return min(near) if len({lexicon.spelled[k] for k in near}) == 1 else None


def _alike(a: str, b: str) -> int:
    """How many letters two words have in common from the first on."""
    same = (n for n, (x, y) in enumerate(zip(a, b, strict=False)) if x != y)
    return next(same, min(len(a), len(b)))


def _derived(i: int, token: Token, lexicon: Lexicon) -> Iterator[Mention]:
    """The terms whose name is the noun that an adjective is made of."""
    noun = _adjective(token.low, lexicon)
    for name in lexicon.by_root.get(lexicon.spelled[noun], ()) if noun else ():
        if len(name.required) == 1 and name.ref.kind in ("value", "choice"):
            yield Mention(frozenset([i]), i, i + 1, name.ref, 0.8, False, False)


def _slip(word: str, known: str) -> bool:
    """A letter too many or too few, two swapped, or a wrong vowel: not another word."""
    if len(word) != len(known) or sorted(word) == sorted(known):
        return len(word) > 5 or sorted(word) == sorted(known)
    wrong = [(a, b) for a, b in zip(word, known, strict=True) if a != b]
    return all(a in "aeiouy" and b in "aeiouy" for a, b in wrong) and len(word) > 5


def near_words(word: str, lexicon: Lexicon, limit: int = 3) -> tuple[str, ...]:
    """The nearest names for a word without a place, best first."""
    scored: list[tuple[float, str]] = []
    for name in lexicon.names:
        closest = min(
            (OSA.normalized_distance(word, w) for w in name.text.lower().split()), default=1.0
        )
        if closest < 0.45 and name.label:
            scored.append((closest, name.text))
    return tuple(dict.fromkeys(text for _, text in sorted(scored)))[:limit]


def _candidates(where: dict[str, list[int]], lexicon: Lexicon) -> Iterator[Name]:
    seen: set[int] = set()
    for r in where:
        for name in lexicon.by_root.get(r, ()):
            if id(name) not in seen and _said(name, where):
                seen.add(id(name))
                yield name


def _said(name: Name, where: dict[str, list[int]]) -> bool:
    """All its words are there; of a long name one may be missing."""
    missing = name.required - where.keys()
    return not missing or (
        len(missing) == 1 and len(name.required) >= LONG_NAME and NOT not in name.required
    )


LONG_NAME = 5
"""Words a name must have for one of them to be left out."""


def _windows(
    name: Name, where: dict[str, list[int]], unique: frozenset[str]
) -> Iterator[frozenset[int]]:
    """For each place of one required word, the nearest places of the others.

    A word that only this term has may stand alone where the rest was said elsewhere.
    """
    limit = len(name.words) + 6
    required = name.required & where.keys()
    for pivot in required:
        for i in where[pivot]:
            for side in (1, -1):
                near = frozenset([i]) | {
                    min(where[r], key=lambda j: (abs(j - i), side * (i - j)))
                    for r in required
                    if r != pivot
                }
                if max(near) - min(near) <= limit:
                    yield near
                elif len(required) >= LONG_NAME and NOT not in required:
                    far = max(near, key=lambda j: abs(j - i))
                    rest = near - {far}
                    if max(rest) - min(rest) <= limit:
                        yield rest
                if pivot in unique - EMPTY_NAMES and NOT not in name.required and len(near) > 1:
                    close = frozenset(j for j in near if abs(j - i) <= 8)
                    yield close if close != near else frozenset([i])


def _mention(
    name: Name, used: frozenset[int], tokens: Sequence[Token], roots: list[str | None],
    lexicon: Lexicon, corrected: set[int], amounts: frozenset[int],
) -> Mention | None:  # fmt: skip
    if any(_other_word(tokens[i].low, name.lows) for i in used):
        return None
    start, end = min(used), max(used) + 1
    vocab = lexicon.vocab[name.ref]
    exact = _exact(name, tokens, used)
    if exact is not None:
        full = exact | _described(exact, name, tokens, roots, lexicon)
        start, end = min(full), max(full) + 1
        small = 0.25 * sum(1 for i in full if not roots[i] and tokens[i].is_word)
        weight = _weight(full, roots, 0.8) + small + 0.1 * name.label
        denies = NOT in name.required
        low = tokens[start].low
        written = len(name.lows) == 1 and bool({low, low.removesuffix("s")} & name.lows)
        return Mention(
            full, start, end, name.ref, weight, True, name.label, denies, written=written
        )
    if name.whole:
        return None
    gaps = 0
    taken, said = set(used), {roots[i] for i in used}
    for i in range(start, end):
        if i in used:
            continue
        if tokens[i].low in BARRIERS and not (tokens[i].low == "if" and tokens[i - 1].low == "as"):
            return None
        own = roots[i] in vocab or _abbreviates(tokens[i].low, vocab)
        if roots[i] and roots[i] != NOT and own:
            if roots[i] in said:
                return None
            taken.add(i)
        elif tokens[i].low == "being":
            continue
        elif tokens[i].low in ("-", "/"):
            gaps += 1
        elif tokens[i].low in (",", "and", "or"):
            gaps += 6
        elif (
            tokens[i].low in lexicon.entity_words
            or tokens[i].low == "if"
            or (
                tokens[i].low in GAP
                or tokens[i].stem in _GAP_STEMS
                or i in amounts
                or _requires(tokens[i])
            )
        ):
            gaps += 1
        elif roots[i] != NOT:
            return None
    if not _negation_stands(name, taken, tokens, roots):
        return None
    apart = any(tokens[i].low == "or" for i in range(start, end))
    if apart and not _in_order(name, sorted(used), roots):
        return None
    if len(used) > 1:
        start, end = _widened(start, end, roots, lexicon.pairs[name.ref])
        taken |= {i for i in range(start, end) if i < min(used) or i > max(used)}
    inexact = [i for i in used if tokens[i].stem not in name.stems and tokens[i].low not in NEAR]
    if any(
        tokens[i].low in GAP or tokens[i].low.removesuffix("s") in lexicon.entity_words | PERSONS
        for i in inexact
    ):
        return None
    loose = sum(_PENALTY["root"] for _ in inexact) + 0.15 * len(
        name.required - {roots[i] for i in used}
    )
    loose += gaps * _PENALTY["gap"] + (
        0 if _in_order(name, sorted(used), roots) else _PENALTY["order"]
    )
    loose += _PENALTY["typo"] * len(corrected & taken)
    weight = _weight(frozenset(taken), roots) - loose
    single = len(name.required) == 1
    if single and inexact and name.ref.kind == "choice":
        return None
    if single and loose >= 0.2 and len(next(iter(name.required))) < 4:
        return None
    if gaps > 14 or weight <= 0:
        return None
    weight += 0.1 * name.label
    denies = NOT in name.required
    return Mention(frozenset(taken), start, end, name.ref, weight, False, name.label, denies)


def _described(
    used: frozenset[int], name: Name, tokens: Sequence[Token], roots: list[str | None],
    lexicon: Lexicon,
) -> frozenset[int]:  # fmt: skip
    """``converted screenings`` of `screening converted`: the noun right after its participle."""
    end = max(used) + 1
    after = roots[end] if end < len(tokens) else None
    participle = name.ref.kind == "attribute" and tokens[end - 1].low.endswith("ed")
    if after is None or not participle or after in {roots[i] for i in used}:
        return frozenset()
    turned = (after, roots[end - 1] or "") in lexicon.pairs[name.ref]
    return frozenset([end]) if turned else frozenset()


def _widened(
    start: int, end: int, roots: list[str | None], pairs: set[tuple[str, str]]
) -> tuple[int, int]:
    """``MRI safety form``: words right beside that stand so in a name of the same term."""
    while start and (roots[start - 1] or "", roots[start] or "") in pairs:
        start -= 1
    while end < len(roots) and (roots[end - 1] or "", roots[end] or "") in pairs:
        end += 1
    return start, end


def _other_word(low: str, lows: frozenset[str]) -> bool:
    """``stat`` is not `state`: words that differ in a last e alone are two words."""
    return low not in lows and (low + "e" in lows or (low.endswith("e") and low[:-1] in lows))


def _abbreviates(word: str, vocab: set[str]) -> bool:
    """``mammo`` for `mammogram`: the beginning of a word of the same name."""
    return len(word) >= 4 and any(v.startswith(word) for v in vocab)


def _requires(token: Token) -> bool:
    return token.root in REQUIRE


def _exact(name: Name, tokens: Sequence[Token], used: frozenset[int]) -> frozenset[int] | None:
    """Places of the whole name, word for word (inflected), also in ``may not be lent``."""
    n = len(name.words)
    for start in range(max(0, min(used) - n - 1), min(used) + 1):
        found: list[int] = []
        for i in range(start, min(start + n + 2, len(tokens))):
            k = len(found)
            if _says(tokens[i], name.words[k], name.stems[k]):
                found.append(i)
                if len(found) == n:
                    break
            elif not found or tokens[i].low not in _BETWEEN or NOT in name.required:
                break
        if len(found) == n and used <= set(found):
            return frozenset(found)
    return None


_BETWEEN = frozenset(["do", "does", "did", "not", "n't", "never", "always", "also", "only"])
"""Words that may stand inside a name that holds a verb: ``we never carry``."""


def _says(token: Token, word: str, stemmed: str) -> bool:
    return form(token) == word if word == NOT else token.stem == stemmed


def _negation_stands(
    name: Name, taken: set[int], tokens: Sequence[Token], roots: list[str | None]
) -> bool:
    """A negation that belongs to a name stands right before the rest of it."""
    if NOT not in name.required:
        return True
    at = [i for i in taken if roots[i] == NOT]
    rest = [i for i in taken if roots[i] != NOT]
    if len(at) != 1 or not rest or at[0] > min(rest):
        return False
    between = tokens[at[0] + 1 : min(rest)]
    small = ("on", "in", "to")
    return all(t.low in DETERMINERS or t.stem == "be" or t.low in small for t in between)


def _in_order(name: Name, used: list[int], roots: list[str | None]) -> bool:
    said = [roots[i] for i in used]
    return said == [w for w in name.words if w in name.required]


def _weight(taken: frozenset[int], roots: list[str | None], denial: float = 0.4) -> float:
    return float(sum(denial if roots[i] == NOT else 1 for i in taken if roots[i])) or 0.5


def _codes(i: int, token: Token, tokens: Sequence[Token], lexicon: Lexicon) -> Iterator[Mention]:
    code = lexicon.codes.get(token.low)
    coded = [d for d in lexicon.ontology.decisions.values() if d.type == "code"]
    if code:
        end, text = _with_modifiers(i, tokens, code, lexicon)
        yield Mention(
            frozenset(range(i, end)),
            i,
            end,
            Ref("code", "", text),
            0.7 + 0.8 * (end - i),
            True,
            True,
        )
    elif any(c.isdigit() for c in token.low):
        text = token.text.upper()
        if any(resolve(d, text, s) for d in coded for s in lexicon.code_sets.values()):
            yield Mention(frozenset([i]), i, i + 1, Ref("code", "", text), 1.5, True, True)
    for decision in coded:
        if token.text in decision.modifiers:
            yield Mention(
                frozenset([i]),
                i,
                i + 1,
                Ref("modifier", decision.name, token.text),
                1.3,
                True,
                True,
            )


def _with_modifiers(
    i: int, tokens: Sequence[Token], code: str, lexicon: Lexicon
) -> tuple[int, str]:
    """``MM123 WA`` and ``MM123-WA`` are one code."""
    end, text = i + 1, code
    known = {m for d in lexicon.ontology.decisions.values() for m in d.modifiers}
    while end < len(tokens):
        k = end + 1 if tokens[end].low == "-" and end + 1 < len(tokens) else end
        if tokens[k].text not in known:
            break
        text, end = text + tokens[k].text, k + 1
    return end, text
