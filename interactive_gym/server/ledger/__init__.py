"""The match ledger: its lines, the frozen plan, and how a matchmaker is recorded."""
