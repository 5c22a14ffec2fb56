"""The data of an experiment on disk: games' records, and participants' events."""
