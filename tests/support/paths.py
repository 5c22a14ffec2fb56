"""Where files of the checkout are."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
"""The checkout."""
DOCS = ROOT / "interactive_gym/docs"
README = ROOT / "README.md"
EXPERIMENTS = ROOT / "tests/e2e/experiments"
"""Experiment scripts that the end-to-end tests serve."""
BROKEN = ROOT / "tests/support/broken_environments.py"
"""Environments for `check-env`, each with one fault."""
