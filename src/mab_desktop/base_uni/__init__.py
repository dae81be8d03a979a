"""The base university's application."""
