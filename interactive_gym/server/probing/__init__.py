"""One probe between two participants, and what it measured.

The ProbeCoordinator runs the probes.
"""
