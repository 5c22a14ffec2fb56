"""Checks a study's match ledger: its chain, what its lines tell of each other, every decision."""
