"""What the chat starts from: settings, its folder, profiles, logs."""

from __future__ import annotations

import json
import logging
import os
import stat
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest
import structlog
from pydantic import SecretStr, ValidationError

from app import wording
from app.chatroot import SOURCE, Misconfigured, merged, refuse_foreign_stores
from app.logs import configure_logs
from app.profiles import profiles
from app.serve import after_turns
from app.settings import Settings
from app.wiring import drafters


@pytest.mark.parametrize("name", ["DATABASE_URL", "LITERAL_API_KEY"])
def test_the_chat_does_not_start_where_conversations_would_leave(name: str) -> None:
    with pytest.raises(Misconfigured, match=name):
        refuse_foreign_stores({name: "x"})
    refuse_foreign_stores({name: ""})


@pytest.mark.parametrize("secret", ["short", "changeme" * 8, "my-password-" + "x" * 40])
def test_a_weak_secret_is_refused(secret: str) -> None:
    with pytest.raises(ValidationError, match="random characters"):
        Settings.model_validate({"secret": secret})


def test_a_secret_is_made_once_and_readable_by_its_owner_only(tmp_path: Path) -> None:
    settings = Settings(var=tmp_path)
    first = settings.cookie_secret()
    assert first == Settings(var=tmp_path).cookie_secret()
    assert len(first) >= 48
    assert stat.S_IMODE((tmp_path / "secret").stat().st_mode) == 0o600


def test_one_setting_moves_everything_to_a_server() -> None:
    settings = Settings(store_url="postgresql+psycopg://h/db")
    assert settings.chat_address == "postgresql+asyncpg://h/db"
    assert settings.checkpoint_address == "postgresql://h/db"
    assert Settings().chat_address.startswith("sqlite+aiosqlite:///")


def test_our_words_lie_over_the_librarys() -> None:
    assert merged({"a": {"b": 1, "c": 2}, "d": 3}, {"a": {"b": 9}}) == {
        "a": {"b": 9, "c": 2},
        "d": 3,
    }


def test_our_words_replace_only_words_that_exist() -> None:
    import chainlit.config as library

    shipped = json.loads((Path(library.TRANSLATIONS_DIR) / "en-US.json").read_text())
    ours = json.loads((SOURCE / "translations.json").read_text())

    def unknown(mine: dict[str, object], theirs: object, at: str = "") -> list[str]:
        below = theirs if isinstance(theirs, dict) else {}
        out: list[str] = []
        for key, value in mine.items():
            if key not in below:
                out.append(f"{at}{key}")
            elif isinstance(value, dict):
                out += unknown(value, below[key], f"{at}{key}.")
        return out

    assert unknown(ours, shipped) == ["auth.login.errors.unauthorized"]


def test_nothing_in_the_public_folder_asks_another_host() -> None:
    for path in sorted((SOURCE / "public").rglob("*")):
        if path.is_file():
            text = path.read_text().replace("http://www.w3.org/2000/svg", "")
            assert "http://" not in text and "https://" not in text, path.name


def test_editing_html_and_tools_are_off_and_uploads_are_tables_and_texts() -> None:
    config = (SOURCE / "config.toml").read_text()
    for line in (
        "unsafe_allow_html = false",
        "edit_message = false",
        "allow_origins = []",
        "allow_thread_sharing = false",
    ):
        assert line in config
    assert config.count("enabled = true") == 1
    uploads = tomllib.loads(config)["features"]["spontaneous_file_upload"]
    assert (uploads["max_files"], uploads["max_size_mb"]) == (1, 5)
    allowed = {extension for of in uploads["accept"].values() for extension in of}
    tables, texts = {".csv", ".tsv", ".xls", ".xlsx", ".xlsm"}, {".txt", ".docx", ".pdf"}
    assert allowed == tables | texts


def test_profiles_follow_the_roles() -> None:
    author, approver = profiles(frozenset({"author", "approver"}), ["A rule."])
    assert (author.name, author.default, approver.default) == ("Author", True, False)
    [operator] = profiles(frozenset({"operator"}), [])
    assert operator.name == "Operator" and operator.starters[0].message == "New appointment"
    [reader] = profiles(frozenset({"reviewer"}), [])
    assert reader.name == wording.PROFILES["reader"][0] and reader.starters


def test_reviewers_sign_in_is_told_as_the_others_are() -> None:
    people = {"author-x": "aaaa", "reviewer-x": "bbbb"}
    first = wording.ready("http://here", "http://there", people, "key").splitlines()
    later = wording.reviewers_ready("http://there", {"reviewer-x": "cccc"}).splitlines()
    assert later[:2] == ["", "Reviewers' MLflow is ready:"]
    assert "  reviewer-x  bbbb" in first and "  reviewer-x  cccc" in later
    assert wording.first_sign_in("the chat") in first
    assert wording.first_sign_in("the reviewers' MLflow") in later


def test_starters_are_the_organisations_own_short_and_different() -> None:
    sentences = [
        "When a x is y.",
        "When a z is y.",
        "For b, do c.",
        "Long " * 60,
        "If d, e.",
        "No f.",
    ]
    [author] = profiles(frozenset({"author"}), sentences)
    assert [s.message for s in author.starters] == [
        "When a x is y.", "For b, do c.", "If d, e.", "No f.",
    ]  # fmt: skip


@pytest.fixture
def logs(capsys: pytest.CaptureFixture[str]) -> Iterator[pytest.CaptureFixture[str]]:
    """Logs as the server writes them, for one test."""
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    configure_logs()
    yield capsys
    root.handlers[:] = handlers
    root.setLevel(level)
    structlog.reset_defaults()


def test_a_log_tells_where_but_not_what_was_typed(logs: pytest.CaptureFixture[str]) -> None:
    try:
        raise ValueError("Mrs Miller, born 1950")
    except ValueError as error:
        structlog.get_logger("chat").error("turn failed", reference="ab", exc_info=error)
    line = json.loads(logs.readouterr().err)
    assert (line["error"], line["reference"]) == ("ValueError", "ab")
    assert "Miller" not in json.dumps(line)
    assert line["at"] and os.sep not in line["at"][0]


def test_what_libraries_log_has_the_same_form(logs: pytest.CaptureFixture[str]) -> None:
    try:
        raise KeyError("Mrs Miller")
    except KeyError:
        logging.getLogger("graph.run").exception("a turn failed", extra={"reference": "cd"})
    line = json.loads(logs.readouterr().err)
    assert (line["event"], line["error"], line["reference"]) == ("a turn failed", "KeyError", "cd")
    assert "Miller" not in json.dumps(line)


def test_a_chat_model_is_asked_first_where_one_is_set() -> None:
    assert [d.name for d in drafters(Settings())] == ["grammar"]
    chosen = Settings(chat_model="tiny", chat_model_url="http://localhost:1/v1")
    assert [d.name for d in drafters(chosen)] == ["tiny", "grammar"]
    with pytest.raises(ValidationError, match="together"):
        Settings(chat_model="tiny")


def test_a_budget_in_dollars_needs_prices() -> None:
    with pytest.raises(ValidationError, match="needs both prices"):
        Settings(chat_model_budget_cost=20, chat_model_input_price=1)
    whole = Settings(chat_model_budget_cost=20, chat_model_input_price=1, chat_model_output_price=2)
    assert (whole.budget.cost, whole.budget.tokens) == (20, None)


def test_a_judging_model_and_a_collector_reach_the_sender_and_the_key_is_not_listed() -> None:
    from evals.delivery import KEY, command, environment

    then = after_turns(
        Settings(
            judge_model="judge", judge_model_url="http://x/v1", judge_model_key=SecretStr("k3y"),
            judge_share=0.5, otlp_url="http://y/v1/traces",
        )
    )  # fmt: skip

    told = " ".join(command("sqlite:///s", "sqlite:///m", then))

    assert "--judge-model judge" in told and "--judge-url http://x/v1" in told
    assert f"--examples {then.examples}" in told
    assert "--judge-share 0.5" in told and "--otlp http://y/v1/traces" in told
    assert "k3y" not in told and environment(then)[KEY] == "k3y"
    assert after_turns(Settings()).endpoint is None


def test_a_judging_model_needs_its_address() -> None:
    with pytest.raises(ValidationError, match="RULEWRIGHT_JUDGE_MODEL_URL"):
        Settings(judge_model="judge")
