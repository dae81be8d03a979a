"""Versions of the hall fund, its agreement step by step, what was deleted of it, direction signs.

Revision ID: 0012
Revises: 0011
"""

import json

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the tables; the one agreement that was kept as a setting becomes the first step."""
    op.create_table(
        "fund_version",
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("at", sa.String(length=40), nullable=False),
        sa.Column("by", sa.String(length=64), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("records", sa.JSON(), nullable=False),
        sa.Column("sent", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("number", name=op.f("pk_fund_version")),
    )
    op.create_table(
        "fund_agreement",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("day", sa.String(length=10), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("centre_officer", sa.String(length=120), nullable=False),
        sa.Column("own_officer", sa.String(length=120), nullable=False),
        sa.Column("remarks", sa.String(length=500), nullable=False),
        sa.Column("at", sa.String(length=40), nullable=False),
        sa.Column("by", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fund_agreement")),
    )
    op.create_table(
        "fund_deleted",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("key", sa.String(length=8), nullable=False),
        sa.Column("values", sa.JSON(), nullable=False),
        sa.Column("at", sa.String(length=40), nullable=False),
        sa.Column("by", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fund_deleted")),
    )
    op.create_table(
        "direction_sign",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("building", sa.String(length=2), nullable=False),
        sa.Column("place", sa.String(length=80), nullable=False),
        sa.Column("arrow", sa.String(length=12), nullable=False),
        sa.Column("halls", sa.String(length=120), nullable=False),
        sa.Column("words", sa.String(length=80), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_direction_sign")),
    )
    _carry_agreement_over()


def _carry_agreement_over() -> None:
    connection = op.get_bind()
    stored = connection.execute(sa.text("SELECT value FROM setting WHERE key = 'hall-fund-agreement'")).scalar()
    if not stored:
        return
    value = json.loads(stored)
    connection.execute(
        sa.text(
            'INSERT INTO fund_agreement (id, state, day, version, centre_officer, own_officer, remarks, at, "by") '
            "VALUES (1, 'agreed', :date, 0, :officer, '', :note, :at, :by)"
        ),
        {name: str(value.get(name, "")) for name in ("date", "officer", "note", "at", "by")},
    )
    connection.execute(sa.text("DELETE FROM setting WHERE key = 'hall-fund-agreement'"))
