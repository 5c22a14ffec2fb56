"""What every setter checks with: option values, refused options, named choices."""
