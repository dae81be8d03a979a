"""Tables from elsewhere that were brought in, and what each of their rows made or changed.

Revision ID: 0014
Revises: 0013
"""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add both tables."""
    op.create_table(
        "brought_in",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("file_name", sa.String(length=200), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("rows", sa.Integer(), nullable=False),
        sa.Column("new", sa.Integer(), nullable=False),
        sa.Column("changed", sa.Integer(), nullable=False),
        sa.Column("at", sa.String(length=40), nullable=False),
        sa.Column("by", sa.String(length=64), nullable=False),
        sa.Column("undone_at", sa.String(length=40), nullable=True),
        sa.Column("undone_by", sa.String(length=64), nullable=True),
        sa.Column("reason", sa.String(length=200), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_brought_in")),
    )
    op.create_index(op.f("ix_brought_in_digest"), "brought_in", ["digest"], unique=False)
    op.create_table(
        "brought_in_row",
        sa.Column("brought_in", sa.String(length=32), nullable=False),
        sa.Column("student", sa.String(length=32), nullable=False),
        sa.Column("line", sa.Integer(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["brought_in"], ["brought_in.id"], name=op.f("fk_brought_in_row_brought_in_brought_in")),
        sa.ForeignKeyConstraint(["student"], ["student.id"], name=op.f("fk_brought_in_row_student_student")),
        sa.PrimaryKeyConstraint("brought_in", "student", name=op.f("pk_brought_in_row")),
    )
