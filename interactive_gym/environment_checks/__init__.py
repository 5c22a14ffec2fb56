"""Checks of researchers' environments, before participants meet them.

They run the environment and look at the results. ``interactive-gym check-env`` prints what they
find.
"""
