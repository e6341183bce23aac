"""What a model may take in a month: counted in the store, told at 80 %, held to at 100 %."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from data.rulelang.render import render
from data.store import Used, add_model_use, model_use, open_store
from graph.budget import Budget, month_of, used_share
from graph.context import Memory
from graph.drafters.model import ModelDrafter, ModelSettings
from graph.events import Card
from graph.tables import Attached
from tests.graph.model_server import Answer, Model, readings, serving
from tests.graph.small import ONTOLOGY, WHEELCHAIR
from tests.graph.world import SENTENCE, Told, World, card_of, make_world, new_thread

GOOD = readings(render(WHEELCHAIR, ONTOLOGY))
DECEMBER = datetime(2026, 12, 1, tzinfo=UTC)
NOVEMBER = datetime(2026, 11, 30, 23, 59, tzinfo=UTC)
EACH = 2
"""Tokens that the server says one answer took."""
WARNED, SPENT = "of this month's budget for the model is used", "budget for the model is used up"


class Ear:
    """Keeps what the draft step tells the trace."""

    def __init__(self) -> None:
        self.drafts: list[dict[str, object]] = []

    def node(self, name: str, inputs: object, outputs: dict[str, object], millis: float) -> None:
        if name == "draft":
            self.drafts.append(outputs)

    def facts(self, facts: object) -> None: ...

    def failed(self, error: BaseException, reference: str) -> None: ...


@pytest.fixture(scope="module")
def model() -> Iterator[Model]:
    with serving() as running:
        yield running


@pytest.fixture
def world(tmp_path: Path, model: Model) -> World:
    model.asked.clear()
    model.will(GOOD)
    settings = ModelSettings(model.base_url, "stub", "key", timeout=2.0)
    return make_world(tmp_path, drafters=(ModelDrafter(settings), Told()))


def with_budget(world: World, now: datetime = DECEMBER, **budget: float) -> World:
    services = replace(world.services, budget=Budget(**budget), clock=lambda: now)  # type: ignore[arg-type]
    return replace(world, services=services)


async def drafted(world: World, who: object = None) -> tuple[Card, dict[str, object]]:
    """One sentence's card, and what the trace was told of its draft."""
    ear = Ear()
    async with world.assistant() as assistant:
        asked = assistant.turn(who or world.author, new_thread(), SENTENCE, ear)  # type: ignore[arg-type]
        events = [e async for e in asked]
    return card_of(events), ear.drafts[-1]


def notices(card: Card) -> str:
    return json.dumps(card.payload["notices"])


async def test_the_turn_that_goes_past_80_percent_says_so_once(world: World) -> None:
    world = with_budget(world, tokens=5 * EACH)
    told = [notices((await drafted(world))[0]) for _ in range(5)]
    assert [WARNED in t for t in told] == [False, False, False, True, False]
    assert "80 %" in told[3]


async def test_who_manages_the_organisation_is_told_from_then_on(world: World) -> None:
    world = with_budget(world, tokens=10 * EACH)
    spend(world, tokens=17)
    owner = world.person("author", "owner")
    assert "95 %" in notices((await drafted(world, owner))[0])


async def test_when_it_is_used_up_the_grammar_reads_in_the_same_turn(
    world: World, model: Model, caplog: pytest.LogCaptureFixture
) -> None:
    world = with_budget(world, tokens=EACH)
    card, trace = await drafted(world)
    assert (card.payload["drafter"], trace["budget_used"]) == ("stub", 1.0)
    assert "100 % of a monthly budget is used" in caplog.text
    card, trace = await drafted(world)
    assert len(model.asked) == 1
    assert SPENT in notices(card) and "The grammar read" in notices(card)
    assert card.payload["drafter"] == "told" and card.payload["can_confirm"]
    assert (trace["budget_used"], "model" in trace, SPENT in str(trace["note"])) == (
        1.0,
        False,
        True,
    )


async def test_it_is_counted_in_the_store_and_begins_anew_each_month(
    world: World, model: Model
) -> None:
    await drafted(with_budget(world, NOVEMBER, tokens=EACH))
    world.store.close()
    again = replace(world, store=open_store(f"sqlite:///{world.folder}/store.db"))
    again = replace(again, services=replace(world.services, store=again.store, memory=Memory()))
    spent, _ = await drafted(with_budget(again, NOVEMBER, tokens=EACH))
    fresh, _ = await drafted(with_budget(again, DECEMBER, tokens=EACH))
    assert (spent.payload["drafter"], fresh.payload["drafter"]) == ("told", "stub")


async def test_each_organisation_has_its_own(world: World, tmp_path: Path) -> None:
    services = replace(world.services, budget=Budget(tokens=EACH))
    other = make_world(
        tmp_path / "other", store=world.store, name="other", drafters=services.drafters
    )
    world = with_budget(world, tokens=EACH)
    await drafted(world)
    assert used_share(world.services, world.org_id) == 1
    assert used_share(world.services, other.org_id) == 0


async def test_money_counts_by_the_prices_and_the_nearer_limit_holds(
    tmp_path: Path, model: Model
) -> None:
    model.will(GOOD)
    priced = ModelSettings(model.base_url, "stub", "k", 2.0, input_price=2e5, output_price=8e5)
    world = make_world(tmp_path, drafters=(ModelDrafter(priced), Told()))
    world = with_budget(world, tokens=100, cost=2.0)
    _, trace = await drafted(world)
    assert trace["budget_used"] == pytest.approx(0.5)


async def test_what_a_failed_answer_took_counts_too(world: World, model: Model) -> None:
    world = with_budget(world, tokens=100)
    model.will(Answer("no rule text"))
    await drafted(world)
    with world.store.reading() as session:
        used = model_use(session, world.org_id, *month_of(DECEMBER))
    assert (used.tries, used.tokens) == (1, EACH)


async def test_an_endpoint_that_does_not_count_is_no_way_round_it(
    world: World, model: Model
) -> None:
    world = with_budget(world, tokens=100)
    message = {"role": "assistant", "content": GOOD.content}
    choices = [{"index": 0, "message": message, "finish_reason": "stop"}]
    body = {"id": "1", "object": "chat.completion", "created": 1, "model": "m", "choices": choices}
    model.will(Answer(raw=json.dumps(body)))
    _, trace = await drafted(world)
    asked = len(model.prompt().replace("\n\n", "")) // 4
    assert trace["input_tokens"] == pytest.approx(asked, rel=0.1)
    assert (await drafted(world))[0].payload["drafter"] == "told"


async def test_a_policy_s_sentences_are_held_to_it_one_by_one(world: World, model: Model) -> None:
    world = with_budget(world, tokens=EACH)
    file = Attached("rules.txt", f"{SENTENCE}.\n\n{SENTENCE}.".encode())
    world.drafter.learn(f"{SENTENCE}.", WHEELCHAIR)
    services = replace(world.services, drafters=(*world.services.drafters[:1], world.drafter))
    world = replace(world, services=services)
    async with world.assistant() as assistant:
        asked = assistant.attach(world.author, new_thread(), file, "")
        card = card_of([e async for e in asked])
    assert len(model.asked) == 1 and len(card.payload["rules"]) == 2
    assert SPENT in notices(card)


async def test_without_a_limit_it_is_counted_and_nobody_is_told(world: World) -> None:
    world = with_budget(world)
    card, trace = await drafted(world)
    assert "budget" not in notices(card) and "budget_used" not in trace
    with world.store.reading() as session:
        assert model_use(session, world.org_id, *month_of(DECEMBER)).tokens == EACH


async def test_two_processes_count_together(world: World) -> None:
    for _ in range(2):
        other = open_store(f"sqlite:///{world.folder}/store.db")
        with other.session() as session:
            add_model_use(session, world.org_id, DECEMBER, Used(1, 3, 4, 0.5))
        other.close()
    with world.store.reading() as session:
        assert model_use(session, world.org_id, *month_of(DECEMBER)) == Used(2, 6, 8, 1.0)


def spend(world: World, tokens: int) -> None:
    with world.store.session() as session:
        add_model_use(session, world.org_id, DECEMBER, Used(input_tokens=tokens))
