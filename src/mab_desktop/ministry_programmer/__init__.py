"""The ministry programmer's application."""
