"""Simulates the games of a study again and compares what is stored with what follows.

``study`` goes through a data folder; ``game_check`` holds one game against its resimulation, which
``resimulator`` has run by ``child`` in a process of its own; ``copies`` reads what is stored.

A server has every game checked when it ends: ``worker`` is the process that does it, and
``verdict`` what it says of a game.
"""
