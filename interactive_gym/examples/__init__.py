"""Runnable experiments: each folder is one, with its environment and its experiment script."""
