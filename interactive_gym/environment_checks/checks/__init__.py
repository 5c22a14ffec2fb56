"""The checks of an environment, a file each."""
