"""Conversations, kept in SQLite or PostgreSQL; every method knows whose they are.

Corrects what the stock layer gets wrong: steps that race each other, columns that are
never read back, ids of the client that reach SQL, and rows anyone may overwrite.
"""

from __future__ import annotations

import asyncio
import json
import uuid
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from chainlit.data.sql_alchemy import SQLAlchemyDataLayer
from chainlit.data.utils import queue_until_user_message
from chainlit.element import Element, ElementDict
from chainlit.step import StepDict
from chainlit.types import (
    Feedback,
    PageInfo,
    PaginatedResponse,
    Pagination,
    ThreadDict,
    ThreadFilter,
)
from chainlit.utils import utc_now

from app.blobs import Blobs
from app.caller import NotYours, current_caller
from app.layer_tables import (
    ELEMENT_COLUMNS,
    FLAG_COLUMNS,
    JSON_COLUMNS,
    STEP_COLUMNS,
    TABLES,
)

LONGEST_NAME = 80
LARGEST_PAGE = 100
KEPT_METADATA = ("chat_profile", "chat_settings")
Row = dict[str, Any]


class NotStored(RuntimeError):
    """The conversation database did not take a statement."""


@dataclass(frozen=True, slots=True)
class CardRow:
    """One card of a conversation, as it was last shown."""

    id: str
    name: str
    for_id: str
    props: dict[str, Any]


def _one_line(text: str) -> str:
    words = " ".join(text.split())
    return words if len(words) <= LONGEST_NAME else words[: LONGEST_NAME - 1] + "…"


def _bound(column: str, value: Any) -> Any:
    """A value as a column takes it."""
    if value is None:
        return None
    if column in JSON_COLUMNS:
        return json.dumps(value)
    if column in FLAG_COLUMNS:
        return int(bool(value))
    return str(value).lower() if column == "showInput" else value


def _read(row: Mapping[str, Any], columns: Sequence[str]) -> Row:
    """A row as the chat library wants it: JSON as objects, flags as booleans."""
    out: Row = {}
    for column in columns:
        value = row.get(column)
        if column in JSON_COLUMNS and isinstance(value, str):
            value = json.loads(value)
        elif column in FLAG_COLUMNS and value is not None:
            value = bool(value)
        out[column] = value
    return out


def _upsert(table: str, columns: Sequence[str], key: str = "id", once: str = "id") -> str:
    """An insert that updates all but ``once`` where the key exists. Names are ours alone."""
    names = ", ".join(f'"{c}"' for c in columns)
    values = ", ".join(f":{c}" for c in columns)
    changing = [c for c in columns if c not in ("id", key, once)]
    updates = ", ".join(f'"{c}" = EXCLUDED."{c}"' for c in changing)
    return (
        f"INSERT INTO {table} ({names}) VALUES ({values}) "  # noqa: S608
        f'ON CONFLICT ("{key}") DO UPDATE SET {updates}'
    )


class Layer(SQLAlchemyDataLayer):
    """The data layer of the chat. Writes happen one after another, in the order they were asked."""

    def __init__(
        self, address: str, blobs: Blobs, forget: Callable[[str], Awaitable[None]] | None = None
    ) -> None:
        """``forget`` is told of a conversation that was deleted."""
        arguments = {"timeout": 30} if address.startswith("sqlite") else {}
        super().__init__(address, connect_args=arguments, storage_provider=blobs)
        self._sqlite = address.startswith("sqlite")
        self._forget = forget
        self._turn = asyncio.Lock()
        self._place = 0

    async def prepare(self) -> None:
        """Create what is missing. Raises where the database cannot be used."""
        if self._sqlite:
            await self._run("PRAGMA journal_mode=WAL")
        for statement in TABLES:
            await self._run(statement)
        highest = await self._rows('SELECT MAX("place") AS top FROM steps')
        self._place = int(highest[0]["top"] or 0)

    async def answers(self) -> bool:
        """Whether the database can be read just now."""
        return isinstance(await self.execute_sql("SELECT 1 AS one", {}), list)

    # statements

    async def _run(self, statement: str, **values: Any) -> list[Row] | int:
        result: Any = await self.execute_sql(statement, values)
        if result is None:
            raise NotStored("the conversation could not be stored")
        return result

    async def _rows(self, statement: str, **values: Any) -> list[Row]:
        result = await self._run(statement, **values)
        return result if isinstance(result, list) else []

    # owners

    async def owner_of(self, thread_id: str) -> str | None:
        """Sign-in name of the person whose conversation this is; ``None`` if there is none."""
        rows = await self._rows(
            'SELECT "userIdentifier" FROM threads WHERE "id" = :id', id=thread_id
        )
        return rows[0]["userIdentifier"] if rows else None

    async def _only_own(self, thread_id: str) -> None:
        """Raise :class:`NotYours` unless the conversation is new or the caller's."""
        uuid.UUID(thread_id)
        caller = current_caller()
        if caller is None or await self.owner_of(thread_id) not in (None, caller):
            raise NotYours

    async def _thread_of(self, table: str, row_id: str) -> str | None:
        rows = await self._rows(
            f'SELECT "threadId" FROM {table} WHERE "id" = :id',  # noqa: S608
            id=row_id,
        )
        return rows[0]["threadId"] if rows else None

    async def get_thread_author(self, thread_id: str) -> str:
        """Empty where there is no such conversation."""
        return await self.owner_of(thread_id) or ""

    # conversations

    async def update_thread(
        self,
        thread_id: str,
        name: str | None = None,
        user_id: str | None = None,
        metadata: dict[str, Any] | None = None,
        tags: list[str] | None = None,
    ) -> None:
        await self._only_own(thread_id)
        async with self._turn:
            await self._open_thread(thread_id)
            kept = {k: v for k, v in (metadata or {}).items() if k in KEPT_METADATA and v}
            changes: Row = {
                "name": _one_line(name) if name else None,
                "tags": json.dumps(tags) if tags is not None else None,
                "metadata": json.dumps(kept) if kept else None,
            }
            changes = {k: v for k, v in changes.items() if v is not None}
            if changes:
                sets = ", ".join(f'"{c}" = :{c}' for c in changes)
                statement = f'UPDATE threads SET {sets} WHERE "id" = :id'  # noqa: S608
                await self._run(statement, id=thread_id, **changes)

    async def _open_thread(self, thread_id: str) -> None:
        """Make sure the conversation exists; a new one is the caller's from its first row on."""
        await self._run(
            'INSERT INTO threads ("id", "createdAt", "updatedAt", "userIdentifier", "userId") '
            "VALUES (:id, :now, :now, :caller, "
            '(SELECT u."id" FROM users u WHERE u."identifier" = :caller)) '
            'ON CONFLICT ("id") DO NOTHING',
            id=thread_id,
            now=utc_now(),
            caller=current_caller(),
        )

    async def delete_thread(self, thread_id: str) -> None:
        await self._only_own(thread_id)
        async with self._turn:
            keys = await self._rows(
                'SELECT "objectKey" FROM elements WHERE "threadId" = :id', id=thread_id
            )
            for row in keys:
                if row["objectKey"] and self.storage_provider:
                    await self.storage_provider.delete_file(row["objectKey"])
            for table in ("feedbacks", "elements", "steps"):
                await self._run(f'DELETE FROM {table} WHERE "threadId" = :id', id=thread_id)  # noqa: S608
            await self._run('DELETE FROM threads WHERE "id" = :id', id=thread_id)
        if self._forget is not None:
            await self._forget(thread_id)

    async def get_thread(self, thread_id: str) -> ThreadDict | None:
        """The whole conversation, or ``None``. Whether the caller may see it, the caller checks."""
        uuid.UUID(thread_id)
        rows = await self._rows('SELECT * FROM threads WHERE "id" = :id', id=thread_id)
        if not rows:
            return None
        thread = self._thread(rows[0])
        thread["steps"] = await self._steps(thread_id)
        thread["elements"] = await self._elements(thread_id)
        return thread

    def _thread(self, row: Mapping[str, Any]) -> ThreadDict:
        columns = ("id", "createdAt", "name", "userId", "userIdentifier", "tags", "metadata")
        return cast(ThreadDict, {**_read(row, columns), "steps": [], "elements": []})

    async def list_threads(
        self, pagination: Pagination, filters: ThreadFilter
    ) -> PaginatedResponse[ThreadDict]:
        """One page of a person's conversations, the last used first; steps are not loaded."""
        size = max(1, min(pagination.first, LARGEST_PAGE))
        where, values = await self._filter(pagination, filters)
        rows = await self._rows(
            f"SELECT * FROM threads t WHERE {where} "  # noqa: S608
            'ORDER BY t."updatedAt" DESC, t."id" DESC LIMIT :limit',
            limit=size + 1,
            **values,
        )
        page = [self._thread(r) for r in rows[:size]]
        info = PageInfo(
            hasNextPage=len(rows) > size,
            startCursor=page[0]["id"] if page else None,
            endCursor=page[-1]["id"] if page else None,
        )
        return PaginatedResponse(pageInfo=info, data=page)

    async def _filter(self, pagination: Pagination, filters: ThreadFilter) -> tuple[str, Row]:
        if not filters.userId:
            raise NotYours
        where, values = ['t."userId" = :user'], cast(Row, {"user": filters.userId})
        if filters.search:
            where.append(
                'EXISTS (SELECT 1 FROM steps s WHERE s."threadId" = t."id" '
                "AND LOWER(s.\"output\") LIKE :search ESCAPE '!')"
            )
            values["search"] = "%" + _literal(filters.search.lower()) + "%"
        if filters.feedback is not None:
            where.append(
                'EXISTS (SELECT 1 FROM feedbacks f WHERE f."threadId" = t."id" '
                'AND f."value" = :feedback)'
            )
            values["feedback"] = int(filters.feedback)
        if pagination.cursor:
            last = await self._rows(
                'SELECT "updatedAt" FROM threads WHERE "id" = :id AND "userId" = :user',
                id=pagination.cursor,
                user=filters.userId,
            )
            if last:
                where.append('(t."updatedAt", t."id") < (:after, :cursor)')
                values |= {"after": last[0]["updatedAt"], "cursor": pagination.cursor}
        return " AND ".join(where), values

    # steps

    @queue_until_user_message()
    async def create_step(self, step_dict: StepDict) -> None:
        """Store a step, or store it again. Asked first is written first."""
        thread_id = step_dict.get("threadId", "")
        async with self._turn:
            await self._only_own(thread_id)
            await self._open_thread(thread_id)
            await self._own_step(str(step_dict.get("id")), thread_id)
            self._place += 1
            values = {c: _bound(c, step_dict.get(c)) for c in STEP_COLUMNS}
            statement = _upsert("steps", (*STEP_COLUMNS, "place"), once="place")
            await self._run(statement, place=self._place, **values)
            if step_dict.get("type") == "user_message":
                await self._run(
                    'UPDATE threads SET "updatedAt" = :now WHERE "id" = :id',
                    now=utc_now(),
                    id=thread_id,
                )

    async def _own_step(self, step_id: str, thread_id: str) -> None:
        """A step never moves to another conversation."""
        if await self._thread_of("steps", step_id) not in (None, thread_id):
            raise NotYours

    @queue_until_user_message()
    async def update_step(self, step_dict: StepDict) -> None:
        await self.create_step(step_dict)

    @queue_until_user_message()
    async def delete_step(self, step_id: str) -> None:
        async with self._turn:
            thread_id = await self._thread_of("steps", step_id)
            if thread_id is None:
                return
            await self._only_own(thread_id)
            for table, column in (("feedbacks", "forId"), ("elements", "forId"), ("steps", "id")):
                await self._run(f'DELETE FROM {table} WHERE "{column}" = :id', id=step_id)  # noqa: S608

    async def _steps(self, thread_id: str) -> list[StepDict]:
        rows = await self._rows(
            'SELECT s.*, f."id" AS feedback_id, f."value" AS feedback_value, '
            'f."comment" AS feedback_comment FROM steps s '
            'LEFT JOIN feedbacks f ON f."forId" = s."id" '
            'WHERE s."threadId" = :id ORDER BY s."createdAt", s."place"',
            id=thread_id,
        )
        return [self._step(r) for r in rows]

    async def get_step(self, step_id: str) -> StepDict | None:
        thread_id = await self._thread_of("steps", step_id)
        if thread_id is None:
            return None
        return next((s for s in await self._steps(thread_id) if s.get("id") == step_id), None)

    def _step(self, row: Mapping[str, Any]) -> StepDict:
        step = _read(row, STEP_COLUMNS)
        step["metadata"] = step["metadata"] or {}
        step["output"] = step["output"] or ""
        shown = step["showInput"] not in (None, "false")
        step["input"] = (step["input"] or "") if shown else ""
        step["feedback"] = None
        if row.get("feedback_value") is not None:
            step["feedback"] = {
                "forId": row["id"],
                "id": row["feedback_id"],
                "value": row["feedback_value"],
                "comment": row["feedback_comment"],
            }
        return cast(StepDict, step)

    # thumbs

    async def upsert_feedback(self, feedback: Feedback) -> str:
        """Keep the thumb of an answer, one an answer. Raises :class:`NotYours`."""
        thread_id = await self._thread_of("steps", feedback.forId)
        if thread_id is None or await self.owner_of(thread_id) != current_caller():
            raise NotYours
        async with self._turn:
            columns = ("id", "forId", "threadId", "value", "comment")
            await self._run(
                _upsert("feedbacks", columns, key="forId"),
                id=str(uuid.uuid4()),
                forId=feedback.forId,
                threadId=thread_id,
                value=int(feedback.value),
                comment=feedback.comment,
            )
        rows = await self._rows('SELECT "id" FROM feedbacks WHERE "forId" = :id', id=feedback.forId)
        return str(rows[0]["id"])

    async def answer_of_feedback(self, feedback_id: str) -> str | None:
        """Id of the answer that a thumb is about, if the thumb is the caller's."""
        rows = await self._rows(
            'SELECT "forId", "threadId" FROM feedbacks WHERE "id" = :id', id=feedback_id
        )
        if not rows:
            return None
        if await self.owner_of(rows[0]["threadId"]) != current_caller():
            raise NotYours
        return str(rows[0]["forId"])

    async def delete_feedback(self, feedback_id: str) -> bool:
        """Take a thumb back. Raises :class:`NotYours`."""
        if await self.answer_of_feedback(feedback_id) is None:
            return False
        async with self._turn:
            await self._run('DELETE FROM feedbacks WHERE "id" = :id', id=feedback_id)
        return True

    # elements

    @queue_until_user_message()
    async def create_element(self, element: Element) -> None:
        """Store an element; a card's content is its props, other kinds go to the blobs."""
        if not element.for_id:
            return
        async with self._turn:
            await self._only_own(element.thread_id)
            if await self._thread_of("elements", element.id) not in (None, element.thread_id):
                raise NotYours
            row = cast(Row, element.to_dict())
            if element.type != "custom" and self.storage_provider and element.content is not None:
                key = f"{element.thread_id}/{element.id}"
                kept = await self.storage_provider.upload_file(
                    object_key=key, data=element.content, mime=element.mime or "text/plain"
                )
                row |= {"objectKey": kept["object_key"], "url": kept["url"]}
            await self._open_thread(element.thread_id)
            await self._run(
                _upsert("elements", ELEMENT_COLUMNS),
                **{c: _bound(c, row.get(c)) for c in ELEMENT_COLUMNS},
            )

    async def _elements(self, thread_id: str) -> list[ElementDict]:
        rows = await self._rows('SELECT * FROM elements WHERE "threadId" = :id', id=thread_id)
        return [cast(ElementDict, _read(r, ELEMENT_COLUMNS)) for r in rows]

    async def get_element(self, thread_id: str, element_id: str) -> ElementDict | None:
        return next((e for e in await self._elements(thread_id) if e.get("id") == element_id), None)

    @queue_until_user_message()
    async def delete_element(self, element_id: str, thread_id: str | None = None) -> None:
        async with self._turn:
            owner = await self._thread_of("elements", element_id)
            if owner is None:
                return
            await self._only_own(owner)
            await self._run('DELETE FROM elements WHERE "id" = :id', id=element_id)

    async def cards(self, thread_id: str) -> list[CardRow]:
        """The cards of a conversation."""
        return [
            CardRow(str(e["id"]), str(e["name"]), str(e["forId"]), dict(e["props"] or {}))
            for e in cast(list[Row], await self._elements(thread_id))
            if e["type"] == "custom"
        ]

    async def owner_of_blob(self, key: str) -> str | None:
        """Sign-in name of the person a stored file belongs to."""
        rows = await self._rows('SELECT "threadId" FROM elements WHERE "objectKey" = :key', key=key)
        return await self.owner_of(rows[0]["threadId"]) if rows else None

    async def mime_of_blob(self, key: str) -> str:
        rows = await self._rows('SELECT "mime" FROM elements WHERE "objectKey" = :key', key=key)
        return str(rows[0]["mime"] or "text/plain") if rows else "text/plain"


def _literal(text: str) -> str:
    """Text for LIKE, its wildcards taken literally."""
    return text.replace("!", "!!").replace("%", "!%").replace("_", "!_")
