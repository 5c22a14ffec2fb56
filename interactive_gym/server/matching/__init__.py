"""Measurements and predictions of pairs, and the search for groups.

Matchmakers are built on it. It uses no clock and no framework.
"""
