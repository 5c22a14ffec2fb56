"""What drives the served product in real browsers, and reads what it leaves on disk."""
