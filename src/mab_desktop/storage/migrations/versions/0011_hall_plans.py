"""Distances between rows, plans of buildings with their pictures.

Revision ID: 0011
Revises: 0010
"""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns and the table."""
    op.add_column("hall", sa.Column("row_distance", sa.Integer(), nullable=True))
    op.add_column("building", sa.Column("plan", sa.JSON(), nullable=False, server_default="{}"))
    op.create_table(
        "building_picture",
        sa.Column("base_university", sa.String(length=3), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.Column("source", sa.String(length=200), nullable=False),
        sa.Column("at", sa.String(length=40), nullable=False),
        sa.PrimaryKeyConstraint("base_university", "sha256", name=op.f("pk_building_picture")),
    )
