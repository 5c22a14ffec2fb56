"""Recorders: further processes that take the uploads of games, and keep their records."""
