"""Images of scanned pages at the centre. Those that a workplace keeps in clear are sealed when it is next opened.

Revision ID: 0007
Revises: 0006
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the table."""
    op.create_table(
        "final_image",
        sa.Column("base_university", sa.String(length=3), nullable=False),
        sa.Column("page", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("shift", sa.Integer(), nullable=False),
        sa.Column("hall", sa.String(length=3), nullable=False),
        sa.Column("scan_pass", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("counts", sa.Boolean(), nullable=False),
        sa.Column("serial", sa.String(length=40), nullable=True),
        sa.Column("place", sa.String(length=300), nullable=False),
        sa.Column("image_page", sa.Integer(), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("base_university", "page", name=op.f("pk_final_image")),
    )
    op.create_index(op.f("ix_final_image_serial"), "final_image", ["serial"])
