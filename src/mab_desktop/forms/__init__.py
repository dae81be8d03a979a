"""Printed documents: data in, PDF out."""

from reportlab import rl_config

# Page streams stay binary: reportlab's ASCII-85, in plain Python, takes a third of the time and a quarter more space.
rl_config.useA85 = 0
