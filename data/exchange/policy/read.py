"""A policy as a text file, a Word document or a PDF → its sentences, each with its place.

Nothing is read into the text here: a paragraph is cut where a sentence ends, and a sentence that
leans on the one before it (`This does not apply to …`, `Otherwise …`) stays with it.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import PurePath

from data.exchange.problem import refuse
from data.exchange.table.sheets import LARGEST, UNPACKED

MOST_PASSAGES = 300
MOST_PAGES = 100
LONGEST = 1_500
"""Characters of one passage; a longer one is no sentence."""
KINDS = (".txt", ".docx", ".pdf")
"""Names of files that are read here."""
_BULLET = re.compile(r"^\s*(?:[-*•–▪]|\(?\d{1,2}[.)]|\(?[a-z][.)])\s+")
_END = re.compile(r"(?<=[.!?])[\"”’)]*\s+(?=[\"“(]?[A-Z0-9])")
_SHORT = re.compile(
    r"\b(?:e\.g|i\.e|etc|vs|nos?|dr|mrs?|ms|st|approx|incl|a\.m|p\.m|[A-Z])\.$", re.IGNORECASE
)
_LEANS = re.compile(
    r"^(?:this|that|these|those|it|they|them|such|otherwise|however|but|except|unless|exception|"
    r"also|in (?:this|that|these|those|such)|the same|all others?|everyone else|anything else)\b",
    re.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Passage:
    """One sentence, with those that lean on it."""

    text: str
    place: str
    """Where it stands: `page 2`, `paragraph 5`, `line 3`."""


@dataclass(frozen=True, slots=True)
class _Block:
    """A paragraph, its blanks single."""

    text: str
    starts: tuple[tuple[int, str], ...]
    """From which word on it stands where."""

    def place(self, word: int) -> str:
        return next(place for first, place in reversed(self.starts) if first <= word)


def read_policy(name: str, content: bytes) -> tuple[Passage, ...]:
    """The passages of the file, in order. Raises ``InputError`` where it is no text."""
    if len(content) > LARGEST:
        refuse(f"the file is larger than {LARGEST // 1_000_000} MB", "split it")
    if not content.strip():
        refuse("the file is empty", "state rules in it, a sentence each")
    found = tuple(p for block in _blocks(name, content) for p in _passages(block))
    if not found:
        refuse("the file holds no text", "a scanned page is a picture: save the text of it")
    if len(found) > MOST_PASSAGES:
        told = f"the file has {len(found):,} sentences, and {MOST_PASSAGES} are read at a time"
        refuse(told, "send it in parts")
    return found


def _blocks(name: str, content: bytes) -> Iterator[_Block]:
    """Paragraphs, each with its place."""
    if content.startswith(b"%PDF"):
        return _pdf(content)
    if content.startswith(b"PK"):
        return _docx(content)
    if PurePath(name).suffix.lower() in (".pdf", ".docx"):
        refuse(f"`{name}` is damaged", "save it anew, and attach it again")
    return _plain(content)


def _plain(content: bytes) -> Iterator[_Block]:
    try:
        text = content.decode(
            "utf-16" if content[:2] in (b"\xff\xfe", b"\xfe\xff") else "utf-8-sig"
        )
    except UnicodeDecodeError:
        refuse("the file is no text in UTF-8", "save it as text in UTF-8")
    return _paragraphs(text.splitlines(), "line", 1)


def _paragraphs(lines: Sequence[str], what: str, first: int | None) -> Iterator[_Block]:
    """Lines that run on are one paragraph; a blank line or a bullet begins another.

    With ``first`` what stands in a line has its number for a place; without, ``what``.
    """
    words: list[str] = []
    starts: list[tuple[int, str]] = []
    for number, line in enumerate([*lines, ""]):
        begins = not line.strip() or _BULLET.match(line)
        if begins and words:
            yield _Block(" ".join(words), tuple(starts))
            words, starts = [], []
        if line.strip():
            starts.append((len(words), what if first is None else f"{what} {number + first}"))
            words += _BULLET.sub("", line).split()


def _docx(content: bytes) -> Iterator[_Block]:
    import docx
    from docx.opc.exceptions import PackageNotFoundError
    from docx.table import Table

    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            unpacked = sum(part.file_size for part in packed.infolist())
        document = docx.Document(io.BytesIO(content)) if unpacked <= UNPACKED else None
    except (zipfile.BadZipFile, PackageNotFoundError, KeyError, ValueError):
        refuse("this is no Word document", "save it as .docx, or as plain text")
    if document is None:
        refuse("the document unpacks to more than a policy holds", "save it as plain text")
    for number, part in enumerate(document.iter_inner_content(), 1):
        place = f"paragraph {number}"
        if isinstance(part, Table):
            for row in part.rows:
                cells = list(dict.fromkeys(c.text.strip() for c in row.cells if c.text.strip()))
                yield _block(": ".join(cells), f"{place}, a table")
        elif part.text.strip():
            yield _block(_BULLET.sub("", part.text), place)


def _block(text: str, place: str) -> _Block:
    return _Block(" ".join(text.split()), ((0, place),))


def _pdf(content: bytes) -> Iterator[_Block]:
    from pypdf import PdfReader
    from pypdf.errors import PyPdfError

    try:
        reader = PdfReader(io.BytesIO(content))
        locked, count = reader.is_encrypted, 0 if reader.is_encrypted else len(reader.pages)
        pages = [page.extract_text() for page in reader.pages] if 0 < count <= MOST_PAGES else []
    except (PyPdfError, ValueError, KeyError, RecursionError):
        refuse("the PDF is damaged", "save it anew, or as plain text")
    if locked:
        refuse("the PDF has a password", "save it without one")
    if count > MOST_PAGES:
        refuse(f"the PDF has more than {MOST_PAGES} pages", "send it in parts")
    for number, text in enumerate(pages, 1):
        yield from _paragraphs(text.splitlines(), f"page {number}", None)


def statements(text: str) -> tuple[str, ...]:
    """The sentences and lines of a text as it was typed, each with those that lean on it."""
    held: list[str] = []
    for line in text.splitlines():
        for sentence in _sentences(" ".join(_BULLET.sub("", line).split())):
            if held and leans(sentence):
                held[-1] = f"{held[-1]} {sentence}"
            else:
                held.append(sentence)
    return tuple(held)


def leans(sentence: str) -> bool:
    """Whether a sentence begins with words that only the one before it explains."""
    return _LEANS.match(sentence) is not None


def _passages(block: _Block) -> Iterator[Passage]:
    held, word = "", 0
    for sentence in _sentences(block.text):
        if held and not leans(sentence):
            yield Passage(held[:LONGEST], block.place(word))
            word += len(held.split())
            held = ""
        held = f"{held} {sentence}".strip()
    if held:
        yield Passage(held[:LONGEST], block.place(word))


def _sentences(text: str) -> Iterator[str]:
    held = ""
    for part in _END.split(text):
        held = f"{held} {part}".strip()
        if not _SHORT.search(held):
            yield held
            held = ""
    if held:
        yield held
