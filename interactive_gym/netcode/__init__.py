"""Rollback netcode: every participant simulates the same game, and only inputs cross the wire.

It keeps the copies equal by saving, loading and advancing the environment, and turns confirmed
frames into data. It opens no socket, reads no clock and draws no random numbers: the caller passes
time, inputs and datagrams to ``game_loop.GameLoop.tick`` and delivers what comes back. The same
files run in Pyodide inside a participant's Worker and in CPython under test.
"""
