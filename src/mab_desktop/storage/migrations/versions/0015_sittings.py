"""The state commission's plan of work and sittings; when its members came and left.

Revision ID: 0015
Revises: 0014
"""

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the tables and the days of membership."""
    for column in (sa.Column("joined_on", sa.Date()), sa.Column("left_on", sa.Date()),
                   sa.Column("left_reason", sa.String(length=200))):  # fmt: skip
        op.add_column("commission_member", column)
    op.create_table(
        "plan_item",
        sa.Column("id", sa.String(length=32), nullable=False),
        sa.Column("due", sa.Date(), nullable=False),
        sa.Column("text", sa.String(length=500), nullable=False),
        sa.Column("responsible", sa.String(length=120), nullable=True),
        sa.Column("done_on", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_plan_item")),
    )
    op.create_table(
        "sitting",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("time", sa.String(length=5), nullable=False),
        sa.Column("place", sa.String(length=120), nullable=False),
        sa.Column("minutes", sa.Integer(), nullable=True),
        sa.Column("closed_at", sa.String(length=40), nullable=True),
        sa.Column("closed_by", sa.String(length=64), nullable=True),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_sitting")),
        sa.UniqueConstraint("minutes", name=op.f("uq_sitting_minutes")),
    )
    _of_a_sitting()


def _of_a_sitting() -> None:
    op.create_table(
        "sitting_member",
        sa.Column("sitting", sa.Integer(), nullable=False),
        sa.Column("member", sa.String(length=32), nullable=False),
        sa.Column("full_name", sa.String(length=120), nullable=False),
        sa.Column("role", sa.String(length=16), nullable=False),
        sa.Column("post", sa.String(length=120), nullable=True),
        sa.Column("present", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(["sitting"], ["sitting.number"], name=op.f("fk_sitting_member_sitting_sitting")),
        sa.ForeignKeyConstraint(
            ["member"], ["commission_member.id"], name=op.f("fk_sitting_member_member_commission_member")
        ),
        sa.PrimaryKeyConstraint("sitting", "member", name=op.f("pk_sitting_member")),
    )
    op.create_table(
        "sitting_question",
        sa.Column("sitting", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("text", sa.String(length=500), nullable=False),
        sa.Column("reporter", sa.String(length=120), nullable=True),
        sa.Column("decision", sa.String(length=1000), nullable=False),
        sa.Column("votes_for", sa.Integer(), nullable=True),
        sa.Column("votes_against", sa.Integer(), nullable=True),
        sa.Column("abstained", sa.Integer(), nullable=True),
        sa.Column("casting", sa.String(length=8), nullable=True),
        sa.Column("adopted", sa.Boolean(), nullable=True),
        sa.ForeignKeyConstraint(["sitting"], ["sitting.number"], name=op.f("fk_sitting_question_sitting_sitting")),
        sa.PrimaryKeyConstraint("sitting", "number", name=op.f("pk_sitting_question")),
    )
    op.create_table(
        "sitting_correction",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("sitting", sa.Integer(), nullable=False),
        sa.Column("text", sa.String(length=1000), nullable=False),
        sa.Column("ground", sa.String(length=500), nullable=False),
        sa.Column("at", sa.String(length=40), nullable=False),
        sa.Column("by", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(["sitting"], ["sitting.number"], name=op.f("fk_sitting_correction_sitting_sitting")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sitting_correction")),
    )
