"""Printed documents: data in, PDF out."""
