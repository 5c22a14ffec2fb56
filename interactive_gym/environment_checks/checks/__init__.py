"""The checks of an environment, one file each."""
