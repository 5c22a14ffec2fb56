"""Runs an environment for the checks: loads it, plays trials and takes its state apart."""
