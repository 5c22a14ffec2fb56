"""Proposals: asking the matchmaker, probing the edges of a group, and recording the verdicts."""
