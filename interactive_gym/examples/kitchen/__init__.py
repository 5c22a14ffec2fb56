"""A kitchen where two to four cooks work together: environment and experiment."""
