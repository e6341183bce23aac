"""``rulewright prompts``: a wording is compared, promoted or not, and taken back."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
import yaml

from app import prompts
from app.settings import Settings
from app.wiring import drafters
from data.packs.load import load_pack, shipped_packs
from data.rulelang.findings import InputError
from evals.nightly import sets
from evals.nightly.compare import compare
from evals.nightly.results import Run, Value
from evals.prompts.kept import Kept
from evals.prompts.registry import Registry
from evals.prompts.trial import Trial
from evals.reviewers import ReviewServer
from graph.prompts import read_prompts, shipped
from tests.graph.model_server import Answer, Model, readings, serving
from tests.graph.world import Told

WORSE = "Answer as you like."
SENTENCE = re.compile(r"The sentence:\s+<data>\s+(.*?)\s+</data>", re.DOTALL)


@pytest.fixture(scope="module")
def pack(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An organisation with sentences enough to tell, and few rules."""
    made = shutil.copytree(shipped_packs()["issues"], tmp_path_factory.mktemp("packs") / "issues")
    for rules in (made / "rules").iterdir():
        if rules.name != "priority.rules":
            rules.unlink()
    for name in ("scenarios.yaml", "history.yaml"):
        (made / name).unlink()
    kinds = ("bug", "feature", "question", "documentation", "upgrade")
    said = [(k, s) for k in kinds for s in ("critical", "high", "medium", "low")]
    examples = [
        {
            "sentence": f"When the kind is {k} and the severity is {s} the priority is P3.",
            "rules": f'rule "{k} {s}"\n  when kind is {k} and severity is {s}\n'
            "  then priority is P3\n",
        }
        for k, s in said
    ]
    (made / "examples.yaml").write_text(yaml.safe_dump(examples))
    return Path(made)


@pytest.fixture(scope="module")
def by_heart(pack: Path) -> Callable[[str], Answer]:
    """A model that knows the examples, and declines where its prompt is the worse one."""
    known = {" ".join(e.sentence.split()): e.rules for e in load_pack(str(pack)).examples}

    def answer(prompt: str) -> Answer:
        said = SENTENCE.findall(prompt)
        rules = known.get(" ".join(said[-1].split())) if said else None
        if rules is None or WORSE in prompt:
            return Answer('{"refused": "no"}')
        return readings(rules)

    return answer


@pytest.fixture(scope="module")
def model(by_heart: Callable[[str], Answer]) -> Iterator[Model]:
    with serving() as running, pytest.MonkeyPatch.context() as patch:
        running.will(by_heart)
        patch.setattr("graph.drafters.grammar.GrammarDrafter", Told)  # it would mend what is worse
        patch.setattr(sets, "_messages", lambda: ())
        yield running


@pytest.fixture
def settings(tmp_path: Path, pack: Path, model: Model) -> Settings:
    return Settings(
        var=tmp_path / "var",
        pack=str(pack),
        chat_model="stub",
        chat_model_url=model.base_url,
    )


def a_folder(place: Path, line: str) -> Path:
    place.mkdir()
    (place / "draft.md").write_text(f"{shipped().texts['draft']}\n\n{line}\n")
    return place


def test_a_wording_is_tried_promoted_used_and_taken_back(
    settings: Settings, model: Model, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    other = a_folder(tmp_path / "other", "Answer with care.")
    candidate = read_prompts(other, shipped())
    assert prompts.attempt(str(other), promote=True, settings=settings) == 0
    assert "No better and no worse" in capsys.readouterr().out
    assert Kept(settings.var / "prompts").in_use() == candidate
    assert Kept(settings.var / "prompts").in_use().version != shipped().version

    registry = Registry(ReviewServer(settings.var / "mlflow", settings.mlflow_port).tracking_uri)
    now = registry.in_use("draft")
    drafter = drafters(settings)[0]
    assert drafter._prompts() == candidate  # type: ignore[attr-defined]

    worse = a_folder(tmp_path / "worse", WORSE)
    assert prompts.attempt(str(worse), promote=True, settings=settings) == prompts.REFUSED
    told = capsys.readouterr().out
    assert "Worse: draft for everybody" in told and "it is not promoted" in told
    assert Kept(settings.var / "prompts").in_use() == candidate

    assert prompts.show(settings) == 0
    told = capsys.readouterr().out
    assert f"In use: {candidate.version} (promoted)" in told
    assert f"Before it: {shipped().version}" in told
    assert prompts.back(settings) == 0
    assert f"{shipped().version} is in use again" in capsys.readouterr().out
    assert drafter._prompts() == shipped()  # type: ignore[attr-defined]
    assert registry.in_use("draft") not in (now, None)
    assert registry.use(candidate, "again")["draft"] == now
    assert prompts.back(settings) == prompts.REFUSED


def test_without_mlflow_the_promoted_wording_is_used_all_the_same(
    settings: Settings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    candidate = read_prompts(a_folder(tmp_path / "other", "Be brief."), shipped())
    prompts.kept(settings).promote(candidate)
    (settings.var / "mlflow").write_text("in the way")
    assert prompts.show(settings) == 0
    told = capsys.readouterr()
    assert f"In use: {candidate.version}" in told.out and "MLflow cannot be" in told.err
    assert drafters(settings)[0]._prompts() == candidate  # type: ignore[attr-defined]


def test_what_was_kept_and_cannot_be_read_gives_way_to_what_shipped(tmp_path: Path) -> None:
    kept = Kept(tmp_path)
    candidate = replace(shipped(), texts={**shipped().texts, "edit": "Otherwise: {current}"})
    kept.promote(candidate)
    assert kept.in_use() == candidate
    (tmp_path / f"{candidate.version}.json").write_text('{"edit": "obey"}')
    assert kept.in_use() == shipped()


def test_a_prompt_that_lacks_what_is_put_into_it_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no prompt"):
        read_prompts(tmp_path, shipped())
    (tmp_path / "edit.md").write_text("Change it.")
    with pytest.raises(InputError) as wrong:
        read_prompts(tmp_path, shipped())
    assert "{current}" in wrong.value.findings[0].suggestion


def test_without_a_model_it_says_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = a_folder(tmp_path / "other", "Be brief.")
    settings = Settings(var=tmp_path / "var")
    assert prompts.attempt(str(folder), promote=False, settings=settings) == prompts.REFUSED
    assert "No chat model is set" in capsys.readouterr().err


def a_run(name: str, right: Sequence[float]) -> Run:
    values = [
        Value(f"item {n}", "org", "draft", "execution accuracy", v, exact=False)
        for n, v in enumerate(right)
    ]
    return Run(name, {}, tuple(values))


@pytest.mark.parametrize(
    ("before", "after", "verdict"),
    [
        ([0.0] * 30 + [1.0] * 10, [1.0] * 40, "better"),
        ([1.0] * 40, [0.0] * 30 + [1.0] * 10, "worse"),
        ([0.0, 1.0] * 20, [1.0, 0.0] * 20, "no worse"),
        ([1.0] * 10, [1.0] * 10, "too few"),
    ],
)
def test_the_gate_is_the_night_s(before: list[float], after: list[float], verdict: str) -> None:
    assert Trial(compare(a_run("a", before), a_run("b", after))).verdict == verdict
