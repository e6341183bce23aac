"""The pack that the guide for newcomers shows is a whole pack, and does what the guide says."""

from __future__ import annotations

import re
from pathlib import Path

from app.answers import answer
from data.packs import load_pack
from data.rulelang.check import check
from data.rulelang.version import make_version

GUIDE = Path(__file__).parents[3] / "data" / "packs" / "YOUR_OWN.md"


def test_the_guides_pack_loads_checks_and_decides(tmp_path: Path) -> None:
    shown = re.findall(
        r"^`([\w/.]+)`.*?```\w*\n(.*?)```", GUIDE.read_text(), re.DOTALL | re.MULTILINE
    )
    for name, text in shown:
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    assert len(shown) == 4
    pack = load_pack(tmp_path)
    version = make_version(pack.ontology, pack.code_sets, pack.scope_rows, pack.rule_set)
    assert [f for f in check(version) if f.severity != "note"] == []
    for scenario in pack.scenarios:
        outcomes = answer(version, scenario.given)["outcomes"]
        assert {d: outcomes[d]["value"] for d in scenario.expect} == scenario.expect
