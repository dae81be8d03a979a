"""A printing knows its printer, its order, how far it came, and what goes on from it.

Revision ID: 0002
Revises: 0001
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the columns; what was logged before counts as saved with every page done."""
    op.add_column("print_job", sa.Column("title", sa.String(length=200), nullable=False, server_default=""))
    op.add_column("print_job", sa.Column("printer", sa.String(length=128), nullable=False, server_default=""))
    op.add_column("print_job", sa.Column("asked", sa.Text(), nullable=False, server_default=""))
    op.add_column("print_job", sa.Column("sides", sa.String(length=24), nullable=False, server_default="one-sided"))
    op.add_column("print_job", sa.Column("collated", sa.Boolean(), nullable=False, server_default=sa.true()))
    op.add_column("print_job", sa.Column("start", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("print_job", sa.Column("done", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("print_job", sa.Column("spoilt", sa.Integer(), nullable=False, server_default="0"))
    op.add_column("print_job", sa.Column("outcome", sa.String(length=16), nullable=False, server_default="saved"))
    op.add_column("print_job", sa.Column("reason", sa.String(length=200), nullable=False, server_default=""))
    op.add_column("print_job", sa.Column("ended_at", sa.String(length=40), nullable=False, server_default=""))
    # SQLite adds a column with a reference only inside its definition, not as a constraint of the table.
    op.execute("ALTER TABLE print_job ADD COLUMN continued_of INTEGER CONSTRAINT fk_print_job_continued_of_print_job "
               "REFERENCES print_job (id)")
    op.execute("UPDATE print_job SET done = pages * copies, ended_at = at")
    op.create_table(
        "print_paper",
        sa.Column("job", sa.Integer(), nullable=False),
        sa.Column("pdf", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["job"], ["print_job.id"], name=op.f("fk_print_paper_job_print_job")),
        sa.PrimaryKeyConstraint("job", name=op.f("pk_print_paper")),
    )
