"""Photographs of students for their passes; passes that were spoilt.

Revision ID: 0010
Revises: 0009
"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the table and the columns."""
    op.create_table(
        "photo",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("student", sa.String(length=32), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("origin", sa.String(length=64), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("source", sa.Text(), nullable=False),
        sa.Column("frame", sa.JSON(), nullable=False),
        sa.Column("face", sa.Boolean(), nullable=False),
        sa.Column("at", sa.String(length=40), nullable=False),
        sa.Column("by", sa.String(length=64), nullable=False),
        sa.Column("gone_at", sa.String(length=40), nullable=True),
        sa.ForeignKeyConstraint(["student"], ["student.id"], name=op.f("fk_photo_student_student")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_photo")),
    )
    op.create_index("ix_photo_student", "photo", ["student"])
    op.create_index("ux_photo_standing", "photo", ["student"], unique=True, sqlite_where=sa.text("gone_at IS NULL"), postgresql_where=sa.text("gone_at IS NULL"))
    op.add_column("pass_issue", sa.Column("spoilt_at", sa.String(length=40), nullable=True))
    op.add_column("pass_issue", sa.Column("spoilt_why", sa.String(length=200), nullable=False, server_default=""))
