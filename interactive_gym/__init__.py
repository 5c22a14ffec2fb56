"""Real-time multiplayer experiments in the browser, matched by measured peer-to-peer latency."""

__version__ = "0.2.0"
