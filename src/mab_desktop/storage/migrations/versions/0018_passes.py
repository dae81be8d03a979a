"""Every printed pass by itself, what of them was counted, applications about wrong data, large papers in parts.

Revision ID: 0018
Revises: 0017
"""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the tables."""
    op.create_table(
        "pass_copy",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("student", sa.String(length=32), nullable=False),
        sa.Column("copy", sa.Integer(), nullable=False),
        sa.Column("job", sa.Integer(), nullable=False),
        sa.Column("page", sa.Integer(), nullable=False),
        sa.Column("printed_at", sa.String(length=40), nullable=True),
        sa.Column("issued_at", sa.String(length=40), nullable=True),
        sa.Column("issued_by", sa.String(length=64), nullable=True),
        sa.Column("spoilt_at", sa.String(length=40), nullable=True),
        sa.Column("spoilt_by", sa.String(length=64), nullable=True),
        sa.Column("spoilt_why", sa.String(length=200), nullable=False, server_default=""),
        sa.ForeignKeyConstraint(["student"], ["student.id"], name=op.f("fk_pass_copy_student_student")),
        sa.ForeignKeyConstraint(["job"], ["print_job.id"], name=op.f("fk_pass_copy_job_print_job")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pass_copy")),
    )
    op.create_index("ix_pass_copy_student", "pass_copy", ["student"])
    op.create_index("ix_pass_copy_job", "pass_copy", ["job"])
    op.create_table(
        "pass_stock",
        sa.Column("university", sa.String(length=3), nullable=False),
        sa.Column("counted", sa.Integer(), nullable=False),
        sa.Column("at", sa.String(length=40), nullable=False),
        sa.Column("by", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("university", name=op.f("pk_pass_stock")),
    )
    op.create_table(
        "wrong_data_application",
        sa.Column("line", sa.String(length=32), nullable=False),
        sa.Column("at", sa.String(length=40), nullable=False),
        sa.Column("by", sa.String(length=64), nullable=False),
        sa.PrimaryKeyConstraint("line", name=op.f("pk_wrong_data_application")),
    )
    op.create_table(
        "print_paper_part",
        sa.Column("job", sa.Integer(), nullable=False),
        sa.Column("part", sa.Integer(), nullable=False),
        sa.Column("data", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["job"], ["print_paper.job"], name=op.f("fk_print_paper_part_job_print_paper"),
                                ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("job", "part", name=op.f("pk_print_paper_part")),
    )  # fmt: skip
