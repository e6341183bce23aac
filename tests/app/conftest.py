"""The chat library reads its folder when it is first imported: point it at a place of the tests."""

from __future__ import annotations

import tempfile
from pathlib import Path

from app.chatroot import prepare

prepare(Path(tempfile.mkdtemp(prefix="rulewright-chat-")), "x" * 48)
