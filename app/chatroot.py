"""The folder the chat library reads its configuration from, made fresh under ``var``.

The library writes translations and upload folders beside its configuration, so the
folder in the source tree is copied out and stays clean.
"""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path
from typing import Any

SOURCE = Path(__file__).parent / "chat"
LANGUAGE = "en-US"
FORBIDDEN = ("DATABASE_URL", "LITERAL_API_KEY")


class Misconfigured(RuntimeError):
    """The environment holds something under which the chat must not start."""


def refuse_foreign_stores(environment: dict[str, str]) -> None:
    """Raise where a variable is set that would silently move conversations elsewhere."""
    found = [name for name in FORBIDDEN if environment.get(name)]
    if found:
        raise Misconfigured(
            f"`{found[0]}` is set; the chat would keep its conversations there. "
            "Unset it, and use `RULEWRIGHT_CHAT_URL` to choose the place"
        )


def prepare(var: Path, secret: str) -> Path:
    """Write the chat folder under ``var`` and point the chat library at it.

    Has to run before the chat library is first imported.
    """
    refuse_foreign_stores(dict(os.environ))
    root = (var / "chat").resolve()
    public, config = root / "public", root / ".chainlit"
    for stale in (public, root / ".files"):
        shutil.rmtree(stale, ignore_errors=True)
    shutil.copytree(SOURCE / "public", public)
    (config / "translations").mkdir(parents=True, exist_ok=True)
    shutil.copy(SOURCE / "config.toml", config / "config.toml")
    shutil.copy(SOURCE / "chainlit.md", root / f"chainlit_{LANGUAGE}.md")
    os.environ["CHAINLIT_APP_ROOT"] = str(root)
    os.environ["CHAINLIT_AUTH_SECRET"] = secret
    _write_language(config / "translations" / f"{LANGUAGE}.json")
    return root


def _write_language(target: Path) -> None:
    """The library's own English with our words over it, so that an upgrade adds what is new."""
    import chainlit.config as library

    shipped = json.loads((Path(library.TRANSLATIONS_DIR) / f"{LANGUAGE}.json").read_text())
    ours = json.loads((SOURCE / "translations.json").read_text())
    target.write_text(json.dumps(merged(shipped, ours), indent=1))


def merged(base: dict[str, Any], over: dict[str, Any]) -> dict[str, Any]:
    """``base`` with every leaf of ``over`` put in its place."""
    out = dict(base)
    for key, value in over.items():
        below: Any = out.get(key)
        out[key] = merged(below, value) if _both_nested(below, value) else value
    return out


def _both_nested(one: object, other: object) -> bool:
    return isinstance(one, dict) and isinstance(other, dict)
