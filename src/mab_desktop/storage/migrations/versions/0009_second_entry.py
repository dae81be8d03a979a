"""Records typed a second time; verified records and keys in the operators' days.

Revision ID: 0009
Revises: 0008
"""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the tables and the columns."""
    op.create_table(
        "second_entry",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("student", sa.String(length=32), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("typist", sa.String(length=64), nullable=False),
        sa.Column("verifier", sa.String(length=64), nullable=False),
        sa.Column("device", sa.String(length=64), nullable=False),
        sa.Column("at", sa.String(length=40), nullable=False),
        sa.Column("values", sa.JSON(), nullable=False),
        sa.Column("state", sa.String(length=16), nullable=False),
        sa.Column("aside", sa.String(length=200), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_second_entry")),
    )
    op.create_index(op.f("ix_second_entry_student"), "second_entry", ["student"])
    op.create_table(
        "second_difference",
        sa.Column("entry", sa.String(length=32), nullable=False),
        sa.Column("field", sa.String(length=32), nullable=False),
        sa.Column("first", sa.String(length=200), nullable=False),
        sa.Column("second", sa.String(length=200), nullable=False),
        sa.Column("typist", sa.String(length=64), nullable=False),
        sa.Column("typed_at", sa.String(length=40), nullable=False),
        sa.Column("choice", sa.String(length=16), nullable=False),
        sa.Column("settled", sa.String(length=200), nullable=False),
        sa.Column("settled_by", sa.String(length=64), nullable=False),
        sa.Column("settled_at", sa.String(length=40), nullable=False),
        sa.ForeignKeyConstraint(["entry"], ["second_entry.id"], name=op.f("fk_second_difference_entry_second_entry")),
        sa.PrimaryKeyConstraint("entry", "field", name=op.f("pk_second_difference")),
    )
    op.create_table(
        "second_wanted",
        sa.Column("student", sa.String(length=32), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("typist", sa.String(length=64), nullable=False),
        sa.Column("typist_name", sa.String(length=200), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("sheet", sa.Integer(), nullable=False),
        sa.Column("verifier", sa.String(length=64), nullable=False),
        sa.Column("again", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("student", name=op.f("pk_second_wanted")),
    )
    for name in ("verified", "keys"):
        op.add_column("operator_day", sa.Column(name, sa.Integer(), nullable=False, server_default="0"))
