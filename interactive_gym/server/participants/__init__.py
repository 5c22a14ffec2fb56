"""Participants: who they are, where they stand, whom they met, and how they wait."""
