"""Words that were taught."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "taught_word",
        sa.Column("id", sa.String(32), nullable=False),
        sa.Column("org_id", sa.String(32), nullable=False),
        sa.Column("word", sa.String(), nullable=False),
        sa.Column("term", sa.String(), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("thread_id", sa.String(), nullable=False),
        sa.Column("by", sa.String(32), nullable=False),
        sa.Column("created", sa.DateTime(timezone=True), nullable=False),
        sa.Column("status", sa.String(), nullable=False),
        sa.Column("settled_by", sa.String(32), nullable=True),
        sa.Column("settled", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.CheckConstraint(
            "status IN ('waiting', 'approved', 'refused', 'withdrawn')",
            name=op.f("ck_taught_word_status"),
        ),
        sa.ForeignKeyConstraint(
            ["org_id", "by"],
            ["person.org_id", "person.id"],
            name=op.f("fk_taught_word_org_id_by"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_taught_word")),
    )
    op.create_index(op.f("ix_taught_word_org_id"), "taught_word", ["org_id"], unique=False)
