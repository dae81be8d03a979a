"""Raw readings at the centre; closed marks are signed, opened keys proved, tries timed by the computer's own seconds.

Revision ID: 0008
Revises: 0007
"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the table and the columns."""
    op.create_table(
        "final_reading",
        sa.Column("base_university", sa.String(length=3), nullable=False),
        sa.Column("page", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("shift", sa.Integer(), nullable=False),
        sa.Column("hall", sa.String(length=3), nullable=False),
        sa.Column("scan_pass", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("ok", sa.Boolean(), nullable=False),
        sa.Column("serial", sa.String(length=40), nullable=True),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("marks", sa.String(length=8000), nullable=True),
        sa.PrimaryKeyConstraint("base_university", "page", name=op.f("pk_final_reading")),
    )
    op.add_column("marks_closed", sa.Column("statement", sa.String(length=4000), nullable=False, server_default=""))
    op.add_column("opened_key", sa.Column("salt", sa.String(length=64), nullable=False, server_default=""))
    op.add_column("opened_key", sa.Column("holders", sa.JSON(), nullable=False, server_default="[]"))
    op.add_column("password_tries", sa.Column("ticks", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("key_envelope", sa.Column("others", sa.JSON(), nullable=False, server_default="{}"))
    op.add_column("key_envelope", sa.Column("marks", sa.String(length=12), nullable=False, server_default=""))
