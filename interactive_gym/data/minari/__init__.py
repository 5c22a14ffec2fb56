"""Datasets of Minari: what people saw and did, for offline reinforcement learning and imitation.

`spaces` makes Gymnasium spaces of their descriptions and values of JSON, `episodes` makes an
agent's episodes of a game, and `datasets` writes them.
"""
