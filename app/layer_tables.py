"""Tables of the conversations, complete for Chainlit 2.12; the same text for SQLite and PostgreSQL.

JSON is kept as text: one form on both servers, and what is read is what was written.
"""

from __future__ import annotations

TABLES: tuple[str, ...] = (
    """CREATE TABLE IF NOT EXISTS users (
        "id" TEXT PRIMARY KEY,
        "identifier" TEXT NOT NULL UNIQUE,
        "metadata" TEXT NOT NULL DEFAULT '{}',
        "createdAt" TEXT NOT NULL
    )""",
    """CREATE TABLE IF NOT EXISTS threads (
        "id" TEXT PRIMARY KEY,
        "createdAt" TEXT NOT NULL,
        "updatedAt" TEXT NOT NULL,
        "name" TEXT,
        "userId" TEXT REFERENCES users("id") ON DELETE CASCADE,
        "userIdentifier" TEXT,
        "tags" TEXT,
        "metadata" TEXT NOT NULL DEFAULT '{}'
    )""",
    """CREATE TABLE IF NOT EXISTS steps (
        "id" TEXT PRIMARY KEY,
        "threadId" TEXT NOT NULL REFERENCES threads("id") ON DELETE CASCADE,
        "parentId" TEXT,
        "name" TEXT NOT NULL,
        "type" TEXT NOT NULL,
        "command" TEXT,
        "modes" TEXT,
        "streaming" INTEGER,
        "waitForAnswer" INTEGER,
        "isError" INTEGER,
        "metadata" TEXT,
        "tags" TEXT,
        "input" TEXT,
        "output" TEXT,
        "createdAt" TEXT,
        "start" TEXT,
        "end" TEXT,
        "generation" TEXT,
        "showInput" TEXT,
        "defaultOpen" INTEGER,
        "autoCollapse" INTEGER,
        "language" TEXT,
        "icon" TEXT,
        "place" INTEGER NOT NULL DEFAULT 0
    )""",
    """CREATE TABLE IF NOT EXISTS elements (
        "id" TEXT PRIMARY KEY,
        "threadId" TEXT NOT NULL REFERENCES threads("id") ON DELETE CASCADE,
        "type" TEXT,
        "chainlitKey" TEXT,
        "url" TEXT,
        "objectKey" TEXT,
        "name" TEXT NOT NULL,
        "display" TEXT,
        "size" TEXT,
        "language" TEXT,
        "page" INTEGER,
        "autoPlay" INTEGER,
        "playerConfig" TEXT,
        "forId" TEXT,
        "mime" TEXT,
        "props" TEXT
    )""",
    """CREATE TABLE IF NOT EXISTS feedbacks (
        "id" TEXT PRIMARY KEY,
        "forId" TEXT NOT NULL UNIQUE,
        "threadId" TEXT NOT NULL,
        "value" INTEGER NOT NULL,
        "comment" TEXT
    )""",
    """CREATE INDEX IF NOT EXISTS threads_of_user ON threads ("userId", "updatedAt", "id")""",
    """CREATE INDEX IF NOT EXISTS steps_of_thread ON steps ("threadId", "place")""",
    """CREATE INDEX IF NOT EXISTS elements_of_thread ON elements ("threadId", "name")""",
    """CREATE INDEX IF NOT EXISTS elements_by_key ON elements ("objectKey")""",
)

STEP_COLUMNS: tuple[str, ...] = (
    "id", "threadId", "parentId", "name", "type", "command", "modes", "streaming",
    "waitForAnswer", "isError", "metadata", "tags", "input", "output", "createdAt", "start",
    "end", "generation", "showInput", "defaultOpen", "autoCollapse", "language", "icon",
)  # fmt: skip
ELEMENT_COLUMNS: tuple[str, ...] = (
    "id", "threadId", "type", "chainlitKey", "url", "objectKey", "name", "display", "size",
    "language", "page", "autoPlay", "playerConfig", "forId", "mime", "props",
)  # fmt: skip
JSON_COLUMNS = frozenset({"metadata", "tags", "modes", "generation", "props", "playerConfig"})
FLAG_COLUMNS = frozenset(
    {"streaming", "waitForAnswer", "isError", "defaultOpen", "autoCollapse", "autoPlay"}
)
