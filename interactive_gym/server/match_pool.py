"""What a matchmaker's `propose` is given, at the path that experiment scripts import it from."""

from interactive_gym.server.matching.pool import MatchPool, Standing

__all__ = ["MatchPool", "Standing"]
