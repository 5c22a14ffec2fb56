"""The steps of an experiment: instructions, games and end pages, and their order."""
