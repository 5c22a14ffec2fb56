"""Has every game simulated again when it ends, by a further process."""
