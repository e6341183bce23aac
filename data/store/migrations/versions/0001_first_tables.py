"""The first tables.

There is no way down: a migration that must be undone is undone by the copy made before it.
"""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    _create_tables()
    _start_the_counter()
    for table in _APPEND_ONLY:
        _make_append_only(table)


_APPEND_ONLY = {
    "audit_entry": "org_id = NEW.org_id AND seq = NEW.seq",
    "deployment_step": "id = NEW.id",
    "version": "org_id = NEW.org_id AND id = NEW.id",
    "words": "org_id = NEW.org_id AND id = NEW.id",
}
"""Tables whose rows are written once, and their keys: the database itself refuses to change one."""


def _start_the_counter() -> None:
    op.execute("INSERT INTO counter (name, value) VALUES ('deployments', 0)")


def _make_append_only(table: str) -> None:
    if op.get_context().dialect.name == "postgresql":
        _make_append_only_postgresql(table)
    else:
        _make_append_only_sqlite(table)


def _make_append_only_postgresql(table: str) -> None:
    op.execute(
        f"CREATE FUNCTION {table}_append_only() RETURNS trigger LANGUAGE plpgsql AS $$ "
        f"BEGIN RAISE EXCEPTION '{table} is append-only'; END $$"
    )
    op.execute(
        f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table} "
        f"FOR EACH STATEMENT EXECUTE FUNCTION {table}_append_only()"
    )


def _make_append_only_sqlite(table: str) -> None:
    for change in ("UPDATE", "DELETE"):
        op.execute(
            f"CREATE TRIGGER {table}_no_{change.lower()} BEFORE {change} ON {table} "
            f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
        )
    # INSERT OR REPLACE would delete without firing the trigger above.
    there = f"SELECT 1 FROM {table} WHERE {_APPEND_ONLY[table]}"  # noqa: S608 (our own text)
    op.execute(
        f"CREATE TRIGGER {table}_no_replace BEFORE INSERT ON {table} WHEN EXISTS ({there}) "
        f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
    )


def _create_tables() -> None:
    op.create_table(
        "counter",
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("value", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_counter")),
    )
    op.create_table(
        "organisation",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("title", sa.String(), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_organisation")),
        sa.UniqueConstraint("name", name=op.f("uq_organisation_name")),
    )
    op.create_table(
        "sign_in_tries",
        sa.Column("key", sa.String(71), nullable=False),
        sa.Column("tries", sa.Integer(), nullable=False),
        sa.Column("last", sa.DateTime(timezone=True), nullable=False),
        sa.Column("closed_until", sa.DateTime(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_sign_in_tries")),
    )
    op.create_table(
        "api_key",
        sa.Column("id", sa.String(16), nullable=False),
        sa.Column("org_id", sa.String(32), nullable=False),
        sa.Column("label", sa.String(), nullable=False),
        sa.Column("secret_hash", sa.String(71), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.Column("revoked", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["org_id"], ["organisation.id"], name=op.f("fk_api_key_org_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_api_key")),
    )
    op.create_table(
        "audit_entry",
        sa.Column("org_id", sa.String(32), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("action", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("details", sa.Text(), nullable=False),
        sa.Column("previous", sa.String(71), nullable=False),
        sa.Column("hash", sa.String(71), nullable=False),
        sa.ForeignKeyConstraint(
            ["org_id"], ["organisation.id"], name=op.f("fk_audit_entry_org_id")
        ),
        sa.PrimaryKeyConstraint("org_id", "seq", name=op.f("pk_audit_entry")),
    )
    op.create_table(
        "outbox_item",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("org_id", sa.String(32), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("subject", sa.String(), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("payload", sa.JSON(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_try", sa.DateTime(timezone=True), nullable=False),
        sa.Column("claim", sa.String(32), nullable=True),
        sa.Column("last_error", sa.String(), nullable=True),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.Column("delivered", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["org_id"], ["organisation.id"], name=op.f("fk_outbox_item_org_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox_item")),
        sa.UniqueConstraint("org_id", "key", name=op.f("uq_outbox_item_org_id_key")),
    )
    op.create_index(
        op.f("ix_outbox_item_delivered_next_try"),
        "outbox_item",
        ["delivered", "next_try"],
        unique=False,
    )
    op.create_index(
        op.f("ix_outbox_item_org_id_subject"), "outbox_item", ["org_id", "subject"], unique=False
    )
    op.create_table(
        "person",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("org_id", sa.String(32), nullable=False),
        sa.Column("login", sa.String(), nullable=False),
        sa.Column("display", sa.String(), nullable=False),
        sa.Column("password_hash", sa.String(), nullable=False),
        sa.Column("roles", sa.JSON(), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["org_id"], ["organisation.id"], name=op.f("fk_person_org_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_person")),
        sa.UniqueConstraint("login", name=op.f("uq_person_login")),
        sa.UniqueConstraint("org_id", "id", name=op.f("uq_person_org_id_id")),
    )
    op.create_table(
        "scenario",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("org_id", sa.String(32), nullable=False),
        sa.Column("name", sa.String(), nullable=False),
        sa.Column("given", sa.JSON(), nullable=False),
        sa.Column("expect", sa.JSON(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["org_id"], ["organisation.id"], name=op.f("fk_scenario_org_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_scenario")),
        sa.UniqueConstraint("org_id", "name", name=op.f("uq_scenario_org_id_name")),
    )
    op.create_table(
        "words",
        sa.Column("org_id", sa.String(32), nullable=False),
        sa.Column("id", sa.String(71), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(["org_id"], ["organisation.id"], name=op.f("fk_words_org_id")),
        sa.PrimaryKeyConstraint("org_id", "id", name=op.f("pk_words")),
    )
    op.create_table(
        "grant",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("org_id", sa.String(32), nullable=False),
        sa.Column("person_id", sa.String(32), nullable=False),
        sa.Column("level", sa.String(), nullable=True),
        sa.Column("value", sa.String(), nullable=True),
        sa.CheckConstraint("(level IS NULL) = (value IS NULL)", name=op.f("ck_grant_whole")),
        sa.ForeignKeyConstraint(
            ["org_id", "person_id"],
            ["person.org_id", "person.id"],
            name=op.f("fk_grant_org_id_person_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_grant")),
    )
    op.create_index(op.f("ix_grant_person_id"), "grant", ["person_id"], unique=False)
    op.create_table(
        "thread",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("org_id", sa.String(32), nullable=False),
        sa.Column("person_id", sa.String(32), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["org_id", "person_id"],
            ["person.org_id", "person.id"],
            name=op.f("fk_thread_org_id_person_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_thread")),
        sa.UniqueConstraint("org_id", "id", name=op.f("uq_thread_org_id_id")),
    )
    op.create_index(op.f("ix_thread_person_id"), "thread", ["person_id"], unique=False)
    op.create_table(
        "unfinished_draft",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("org_id", sa.String(32), nullable=False),
        sa.Column("person_id", sa.String(32), nullable=False),
        sa.Column("thread_id", sa.String(), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("payload", sa.JSON(), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["org_id", "person_id"],
            ["person.org_id", "person.id"],
            name=op.f("fk_unfinished_draft_org_id_person_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_unfinished_draft")),
    )
    op.create_index(
        op.f("ix_unfinished_draft_person_id"), "unfinished_draft", ["person_id"], unique=False
    )
    op.create_table(
        "version",
        sa.Column("org_id", sa.String(32), nullable=False),
        sa.Column("id", sa.String(71), nullable=False),
        sa.Column("parent", sa.String(71), nullable=True),
        sa.Column("author", sa.String(), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("words_id", sa.String(71), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["org_id", "parent"],
            ["version.org_id", "version.id"],
            name=op.f("fk_version_org_id_parent"),
        ),
        sa.ForeignKeyConstraint(
            ["org_id", "words_id"],
            ["words.org_id", "words.id"],
            name=op.f("fk_version_org_id_words_id"),
        ),
        sa.ForeignKeyConstraint(["org_id"], ["organisation.id"], name=op.f("fk_version_org_id")),
        sa.PrimaryKeyConstraint("org_id", "id", name=op.f("pk_version")),
    )
    op.create_table(
        "decision",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("org_id", sa.String(32), nullable=False),
        sa.Column("environment", sa.String(), nullable=False),
        sa.Column("version_id", sa.String(71), nullable=False),
        sa.Column("request_id", sa.String(), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("result", sa.JSON(), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["org_id", "version_id"],
            ["version.org_id", "version.id"],
            name=op.f("fk_decision_org_id_version_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_decision")),
    )
    op.create_index(
        op.f("ix_decision_org_id_created"), "decision", ["org_id", "created"], unique=False
    )
    op.create_index(
        op.f("ix_decision_org_id_request_id"), "decision", ["org_id", "request_id"], unique=False
    )
    op.create_table(
        "deployment_step",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("org_id", sa.String(32), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("environment", sa.String(), nullable=False),
        sa.Column("version_id", sa.String(71), nullable=False),
        sa.Column("under", sa.String(32), nullable=True),
        sa.Column("how", sa.String(), nullable=False),
        sa.Column("by", sa.String(), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint(
            "environment IN ('staging', 'production')", name=op.f("ck_deployment_step_environment")
        ),
        sa.ForeignKeyConstraint(
            ["org_id", "version_id"],
            ["version.org_id", "version.id"],
            name=op.f("fk_deployment_step_org_id_version_id"),
        ),
        sa.ForeignKeyConstraint(
            ["under"], ["deployment_step.id"], name=op.f("fk_deployment_step_under")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_deployment_step")),
    )
    op.create_index(op.f("ix_deployment_step_org_id"), "deployment_step", ["org_id"], unique=False)
    op.create_table(
        "saved_once",
        sa.Column("org_id", sa.String(32), nullable=False),
        sa.Column("key", sa.String(), nullable=False),
        sa.Column("version_id", sa.String(71), nullable=False),
        sa.ForeignKeyConstraint(
            ["org_id", "version_id"],
            ["version.org_id", "version.id"],
            name=op.f("fk_saved_once_org_id_version_id"),
        ),
        sa.PrimaryKeyConstraint("org_id", "key", name=op.f("pk_saved_once")),
    )
    op.create_table(
        "turn",
        sa.Column("org_id", sa.String(32), nullable=False),
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("thread_id", sa.String(), nullable=False),
        sa.Column("person_id", sa.String(32), nullable=False),
        sa.Column("trace_id", sa.String(), nullable=True),
        sa.Column("run_id", sa.String(), nullable=True),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["org_id", "person_id"],
            ["person.org_id", "person.id"],
            name=op.f("fk_turn_org_id_person_id"),
        ),
        sa.ForeignKeyConstraint(
            ["org_id", "thread_id"],
            ["thread.org_id", "thread.id"],
            name=op.f("fk_turn_org_id_thread_id"),
        ),
        sa.PrimaryKeyConstraint("org_id", "id", name=op.f("pk_turn")),
    )
    op.create_index(op.f("ix_turn_thread_id"), "turn", ["thread_id"], unique=False)
    op.create_table(
        "deployment",
        sa.Column("org_id", sa.String(32), nullable=False),
        sa.Column("environment", sa.String(16), nullable=False),
        sa.Column("version_id", sa.String(71), nullable=False),
        sa.Column("step_id", sa.String(32), nullable=False),
        sa.ForeignKeyConstraint(
            ["org_id", "version_id"],
            ["version.org_id", "version.id"],
            name=op.f("fk_deployment_org_id_version_id"),
        ),
        sa.ForeignKeyConstraint(
            ["step_id"], ["deployment_step.id"], name=op.f("fk_deployment_step_id")
        ),
        sa.PrimaryKeyConstraint("org_id", "environment", name=op.f("pk_deployment")),
    )
    op.create_table(
        "feedback",
        sa.Column("id", sa.String(), nullable=False),
        sa.Column("org_id", sa.String(32), nullable=False),
        sa.Column("turn_id", sa.String(), nullable=False),
        sa.Column("person_id", sa.String(32), nullable=False),
        sa.Column("value", sa.Integer(), nullable=False),
        sa.Column("comment", sa.Text(), nullable=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["org_id", "person_id"],
            ["person.org_id", "person.id"],
            name=op.f("fk_feedback_org_id_person_id"),
        ),
        sa.ForeignKeyConstraint(
            ["org_id", "turn_id"],
            ["turn.org_id", "turn.id"],
            name=op.f("fk_feedback_org_id_turn_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_feedback")),
        sa.UniqueConstraint(
            "org_id", "turn_id", "person_id", name=op.f("uq_feedback_org_id_turn_id_person_id")
        ),
    )
