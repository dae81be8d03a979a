"""The auditorium fund application."""
