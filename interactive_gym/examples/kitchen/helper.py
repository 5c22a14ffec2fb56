"""The policy of a cook in the kitchen: does what the soups need next.

This text is appended to the environment's, whose names it uses, and runs in participants' browsers
with it. All that it remembers is in its state, so all browsers decide alike, also after a rollback.
"""

from collections.abc import Iterable, Sequence

if __name__ != "__main__":
    from interactive_gym.examples.kitchen.environment import (
        ONIONS_PER_SOUP,
        Action,
        Item,
        Observation,
        _Plan,
    )


class Helper:
    """The policy for any of the *cooks* in a kitchen.

    A helper fetches onions and dishes while some are wanting, brings them where they belong, and
    puts down what no cook needs. It walks around others, steps aside when it has nothing to do, and
    hesitates now and then, so that two helpers do not get in each other's way for ever. It hands
    nothing over, so in the divide it is of little help.
    """

    def __init__(self, layout: str, cooks: int) -> None:
        self._plan = _Plan(layout)
        self._cooks = cooks
        self.reset(0)

    def reset(self, seed: int) -> None:
        """Begin an episode."""
        self._random = seed & 0xFFFFFFFF
        self._pressing: frozenset[str] = frozenset()

    def __call__(self, observation: Observation, agent: str) -> int:
        """What this agent does next."""
        # A linear congruential generator: whole numbers, so that all browsers draw the same.
        self._random = (self._random * 1664525 + 1013904223) & 0xFFFFFFFF
        hesitates = self._random >> 29 == 0
        action = int(Action.STAY) if hesitates else self._work(observation)
        if action == Action.INTERACT and agent in self._pressing:
            # A key must be released before it can be pressed again.
            action = int(Action.STAY)
        if action == Action.INTERACT:
            self._pressing |= {agent}
        else:
            self._pressing -= {agent}
        return action

    def get_state(self) -> tuple[int, frozenset[str]]:
        """All that a helper remembers."""
        return self._random, self._pressing

    def set_state(self, state: tuple[int, frozenset[str]]) -> None:
        """Return to when `get_state` gave ``state``."""
        self._random, self._pressing = state

    def _work(self, observation: Observation) -> int:
        view = _View(self._plan, observation, self._cooks)
        for goal in view.goals():
            action = view.towards(goal)
            if action is not None:
                return action
        return view.aside()


class _View:
    """What one cook sees: itself, the others, the pots and the counters, by cell."""

    def __init__(self, plan: _Plan, observation: Observation, cooks: int) -> None:
        numbers = [observation[4 * cook : 4 * cook + 4] for cook in range(cooks)]
        self._plan = plan
        self._cell, *self._others = [x + y * plan.columns for x, y, _, _ in numbers]
        self._facing = numbers[0][2]
        self._held, *self._held_by_others = [held for _, _, _, held in numbers]
        rest = observation[4 * cooks :]
        pots = len(plan.pots)
        self._onions = {cell: rest[2 * number] for cell, number in plan.pots.items()}
        self._cooking = {cell: rest[2 * number + 1] for cell, number in plan.pots.items()}
        self._counters = {cell: rest[2 * pots + number] for cell, number in plan.counters.items()}

    def goals(self) -> list[int]:
        """The cells worth going to, the best first."""
        full = [cell for cell, onions in self._onions.items() if onions == ONIONS_PER_SOUP]
        open_pots = [cell for cell in self._onions if cell not in full]
        free = self._nearest(cell for cell, item in self._counters.items() if not item)
        if self._held == Item.SOUP:
            return self._stations("S") + free
        if self._held == Item.DISH:
            return sorted(full, key=self._cooking.__getitem__) + free
        if self._held == Item.ONION:
            return self._nearest(open_pots) + free
        missing = sum(ONIONS_PER_SOUP - self._onions[cell] for cell in open_pots)
        goals = [cell for cell, item in self._counters.items() if item == Item.SOUP]
        if self._held_by_others.count(Item.DISH) < len(full):
            goals += self._sources(Item.DISH, "D")
        if self._held_by_others.count(Item.ONION) < missing:
            goals += self._sources(Item.ONION, "O")
        return goals

    def towards(self, goal: int) -> int | None:
        """The action that brings this cook nearer to using a cell; None if there is no way."""
        if goal in self._beside(self._cell):
            direction = self._beside(self._cell).index(goal) + 1
            if direction != self._facing:
                return direction
            is_early = self._held == Item.DISH and self._cooking.get(goal, 0) > 0
            return int(Action.STAY if is_early else Action.INTERACT)
        # Breadth first, so that the first cell found beside the goal is on a shortest way.
        first_steps = {self._cell: 0}
        border = [self._cell]
        for cell in border:
            if goal in self._beside(cell):
                return first_steps[cell]
            for direction, near in enumerate(self._beside(cell), start=1):
                is_free = self._plan.is_floor[near] and near not in self._others
                if is_free and near not in first_steps:
                    first_steps[near] = first_steps[cell] or direction
                    border.append(near)
        return None

    def aside(self) -> int:
        """A step away from a cook next to this one, who may want to get through."""
        near_others = [cell for cell in self._others if cell in self._beside(self._cell)]
        free = [
            (-min(self._distance(cell, other) for other in near_others), direction)
            for direction, cell in enumerate(self._beside(self._cell), start=1)
            if near_others and self._plan.is_floor[cell] and cell not in self._others
        ]
        return min(free)[1] if free else int(Action.STAY)

    def _sources(self, item: int, dispenser: str) -> list[int]:
        lying = [cell for cell, there in self._counters.items() if there == item]
        return self._nearest(lying) + self._stations(dispenser)

    def _stations(self, symbol: str) -> list[int]:
        return self._nearest(
            cell for cell, found in enumerate(self._plan.symbols) if found == symbol
        )

    def _nearest(self, cells: Iterable[int]) -> list[int]:
        return sorted(cells, key=lambda cell: self._distance(self._cell, cell))

    def _distance(self, cell: int, other: int) -> int:
        (y, x), (other_y, other_x) = (divmod(at, self._plan.columns) for at in (cell, other))
        return abs(x - other_x) + abs(y - other_y)

    def _beside(self, cell: int) -> Sequence[int]:
        return [cell + offset for offset in self._plan.offsets[1:]]
