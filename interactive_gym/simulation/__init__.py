"""Matching in virtual time: the real GameManager over populations whose latencies are known.

Used to forecast a study, to compare matchmakers, to replay ledgers and in tests. Nothing here runs
in a served experiment.
"""
