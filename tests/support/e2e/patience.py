"""How long the tests wait for what will happen, on a machine that does much else besides."""

PATIENCE_S = 180.0
"""The wait after which something is held not to happen, in seconds. Long, as only a fault costs it;
what a participant must get within a time is measured in the product's own data."""
