"""Words read for others: ``uninsured`` for `not insured`, ``a gray one`` for `a gray tube`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from graph.drafters.grammar.account import KNOWN
from graph.drafters.grammar.amounts import unit_of
from graph.drafters.grammar.english import DETERMINERS
from graph.drafters.grammar.lexicon import EMPTY_NAMES, Lexicon
from graph.drafters.grammar.words import PREFIXES, Token, root, stem


def unprefixed(tokens: Sequence[Token], lexicon: Lexicon) -> tuple[Token, ...]:
    """``uninsured`` is `not insured` where only the latter is known."""
    out: list[Token] = []
    for t in tokens:
        prefix = next((p for p in PREFIXES if t.low.startswith(p)), "")
        rest = t.low[len(prefix) :]
        known = t.root in lexicon.known_roots or t.low in KNOWN
        if prefix and len(rest) >= 5 and not known and root(rest) in lexicon.by_root:
            cut = t.start + len(prefix)
            text = t.text[len(prefix) :]
            out.append(Token(t.start, cut, t.text[: len(prefix)], "not", "not", "not", t.glued))
            out.append(Token(cut, t.end, text, rest, stem(rest), root(rest), True))
        else:
            out.append(t)
    return tuple(out)


def recast(tokens: Sequence[Token], lexicon: Lexicon) -> tuple[Token, ...]:
    """``breast-feeding`` for `breastfeeding`; ``… before`` at the end of a clause for `prior`;
    ``is other than`` for `is not`; ``children under 12`` for people of that age.
    """
    out: list[Token] = []
    for i, t in enumerate(tokens):
        hyphened = len(out) > 1 and out[-1].low == "-" and out[-1].glued and t.glued
        joined = out[-2].low + t.low if hyphened else ""
        if joined and root(joined) in lexicon.by_root and not _parts_known(out[-2], t, lexicon):
            first = out[-2]
            text = first.text + out[-1].text + t.text
            out[-2:] = [
                Token(first.start, t.end, text, joined, stem(joined), root(joined), first.glued)
            ]
        elif _denies(out, t):
            first = out[-1]
            text = f"{first.text} {t.text}"
            out[-1] = Token(first.start, t.end, text, "not", "not", "not", first.glued)
        elif t.low in CHILDREN and _of_an_age(tokens, i) and t.root not in lexicon.known_roots:
            out.append(replace(t, low="people", stem=stem("people"), root=root("people")))
        elif _grown(out) and t.low in YOUNG[out[-2].low]:
            first = out[-2]
            text = f"{first.text} {out[-1].text} {t.text}"
            out[-2:] = [replace(first, end=t.end, text=text)]
        elif t.low == "before" and i and not (_goes_on(tokens, i + 1) or unit_of(tokens[i - 1])):
            out.append(replace(t, low="earlier", stem=stem("earlier"), root=root("earlier")))
        elif t.stem == "turn" and i + 1 < len(tokens) and tokens[i + 1].low == "down":
            out.append(replace(t, low="refused", stem=stem("refused"), root=root("refused")))
        elif t.low in ("one", "ones") and (noun := _noun_meant(tokens, i, lexicon)):
            out.append(replace(t, low=noun.low, stem=noun.stem, root=noun.root))
        elif t.low in ("one", "it", "them") and not _goes_on(tokens, i + 1):
            meant = _meant(tokens, i, lexicon)
            out.append(replace(t, low=meant.low, stem=meant.stem, root=meant.root) if meant else t)
        else:
            out.append(t)
    return tuple(out)


YOUNG = {
    "woman": ("girl",), "women": ("girls",), "man": ("boy",), "men": ("boys",),
}  # fmt: skip
"""``a woman or girl``: of whatever age."""


def _denies(said: Sequence[Token], token: Token) -> bool:
    """``is other than A``, ``is anything but A``: it is not A."""
    pair = len(said) > 1 and (said[-1].low, token.low)
    return pair in (("other", "than"), ("anything", "but")) and said[-2].stem == "be"


CHILDREN = frozenset(["children", "child", "kids", "kid", "adults", "adult"])
_AGED = frozenset(["under", "over", "below", "above", "aged", "between", "younger", "older", "from",
                   "up", "who", "of", "at", "age", "ages"])  # fmt: skip


def _of_an_age(tokens: Sequence[Token], i: int) -> bool:
    """A number of years follows, which says who is meant without the word."""
    following = tokens[i + 1 : i + 6]
    number = next((k for k, t in enumerate(following) if t.low.isdigit()), None)
    return number is not None and all(
        t.low in _AGED | {"than", "to", "and", "are", "is", "the", "age"}
        for t in following[:number]
    )


def _grown(said: Sequence[Token]) -> bool:
    return len(said) > 1 and said[-1].low in ("or", "and") and said[-2].low in YOUNG


def _meant(tokens: Sequence[Token], i: int, lexicon: Lexicon) -> Token | None:
    """``asks for one``: the noun said before with which these words are a name."""
    verb = next(
        (t for t in reversed(tokens[max(0, i - 2) : i]) if t.low not in ("for", "to", "of")), None
    )
    described = i > 1 and tokens[i - 2].low in ("a", "an", "the")
    if verb is None or described or verb.root in EMPTY_NAMES:
        return None
    begin = next((k for k in range(i, 0, -1) if tokens[k - 1].low in (".", "?", "!", ";")), 0)
    before = {t.root: t for t in tokens[begin : i - 1] if t.is_word}
    pairs = {
        other
        for name in lexicon.by_root.get(verb.root, ())
        if len(name.required) == 2
        for other in name.required - {verb.root}
        if other in before
    }
    return before[next(iter(pairs))] if len(pairs) == 1 else None


_LISTING = frozenset([",", ";", "and", "or", "but"])


def _noun_meant(tokens: Sequence[Token], i: int, lexicon: Lexicon) -> Token | None:
    """``a lavender tube for A, a gray one for B``: the noun said before that makes a name with
    the words right before.
    """
    begin = next((k for k in range(i, 0, -1) if tokens[k - 1].low in (".", "?", "!")), 0)
    for at in (i - 2, i - 1):
        if at < 1 or tokens[at - 1].low not in DETERMINERS:
            continue
        said = frozenset(t.root for t in tokens[max(at, begin) : i])
        nouns = {
            r
            for word in said
            for name in lexicon.by_root.get(word, ())
            if name.label and name.required > said and len(name.required - said) == 1
            for r in name.required - said
        }
        before = [k for k in range(begin, at) if tokens[k].is_word and tokens[k].root in nouns]
        if before and _LISTING & {t.low for t in tokens[before[-1] : at]}:
            return tokens[before[-1]]
    return None


def _parts_known(a: Token, b: Token, lexicon: Lexicon) -> bool:
    return a.root in lexicon.known_roots and b.root in lexicon.known_roots


def _goes_on(tokens: Sequence[Token], i: int) -> bool:
    """Whether a phrase goes on at ``i``: neither the end nor a mark nor a joint."""
    return i < len(tokens) and tokens[i].is_word and tokens[i].low not in ("and", "or", "if")
