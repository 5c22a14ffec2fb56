"""One probe between two participants, as a record, and what it measured.

Pure; the ProbeCoordinator beside this room runs them.
"""
