"""Rollback netcode: every participant simulates the same game and only inputs cross the wire.

It keeps the copies equal by saving, loading and advancing the environment, and turns confirmed
frames into data. It never opens a socket, reads a clock or draws random numbers: the caller passes
time, inputs and datagrams to ``game_loop.GameLoop.tick`` and delivers what comes back. The same
files run in Pyodide inside a participant's Worker and in CPython under test.
"""
