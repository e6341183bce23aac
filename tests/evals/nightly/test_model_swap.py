"""A model that is swapped for a worse one is found behind the noise of models."""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from data.packs.load import Pack
from data.rulelang.ast import RuleSet
from evals.nightly.night import Found
from evals.nightly.sets import RegressionSet, read_sets
from evals.nightly.summary import summary_of
from graph.context import Services
from graph.drafters.model import ModelDrafter, ModelSettings
from tests.evals.nightly.conftest import Bed
from tests.graph.model_server import Answer, Model, readings, serving

SWAPPED = 0.8
SLIPS = 0.05
IDLE = Answer('{"question": "Are you sure?", "options": ["yes", "no"]}')


def readable(own: RegressionSet) -> RegressionSet:
    """Sentences whose rule a model may hand back, over an organisation without rules."""
    pack = own.pack
    said = [i for i in own.items if i.id.startswith("example") and i.rules]
    bare = replace(pack, rule_set=RuleSet(), folder=Path("/nowhere"), scenarios=())
    return replace(own, pack=bare, items=tuple(said[:24]), scenarios={})


def answering(own: RegressionSet, slips: float, seed: int) -> Callable[[str], Answer]:
    """The rule that is meant; now and then, as it falls, a question that nobody needs."""
    draw = random.Random(seed)
    slipping = {i.id: draw.random() < slips for i in own.items}

    def answer(prompt: str) -> Answer:
        item = next(i for i in own.items if i.sentence in prompt)
        return IDLE if slipping[item.id] else readings(str(item.rules))

    return answer


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> RegressionSet:
    return readable(read_sets(["radiology"], tmp_path_factory.mktemp("grown"))[0])


def test_a_swapped_model_is_found_and_its_noise_is_not(tmp_path: Path, own: RegressionSet) -> None:
    bed = Bed(tmp_path, (own,))

    with serving() as model:

        def night(name: str, who: str, slips: float, seed: int) -> Found:
            model.will(answering(own, slips, seed))

            def by_model(services: Services, pack: Pack) -> Services:
                return replace(services, drafters=(_drafter(model, who),))

            place = bed.work(name).place
            made_with = {**place.made_with, "model": who}
            return bed.run(
                name, by_model, chance=True, place=replace(place, made_with=made_with, workers=2)
            )

        first = night("n1", "one", SLIPS, 1)
        bed.nights.accept("n1")
        quiet = night("n2", "one", SLIPS, 2)
        found = night("n3", "two", SWAPPED, 3)
    right = [v.value for v in first.run.values if v.measure == "execution accuracy"]
    assert sum(filter(None, right)) / len(right) > 0.5, "else there is nothing to lose"
    assert not quiet.alarm
    assert found.comparison is not None
    (cause,) = found.comparison.causes
    assert cause.step == "draft" and cause.worst.measure == "execution accuracy"
    assert found.comparison.changed["model"] == ("one", "two")
    assert "Changed since: model: one → two" in summary_of(found, "")["sentences"]


def _drafter(model: Model, name: str) -> ModelDrafter:
    return ModelDrafter(ModelSettings(model.base_url, name, "key", timeout=20.0))
