"""Matching in virtual time: the real GameManager over populations whose latencies are known.

For planning a study, comparing matchmakers and testing; nothing here runs in a served experiment.
"""
