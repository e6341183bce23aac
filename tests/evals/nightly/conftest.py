"""A small night through the real pipeline and a real MLflow store, made once for the module."""

from __future__ import annotations

import os
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

os.environ.setdefault("LANGGRAPH_STRICT_MSGPACK", "true")  # before LangGraph is imported

import pytest

from app import drafting
from data.access.roles import ROLES
from data.packs.load import Pack
from evals.nightly.evaluate import Place
from evals.nightly.kept import Nights
from evals.nightly.night import Found, Work, run_night
from evals.nightly.sets import RegressionSet, read_sets
from graph.context import Services
from graph.run import Assistant

Break = Callable[[Services, Pack], Services]


def whole(services: Services, pack: Pack) -> Services:
    return services


@dataclass
class Bed:
    """A folder of nights, and the sets that each of them tries."""

    folder: Path
    sets: tuple[RegressionSet, ...]
    caught_up: list[str] = field(default_factory=list)

    @property
    def nights(self) -> Nights:
        return Nights(self.folder / "nightly")

    @property
    def uri(self) -> str:
        return f"sqlite:///{self.folder / 'mlflow.db'}"

    def work(self, name: str, broken: Break = whole, **more: object) -> Work:
        @asynccontextmanager
        async def open_desk(pack: Pack, folder: Path) -> AsyncGenerator[drafting.Desk]:
            async with drafting.open_desk(pack, folder) as desk:
                services = broken(desk.assistant._services, pack)
                assistant = Assistant(services, desk.assistant._graph.checkpointer)
                yield drafting.Desk(assistant, replace(desk.who, roles=frozenset(ROLES)))

        def catch_up() -> dict[str, int]:
            self.caught_up.append(name)
            return {"waiting": 0, "unjudged": 0}

        place = Place(self.uri, self.folder / "artifacts", name, {"code": "c1", "model": "grammar"})
        work = Work(
            catch_up=catch_up, sets=self.sets, open_desk=open_desk, place=place, chance=False
        )
        return replace(work, **more)

    def run(self, name: str, broken: Break = whole, **more: object) -> Found:
        with self.nights.alone():
            return run_night(self.nights, name, self.work(name, broken, **more))


def named(regression: RegressionSet, organisation: str) -> RegressionSet:
    """The same set, of another organisation."""
    pack = regression.pack
    other = replace(pack, ontology=replace(pack.ontology, name=organisation))
    return replace(regression, organisation=organisation, pack=other)


def few(regression: RegressionSet, examples: int, messages: int) -> RegressionSet:
    """The first of each kind."""
    said = [i for i in regression.items if i.id.startswith("example")][:examples]
    typed = [i for i in regression.items if i.id.startswith("message")][-messages:]
    return replace(regression, items=(*said, *typed))


@pytest.fixture(scope="module")
def bed(tmp_path_factory: pytest.TempPathFactory) -> Bed:
    """The first night has been run, and is what the next are held to."""
    folder = tmp_path_factory.mktemp("nights")
    (own,) = read_sets(["issues"], folder / "grown")
    sets = (few(own, 5, 1), few(named(own, "others"), 5, 1))
    made = Bed(folder, sets)
    made.run("2026-11-01")
    made.nights.accept("2026-11-01")
    return made
