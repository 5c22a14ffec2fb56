"""Slime volleyball for two participants: the environment and the experiment that serves it."""
