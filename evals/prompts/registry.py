"""Wordings in MLflow's prompt registry: a version for each text, ``production`` on those in use."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, Any

from evals.tracking import be_quiet, first_opening
from graph.prompts import NAMES, Prompts

if TYPE_CHECKING:
    from mlflow.entities.model_registry.prompt_version import PromptVersion

ALIAS = "production"
WORDING = "wording"
"""Tag: the version of the whole wording that a text was first registered with."""


def registered_name(name: str) -> str:
    return f"rulewright-{name}"


class Registry:
    """MLflow's registry, in a database of its own or behind a server."""

    def __init__(self, uri: str) -> None:
        """Raises what MLflow raises where it cannot be reached."""
        be_quiet()
        from mlflow import MlflowClient

        logging.getLogger("mlflow").setLevel(logging.WARNING)
        with first_opening(uri):
            self._client: Any = MlflowClient(tracking_uri=uri, registry_uri=uri)
            self._client.search_prompts(max_results=1)

    def register(self, prompts: Prompts, why: str) -> dict[str, int]:
        """Number of each prompt's version; a text that is there already is not added again."""
        return {name: self._register(name, prompts, why) for name in NAMES}

    def use(self, prompts: Prompts, why: str) -> dict[str, int]:
        """Registers the wording and moves the alias to it."""
        numbers = self.register(prompts, why)
        for name, number in numbers.items():
            if self.in_use(name) != number:
                self._client.set_prompt_alias(registered_name(name), ALIAS, number)
        return numbers

    def in_use(self, name: str) -> int | None:
        """The version that the alias stands on; ``None`` before the first."""
        uri = f"prompts:/{registered_name(name)}@{ALIAS}"
        found = self._client.load_prompt(uri, allow_missing=True, cache_ttl_seconds=0)
        return None if found is None else int(found.version)

    def _register(self, name: str, prompts: Prompts, why: str) -> int:
        text = prompts.texts[name]
        for known in self._versions(name):
            if known.template == text:
                return int(known.version)
        tags = {WORDING: prompts.version}
        made = self._client.register_prompt(registered_name(name), text, why, tags)
        return int(made.version)

    def _versions(self, name: str) -> list[PromptVersion]:
        if self._client.get_prompt(registered_name(name)) is None:
            return []
        return list(self._client.search_prompt_versions(registered_name(name)))
