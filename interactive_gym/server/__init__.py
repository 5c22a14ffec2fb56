"""The server: matching, probing, the experiment flow and the data on disk."""
