"""Participants: their identity, their state, their previous partners, and their waits."""
