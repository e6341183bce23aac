"""The printed grammar is the one the parser runs, with the organisation's own words in it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from lark import Lark
from lark.lexer import Lexer

from data.packs import load_pack
from data.rulelang import parse as parsing
from data.rulelang.grammar import declared, grammar_text, rules_text
from data.rulelang.parse import parse
from data.rulelang.samples import samples


class NoLexer(Lexer):
    def __init__(self, lexer_conf: Any) -> None: ...

    def lex(self, lexer_state: Any, parser_state: Any) -> Any:
        return iter(())


def test_every_terminal_of_the_rules_is_defined_by_the_organisation() -> None:
    pack = load_pack("radiology", rules=False)
    text = grammar_text(pack.ontology, pack.code_sets)
    assert text.startswith(rules_text())
    defined = {line.partition(":")[0] for line in text.splitlines() if line[:1].isupper()}
    assert set(declared()) <= defined
    loaded = Lark(text, parser="lalr", lexer=NoLexer)
    assert {t.name for t in loaded.terminals} >= set(declared())


def test_every_sample_of_an_organisations_language_can_be_read() -> None:
    ontology = load_pack("radiology", rules=False).ontology
    texts = samples(ontology)
    defines = [t for t in texts if t.startswith("define")]
    gaps = [f'accept gap "{t}" {t} because "so"' for t in texts if t not in defines]
    parsed = parse("\n".join([*defines, *gaps]), ontology, {})
    assert parsed.findings == ()
    assert len(parsed.rule_set.gaps) == len(gaps) > 5


def _read_with(tables: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every sample is read by a parser that keeps its tables there."""
    monkeypatch.setattr(parsing, "_TABLES", tables)
    parsing._parser.cache_clear()
    try:
        test_every_sample_of_an_organisations_language_can_be_read()
    finally:
        parsing._parser.cache_clear()


def test_tables_kept_from_an_earlier_run_read_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = tmp_path / "tables"
    _read_with(kept, monkeypatch)
    written = kept.stat().st_mtime_ns
    _read_with(kept, monkeypatch)
    assert kept.stat().st_mtime_ns == written


@pytest.mark.parametrize("damaged", [b"", b"nothing of ours", None])
def test_tables_that_cannot_be_used_are_made_anew(
    damaged: bytes | None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept = tmp_path / "tables"
    _read_with(kept, monkeypatch)
    kept.write_bytes(kept.read_bytes()[:5000] if damaged is None else damaged)
    _read_with(kept, monkeypatch)


def test_where_no_tables_can_be_kept_text_is_read_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _read_with(tmp_path / "no folder" / "tables", monkeypatch)
