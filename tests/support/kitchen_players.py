"""Players of the kitchen, and the loop that lets them play, for its tests.

The team sees what agents see, observations, and knows the map; it draws from a seeded generator.
"""

import random
from collections.abc import Callable, Iterator
from typing import Any

from interactive_gym.examples.kitchen.environment import LAYOUTS, Action, Item, Kitchen

Actions = dict[str, int]
Policy = Callable[[dict[str, tuple[int, ...]]], Actions]
Cell = tuple[int, int]

STEPS = {Action.UP: (0, -1), Action.DOWN: (0, 1), Action.LEFT: (-1, 0), Action.RIGHT: (1, 0)}
DIRECTIONS = tuple(STEPS)


def at_random(seed: int) -> Policy:
    """Keys held for a while, as people do, and no goal."""
    rng = random.Random(seed)
    held: Actions = {}

    def act(observations: dict[str, tuple[int, ...]]) -> Actions:
        for agent in observations:
            if agent not in held or rng.random() < 0.2:
                held[agent] = rng.randrange(6)
        return dict(held)

    return act


def play(env: Kitchen, policy: Policy, frames: int = 100_000) -> Iterator[tuple[Any, ...]]:
    """What each step of an episode returns, until its end."""
    observations, _ = env.reset()
    for _ in range(frames):
        if not env.agents:
            return
        result = env.step(policy(observations))
        observations = result[0]
        yield result


def beside(cell: Cell) -> list[Cell]:
    return [(cell[0] + dx, cell[1] + dy) for dx, dy in STEPS.values()]


class Team:
    """Cooks who share the work out: a call takes observations and returns everybody's actions.

    Each goes for the first thing that is of use; where no pot or window can be reached, things are
    handed over on counters that somebody else can reach.
    """

    def __init__(self, layout: str, seed: int = 0) -> None:
        rows = [row.strip() for row in LAYOUTS[layout].strip().splitlines()]
        symbols = {(x, y): symbol for y, row in enumerate(rows) for x, symbol in enumerate(row)}
        self.floor = {cell for cell, symbol in symbols.items() if symbol in ".1234"}
        self.places: dict[str, list[Cell]] = {
            kind: [
                cell
                for cell, symbol in sorted(symbols.items(), key=lambda item: item[0][::-1])
                if symbol == kind and self.floor.intersection(beside(cell))
            ]
            for kind in "#ODPS"
        }
        self.rooms: dict[Cell, frozenset[Cell]] = {}
        self.within: dict[tuple[frozenset[Cell], str], list[Cell]] = {}
        self.rng = random.Random(seed)
        self.last: dict[int, tuple[Action, Cell]] = {}
        self.waited: dict[int, int] = {}

    def __call__(self, observations: dict[str, tuple[int, ...]]) -> Actions:
        agents = list(observations)
        self.read(observations[agents[0]], len(agents))
        return {agent: int(self.act(seat)) for seat, agent in enumerate(agents)}

    def read(self, seen: tuple[int, ...], cooks: int) -> None:
        self.cooks = [
            ((seen[4 * n], seen[4 * n + 1]), *seen[4 * n + 2 : 4 * n + 4]) for n in range(cooks)
        ]
        rest = seen[4 * cooks :]
        pots = self.places["P"]
        self.pots = {pot: (rest[2 * n], rest[2 * n + 1]) for n, pot in enumerate(pots)}
        self.counters = dict(zip(self.places["#"], rest[2 * len(pots) :], strict=True))
        self.promised = [item for _, _, item in self.cooks]

    def act(self, seat: int) -> Action:
        """An action towards the goal; a random one to get out of each other's way."""
        cell = self.cooks[seat][0]
        last, was_at = self.last.get(seat, (Action.STAY, cell))
        goal = self.goal(seat)
        action = Action.STAY
        if goal is not None:
            action = self.towards(seat, goal)
        stuck = goal is None or (action in STEPS and cell == was_at and cell not in beside(goal))
        self.waited[seat] = self.waited.get(seat, 0) + 1 if stuck else 0
        if self.waited[seat] > 8 and self.rng.random() < 0.5:
            action = self.rng.choice(DIRECTIONS)
            self.waited[seat] = 0
        if action is Action.INTERACT and last is Action.INTERACT:
            action = Action.STAY
        self.last[seat] = action, cell
        return action

    def towards(self, seat: int, goal: Cell) -> Action:
        cell, facing, holding = self.cooks[seat]
        for direction, near in zip(DIRECTIONS, beside(cell), strict=True):
            if near == goal:
                if facing != direction:
                    return direction
                ready = goal not in self.pots or holding == Item.ONION or not self.pots[goal][1]
                return Action.INTERACT if ready else Action.STAY
        others = {where for number, (where, *_) in enumerate(self.cooks) if number != seat}
        return (
            self.first_step(cell, goal, others) or self.first_step(cell, goal, set()) or Action.STAY
        )

    def first_step(self, start: Cell, goal: Cell, blocked: set[Cell]) -> Action | None:
        """The first direction of a shortest way to a cell beside the goal."""
        ways: dict[Cell, Action | None] = {start: None}
        border = [start]
        while border:
            found = []
            for cell in border:
                if goal in beside(cell):
                    return ways[cell]
                for direction, near in zip(DIRECTIONS, beside(cell), strict=True):
                    if near in self.floor and near not in blocked and near not in ways:
                        ways[near] = ways[cell] or direction
                        found.append(near)
            border = found
        return None

    def room(self, start: Cell) -> frozenset[Cell]:
        """The floor that can be reached from a cell."""
        if start not in self.rooms:
            room, border = {start}, [start]
            while border:
                near = {cell for place in border for cell in beside(place)}
                border = list(near & self.floor - room)
                room.update(border)
            self.rooms.update(dict.fromkeys(room, frozenset(room)))
        return self.rooms[start]

    def reached(self, start: Cell, kind: str) -> list[Cell]:
        """The places of a kind that can be got at from a cell, nearest first."""
        room = self.room(start)
        if (room, kind) not in self.within:
            places = [place for place in self.places[kind] if room.intersection(beside(place))]
            self.within[room, kind] = places
        x, y = start
        return sorted(self.within[room, kind], key=lambda at: abs(at[0] - x) + abs(at[1] - y))

    def goal(self, seat: int) -> Cell | None:
        """The place to go to next."""
        cell, _, holding = self.cooks[seat]
        pots = self.reached(cell, "P")
        if not holding:
            return self.errand(seat)
        if holding == Item.ONION:
            wanted = [pot for pot in pots if self.pots[pot][0] < 3]
        elif holding == Item.DISH:
            full = [pot for pot in pots if self.pots[pot][0] == 3]
            wanted = sorted(full, key=lambda pot: self.pots[pot][1])
        else:
            wanted = self.reached(cell, "S")
        free = [place for place in self.reached(cell, "#") if not self.counters[place]]
        can_use = bool(pots) if holding != Item.SOUP else bool(self.reached(cell, "S"))
        handed_over = [
            place for place in free if set(beside(place)) & (self.floor - self.room(cell))
        ]
        return next(iter(wanted or (free if can_use else handed_over)), None)

    def errand(self, seat: int) -> Cell | None:
        """What somebody with empty hands goes for."""
        cell = self.cooks[seat][0]
        counters = self.reached(cell, "#")
        lying = {item: [at for at in counters if self.counters[at] == item] for item in Item}
        about = {item: self.promised.count(item) for item in Item}
        laid = {item: list(self.counters.values()).count(item) for item in Item}
        full = sum(onions == 3 for onions, _ in self.pots.values())
        missing = sum(3 - onions for onions, _ in self.pots.values())
        if lying[Item.SOUP] and self.reached(cell, "S"):
            return lying[Item.SOUP][0]
        for item, needed, dispensers in ((Item.DISH, full, "D"), (Item.ONION, missing, "O")):
            if self.reached(cell, "P") and lying[item] and about[item] < needed:
                self.promised[seat] = item
                return lying[item][0]
            sources = self.reached(cell, dispensers)
            if sources and about[item] + laid[item] < needed:
                self.promised[seat] = item
                return sources[0]
        return None
