"""Which places of the list of duty officers are one person's.

Revision ID: 0019
Revises: 0018
"""

import sqlalchemy as sa
from alembic import op

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the column: empty where a person has one place only."""
    op.add_column("duty_officer", sa.Column("person", sa.String(length=32), nullable=True))
