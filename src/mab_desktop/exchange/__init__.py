"""Carrier files, trust and drives."""
