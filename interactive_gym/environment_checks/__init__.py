"""Checks of researchers' environments, before participants meet them.

They only run an environment and look; they never change its files. ``interactive-gym check-env``
prints what they find.
"""
