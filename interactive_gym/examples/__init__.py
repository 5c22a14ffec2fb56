"""Runnable experiments, one folder each, with the environment and the experiment script."""
