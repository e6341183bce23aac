"""All settings of one installation, read once from ``RULEWRIGHT_…`` in the environment."""

from __future__ import annotations

import os
import secrets
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Self

from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_core import ErrorDetails
from pydantic_settings import BaseSettings, SettingsConfigDict

from data.rulelang.findings import Finding, InputError

if TYPE_CHECKING:
    from graph.budget import Budget

Port = Annotated[int, Field(ge=1, le=65535)]
Price = Annotated[float, Field(ge=0)]
PLACEHOLDERS = ("changeme", "change-me", "secret", "placeholder", "password", "example")
SHORTEST_SECRET = 32


class Settings(BaseSettings):
    """Complete as it stands: every field has a default that works on one machine."""

    model_config = SettingsConfigDict(env_prefix="RULEWRIGHT_", extra="ignore", frozen=True)

    var: Path = Path("var")
    """Folder of this machine's state: databases, files, the sign-in secret."""
    pack: str = "radiology"
    """Pack that the first start loads: a folder, or the name of one that ships."""
    store_url: str = ""
    """The store; empty means SQLite under ``var``."""
    chat_url: str = ""
    """Conversations; empty means the store's server, or SQLite under ``var``."""
    checkpoint_url: str = ""
    """Waiting drafts; empty means the store's server, or SQLite under ``var``."""
    host: str = "127.0.0.1"
    port: Port = 8000
    public_url: str = ""
    """Address people use where a proxy stands in front; ``https`` makes cookies secure."""
    vectors: bool = False
    """Find words by vectors, too; see ``data/index/README.md`` for what that is worth."""
    mlflow: bool = True
    """Start the reviewers' MLflow beside the chat."""
    mlflow_port: Port = 5000
    chat_model: str = ""
    """Name of a chat model that may propose rules; without one the grammar reads alone."""
    chat_model_url: str = ""
    """Its endpoint: any that speaks the OpenAI protocol."""
    chat_model_key: SecretStr = SecretStr("")
    chat_model_timeout: float = 20.0
    """Seconds for one answer."""
    chat_model_samples: Annotated[int, Field(ge=1, le=5)] = 1
    """How often it reads a sentence; samples that differ in meaning are asked about."""
    chat_model_input_price: Price | None = None
    """US dollars for a million tokens read; without it the reviewers see tokens and no cost."""
    chat_model_output_price: Price | None = None
    """US dollars for a million tokens written."""
    chat_model_budget_tokens: Annotated[int, Field(ge=0)] | None = None
    """Tokens that each organisation's drafts may take in a month; then the grammar reads alone."""
    chat_model_budget_cost: Price | None = None
    """US dollars that they may cost in a month; both prices must be set."""
    chat_model_unit_price: Price | None = None
    """US dollars an hour for a unit of provisioned capacity: `rulewright usage` compares."""
    chat_model_unit_tokens: Annotated[int, Field(gt=0)] | None = None
    """Tokens that such a unit takes in an hour."""
    judge_model: str = ""
    """Name of a model that judges turns after they are over; without one only what needs none."""
    judge_model_url: str = ""
    """Its endpoint, up to and with ``/v1``: any that speaks the OpenAI protocol."""
    judge_model_key: SecretStr = SecretStr("")
    judge_model_timeout: Annotated[float, Field(ge=2, le=600)] = 30.0
    """Seconds that one judge gets for one turn."""
    judge_share: Annotated[float, Field(ge=0, le=1)] = 1.0
    """Of the turns, how many that model judges: 0 to 1."""
    otlp_url: str = ""
    """An OpenTelemetry collector that gets every turn: ``http://localhost:4318/v1/traces``."""
    nightly_sets: str = ""
    """Regression sets besides the pack's own: folders or packs, with commas between."""
    nightly_report: Path | None = None
    """Folder that gets each night's page; without it the pages are under ``var`` alone."""
    nightly_webhook: str = ""
    """Address that each night's summary is posted to, as JSON."""
    nightly_metrics: Path | None = None
    """File of figures for Prometheus, in the node exporter's textfile folder."""
    secret: SecretStr | None = None
    """Signs the sign-in cookie; without it one is made and kept under ``var``."""
    session_hours: int = 12
    """How long a sign-in lasts."""

    @field_validator("secret")
    @classmethod
    def _refuse_weak_secret(cls, value: SecretStr | None) -> SecretStr | None:
        if value is None:
            return None
        text = value.get_secret_value()
        if len(text) < SHORTEST_SECRET or any(p in text.lower() for p in PLACEHOLDERS):
            raise ValueError(f"use at least {SHORTEST_SECRET} random characters, or leave it out")
        return value

    @model_validator(mode="after")
    def _model_needs_an_endpoint(self) -> Self:
        if bool(self.chat_model) != bool(self.chat_model_url):
            raise ValueError(
                "set RULEWRIGHT_CHAT_MODEL and RULEWRIGHT_CHAT_MODEL_URL together, or neither"
            )
        prices = (self.chat_model_input_price, self.chat_model_output_price)
        if self.chat_model_budget_cost is not None and None in prices:
            raise ValueError(
                "RULEWRIGHT_CHAT_MODEL_BUDGET_COST needs both prices: set "
                "RULEWRIGHT_CHAT_MODEL_INPUT_PRICE and RULEWRIGHT_CHAT_MODEL_OUTPUT_PRICE"
            )
        if bool(self.judge_model) != bool(self.judge_model_url):
            raise ValueError(
                "set RULEWRIGHT_JUDGE_MODEL and RULEWRIGHT_JUDGE_MODEL_URL together, or neither"
            )
        return self

    @property
    def budget(self) -> Budget:
        """What each organisation's drafting model may take in a month."""
        from graph.budget import Budget

        return Budget(self.chat_model_budget_tokens, self.chat_model_budget_cost)

    @property
    def store_address(self) -> str:
        return self.store_url or f"sqlite:///{(self.var / 'store.db').resolve()}"

    @property
    def chat_address(self) -> str:
        """For an asynchronous driver."""
        if self.chat_url:
            return self.chat_url
        if self.store_url.startswith("postgresql"):
            return "postgresql+asyncpg://" + self.store_url.partition("://")[2]
        return f"sqlite+aiosqlite:///{(self.var / 'chat.db').resolve()}"

    @property
    def checkpoint_address(self) -> str:
        """A PostgreSQL address, or the path of an SQLite file."""
        if self.checkpoint_url:
            return self.checkpoint_url
        if self.store_url.startswith("postgresql"):
            return "postgresql://" + self.store_url.partition("://")[2]
        return str((self.var / "checkpoints.db").resolve())

    @property
    def secure(self) -> bool:
        """Whether people reach this installation over https."""
        return self.public_url.startswith("https://")

    @property
    def address(self) -> str:
        """What a person types to reach the chat."""
        host = "localhost" if self.host in ("127.0.0.1", "0.0.0.0") else self.host
        return self.public_url or f"http://{host}:{self.port}"

    def cookie_secret(self) -> str:
        """The secret that signs cookies; made on first use, readable by its owner only."""
        if self.secret is not None:
            return self.secret.get_secret_value()
        path = self.var / "secret"
        if not path.exists():
            self.var.mkdir(parents=True, exist_ok=True)
            handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(handle, "w") as file:
                file.write(secrets.token_urlsafe(48))
        return path.read_text()


def read_settings() -> Settings:
    """The settings of the environment; raises :class:`InputError` naming each that is wrong."""
    try:
        return Settings()
    except ValidationError as error:
        raise InputError(tuple(_finding(e) for e in error.errors())) from None


def _finding(error: ErrorDetails) -> Finding:
    place = f"RULEWRIGHT_{'_'.join(str(p) for p in error['loc'])}".upper().rstrip("_")
    said = error["msg"].removeprefix("Value error, ")
    message = f"`{place}` cannot be used: {said[:1].lower()}{said[1:]}"
    return Finding("type", "error", message, "correct it, or leave it out")
