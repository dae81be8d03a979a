"""Specs, rules and nouns of the regulation: plain Python."""
