"""Noughts and crosses, of PettingZoo's AEC interface, with masks; an illegal move raises."""

from typing import Any, ClassVar

LINES = [(0, 1, 2), (3, 4, 5), (6, 7, 8), (0, 3, 6), (1, 4, 7), (2, 5, 8), (0, 4, 8), (2, 4, 6)]


class Noughts:
    """Two agents, nine fields."""

    possible_agents: ClassVar = ["player_0", "player_1"]

    def reset(self, seed: int | None = None, options: Any = None) -> None:
        self.agents = list(self.possible_agents)
        self.board = [0] * 9
        self.agent_selection = self.agents[(seed or 0) % 2]
        self.rewards: dict[str, float] = dict.fromkeys(self.agents, 0)
        self.terminations = dict.fromkeys(self.agents, False)
        self.truncations = dict.fromkeys(self.agents, False)
        self.infos: dict[str, Any] = {agent: {} for agent in self.agents}

    def observe(self, agent: str) -> dict[str, Any]:
        mask = [int(field == 0 and agent == self.agent_selection) for field in self.board]
        return {"observation": tuple(self.board), "action_mask": mask}

    def last(self) -> Any:
        raise AssertionError("nobody asks for it")

    def agent_iter(self) -> Any:
        raise AssertionError("nobody asks for it")

    def step(self, action: int | None) -> None:
        agent = self.agent_selection
        if self.terminations[agent]:
            assert action is None, "of those who are out, nothing is taken"
            self.agents.remove(agent)
            for kept in (self.rewards, self.terminations, self.truncations, self.infos):
                del kept[agent]
            self.agent_selection = next(iter(self.agents), agent)
            return
        if action is None or self.board[action]:
            raise ValueError("an illegal move")
        mine = self.possible_agents.index(agent) + 1
        self.board[action] = mine
        won = any(all(self.board[field] == mine for field in line) for line in LINES)
        other = self.possible_agents[2 - mine]
        self.rewards = {agent: float(won), other: -float(won)}
        if won or all(self.board):
            self.terminations = dict.fromkeys(self.agents, True)
        self.agent_selection = other

    def render(self) -> list[dict[str, Any]]:
        place = {"type": "text", "size": 30, "color": "black"}
        return [
            {**place, "x": 20 + 40 * (field % 3), "y": 40 + 40 * (field // 3), "text": " OX"[mark]}
            for field, mark in enumerate(self.board)
        ]


def make_env() -> Noughts:
    return Noughts()
