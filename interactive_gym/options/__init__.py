"""What setters share: checks of values, refused options and named choices."""
