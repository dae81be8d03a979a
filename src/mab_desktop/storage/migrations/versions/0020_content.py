"""A carrier made here knows what it says, so that nobody gets the same twice under two numbers.

Revision ID: 0020
Revises: 0019
"""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column; of carriers made before nobody knows it."""
    op.add_column("carrier_out", sa.Column("content", sa.String(length=64), nullable=False, server_default=""))
