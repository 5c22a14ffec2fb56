"""The code of an environment in which nothing happens."""

from collections.abc import Sequence


def still_environment(agents: Sequence[str]) -> str:
    return f"""
class Still:
    possible_agents = {list(agents)!r}

    def reset(self, seed=None):
        self.agents = list(self.possible_agents)
        return {{}}, {{}}

    def step(self, actions):
        nothing = dict.fromkeys(self.agents, 0)
        ended = dict.fromkeys(self.agents, False)
        return {{}}, nothing, ended, ended, {{}}

    def render(self):
        return []


env = Still()
"""
