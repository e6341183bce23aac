"""A policy text is cut into sentences that can be read alone, each with its place."""

from __future__ import annotations

import io
import zipfile

import pytest

from data.exchange.policy.read import LARGEST, MOST_PASSAGES, read_policy
from data.rulelang.findings import InputError
from tests.data.exchange.documents import docx_of, pdf_of


def cut(text: str) -> list[str]:
    return [p.text for p in read_policy("policy.txt", text.encode())]


def test_sentences_are_cut_where_they_end() -> None:
    assert cut("Ask twice. Pay once! Who pays? The payer does.") == [
        "Ask twice.", "Pay once!", "Who pays?", "The payer does.",
    ]  # fmt: skip


@pytest.mark.parametrize(
    "text",
    [
        "Bring a document, e.g. A passport.",
        "Dr. Jones decides at 8 a.m. Eastern time.",
        "The fee is 2.50 dollars.",
        "Rule No. 7 holds at St. Mary.",
    ],
)
def test_a_short_form_ends_no_sentence(text: str) -> None:
    assert cut(text) == [text]


@pytest.mark.parametrize(
    "leaning",
    [
        "This does not apply to staff.",
        "Otherwise the fee is 5 dollars.",
        "Except on Sundays.",
        "They pay nothing.",
        "In such cases ask the desk.",
    ],
)
def test_a_sentence_that_leans_on_the_one_before_stays_with_it(leaning: str) -> None:
    assert cut(f"Members pay 3 dollars. {leaning} Books are free.") == [
        f"Members pay 3 dollars. {leaning}", "Books are free.",
    ]  # fmt: skip


def test_lines_run_on_until_a_blank_line_or_a_bullet() -> None:
    text = "Fees\n\nMembers over 65\npay nothing.\n- Books are free.\n2) Films cost 1 dollar."
    found = read_policy("policy.txt", text.encode())
    assert [(p.text, p.place) for p in found] == [
        ("Fees", "line 1"),
        ("Members over 65 pay nothing.", "line 3"),
        ("Books are free.", "line 5"),
        ("Films cost 1 dollar.", "line 6"),
    ]


def test_sentences_of_one_paragraph_have_each_their_line() -> None:
    text = "Books are free.\nFilms cost\n1 dollar. Maps are free.\nThis holds for members."
    found = read_policy("policy.txt", text.encode())
    assert [(p.text, p.place) for p in found] == [
        ("Books are free.", "line 1"),
        ("Films cost 1 dollar.", "line 2"),
        ("Maps are free. This holds for members.", "line 3"),
    ]


def test_a_pdf_names_its_pages() -> None:
    content = pdf_of(["Members over 65", "pay (almost) nothing."], ["Books are free."])
    assert [(p.text, p.place) for p in read_policy("policy.pdf", content)] == [
        ("Members over 65 pay (almost) nothing.", "page 1"),
        ("Books are free.", "page 2"),
    ]


def test_a_word_document_names_paragraphs_and_tables() -> None:
    content = docx_of(
        "Fees", "Members pay 3 dollars. Books are free.", rows=[["films", "1 dollar"]]
    )
    assert [(p.text, p.place) for p in read_policy("policy.docx", content)] == [
        ("Fees", "paragraph 1"),
        ("Members pay 3 dollars.", "paragraph 2"),
        ("Books are free.", "paragraph 2"),
        ("films: 1 dollar", "paragraph 3, a table"),
    ]


def bomb() -> bytes:
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("word/document.xml", b" " * 70_000_000)
    return held.getvalue()


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("a.txt", b"", "the file is empty"),
        ("a.txt", b"\xff\xfe\xff", "no text"),
        ("a.txt", b"caf\xe9 is free", "no text in UTF-8"),
        ("a.pdf", b"hello", "damaged"),
        ("a.pdf", b"%PDF-1.4 nothing", "damaged"),
        ("a.pdf", pdf_of([]), "holds no text"),
        ("a.docx", b"PK\x03\x04 broken", "no Word document"),
        ("a.docx", bomb(), "unpacks to more"),
        ("a.txt", b"a" * (LARGEST + 1), "larger than 5 MB"),
        ("a.txt", b"Yes. " * (MOST_PASSAGES + 1), "are read at a time"),
    ],
    ids=lambda value: value if isinstance(value, str) else None,
)
def test_what_is_no_text_is_refused_with_what_to_try(name: str, content: bytes, told: str) -> None:
    with pytest.raises(InputError) as refused:
        read_policy(name, content)
    (finding,) = refused.value.findings
    assert told in finding.message
    assert finding.suggestion
