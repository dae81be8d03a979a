"""Keys pressed by operators, day by day; indexes for what is asked while typing and after each saving.

Revision ID: 0013
Revises: 0012
"""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the table and the indexes."""
    op.create_table(
        "keys_pressed",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("operator", sa.String(length=64), nullable=False),
        sa.Column("device", sa.String(length=64), nullable=False),
        sa.Column("keys", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("day", "operator", "device", name=op.f("pk_keys_pressed")),
    )
    for column in ("to_code", "identity_document"):
        op.drop_index(f"ix_student_{column}", "student")
        op.create_index(f"ix_student_{column}", "student", ["deleted_at", column])
    op.create_index("ix_student_birth_date", "student", ["birth_date"])
    op.create_index("ix_student_standing", "student", ["deleted_at", "complete", "base_university", "photos"])
