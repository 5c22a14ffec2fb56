"""A small game for two: meet on the star. Each meeting scores, and the star moves on."""

import random

WIDTH, HEIGHT, CELL = 9, 6, 60
COLORS = {"red": "#c2410c", "blue": "#1d4ed8"}
STARTS = {"red": [0, 0], "blue": [WIDTH - 1, HEIGHT - 1]}
MOVES = {0: (0, 0), 1: (-1, 0), 2: (1, 0), 3: (0, -1), 4: (0, 1)}
MAX_STEPS = 600


class Meeting:
    """A PettingZoo ParallelEnv, which need not be derived from it."""

    possible_agents = ("red", "blue")

    def reset(self, seed=None, options=None):
        """Begin an episode. The same seed gives the same stars."""
        self.agents = list(self.possible_agents)
        self.rng = random.Random(seed)
        self.places = {agent: list(place) for agent, place in STARTS.items()}
        self.steps, self.score = 0, 0
        self._move_star()
        return self._observations(), self._infos()

    def step(self, actions):
        """Move everybody by their action, and see whether they meet on the star."""
        for agent, action in actions.items():
            x, y = self.places[agent]
            dx, dy = MOVES[action]
            self.places[agent] = [min(max(x + dx, 0), WIDTH - 1), min(max(y + dy, 0), HEIGHT - 1)]
        have_met = all(place == self.star for place in self.places.values())
        if have_met:
            self.score += 1
            self._move_star()
        self.steps += 1
        is_over = self.steps >= MAX_STEPS
        rewards = dict.fromkeys(self.agents, float(have_met))
        ends = dict.fromkeys(self.agents, False), dict.fromkeys(self.agents, is_over)
        return self._observations(), rewards, *ends, self._infos()

    def render(self):
        """The picture, as draw commands. It changes nothing."""
        x, y = ((0.5 + at) * CELL for at in self.star)
        picture = [
            {"type": "rect", "x": 0, "y": 0, "width": 540, "height": 360, "color": "#f5f0e6"},
            {"type": "text", "x": x, "y": y + 16, "text": "★", "size": 48, "color": "#b45309",
             "align": "center"},
        ]  # fmt: skip
        for agent, (at_x, at_y) in self.places.items():
            x, y = (0.5 + at_x) * CELL, (0.5 + at_y) * CELL
            picture.append({"type": "circle", "id": agent, "x": x, "y": y, "radius": 18,
                            "color": COLORS[agent], "alpha": 0.8})  # fmt: skip
        return picture

    def get_state(self):
        """Everything that changes, as a copy: a frame may be played again from here."""
        places = {agent: list(place) for agent, place in self.places.items()}
        return places, list(self.star), self.steps, self.score, self.rng.getstate()

    def set_state(self, state):
        """Go back to a saved state, which stays as it is."""
        places, star, self.steps, self.score, rng = state
        self.places = {agent: list(place) for agent, place in places.items()}
        self.star = list(star)
        self.rng.setstate(rng)

    def _move_star(self):
        self.star = [self.rng.randrange(WIDTH), self.rng.randrange(HEIGHT)]

    def _observations(self):
        return {agent: [*self.places[agent], *self.star] for agent in self.agents}

    def _infos(self):
        # What stands here is recorded with every frame, as the column info_score.
        return {agent: {"score": self.score} for agent in self.agents}


env = Meeting()
