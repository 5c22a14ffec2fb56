"""Kitchen: two to four cooks make onion soup together; a PettingZoo ``ParallelEnv`` in pure Python.

This text is an experiment's initialization code, run in every participant's browser: Pyodide runs
it as ``__main__``, which defines ``env``, while importing it has no side effect. It needs only the
standard library; where PettingZoo and Gymnasium are installed it uses their base class and spaces.

Cooks stand on the cells of a grid, numbered row by row. The state is whole numbers and nothing is
random, so every machine computes the same game. Positions between cells exist in pictures only.
"""

from collections.abc import Callable, Sequence
from enum import IntEnum
from types import SimpleNamespace
from typing import Any

try:
    from gymnasium.spaces import Box, Discrete
    from pettingzoo import ParallelEnv
except ImportError:
    ParallelEnv = object
    Box = Discrete = SimpleNamespace  # type: ignore[misc, assignment]

WIDTH = 600
HEIGHT = 400

LAYOUTS = {
    "galley": """
        ##P##P###
        O..1.2..O
        #.......#
        #...3...#
        ##D###S##
    """,
    "divide": """
        ##O###P##
        #.1.#.2.P
        O...#...#
        D...#...S
        #.3.#.4.#
        ##D######
    """,
    "hall": """
        ###P##P###
        O.1....2.O
        #...##...#
        D...##...S
        #.3....4.#
        ##D####S##
    """,
}
"""The kitchens by name. A digit is where the cook of that number begins, ``.`` floor, ``#`` a
counter that holds one item, ``O`` onions, ``D`` dishes, ``P`` a pot and ``S`` the serving window.
In the divide no cook reaches everything: they hand things over the counter."""

FURNITURE = "#ODPS"
STARTS = "1234"
FLOOR_SYMBOLS = "." + STARTS

MAX_COLUMNS = 10
MAX_ROWS = 6
"""A kitchen of this many columns and rows fills the picture."""

MOVE_FRAMES = 5
"""Frames that a cook takes from one cell to the next: six cells a second at 30 frames."""
COOK_FRAMES = 240
"""Frames from a pot's last onion to its soup."""
ONIONS_PER_SOUP = 3
CHEER_FRAMES = 30
"""Frames for which a delivery is shown."""

COOK_COLORS = {"blue": "#2f6fb7", "orange": "#b95a08", "green": "#1a7d5e", "purple": "#97458b"}
"""The agents in seat order. Hats bear the initial, as no four colours suit all colour vision."""

TILE = 55
"""A multiple of ``MOVE_FRAMES``, so that cooks on their way are drawn at whole numbers."""
KITCHEN_TOP = 48
"""Where the room for the kitchen begins; the score is above it."""
COUNTER_FRONT = 9
"""How much of the front of a counter is visible, in pixels."""

ONION_SHAPE = (
    *((0, -14), (2, -9), (7, -6), (10, 0), (8, 6), (3, 9)),
    *((-3, 9), (-8, 6), (-10, 0), (-7, -6), (-2, -9)),
)

WALL = "#dde5e6"
FLOOR = "#f6efe2"
FLOOR_LINE = "#eadfcb"
COUNTER = "#b4bfc6"
COUNTER_LINE = "#a8b4bc"
COUNTER_EDGE = "#87959e"
INK = "#2b3a44"
SKIN = "#f3cfa9"
DARK_STEEL = "#2b343b"
ONION = "#e3a23c"
ONION_EDGE = "#8f5a17"
CHINA = "#ffffff"
CHINA_EDGE = "#8496a1"
SOUP = "#c56a1d"
COOKING = "#ffc857"
READY = "#2f9e6b"


class Action(IntEnum):
    """What an agent can do in a frame."""

    STAY = 0
    UP = 1
    DOWN = 2
    LEFT = 3
    RIGHT = 4
    INTERACT = 5


class Item(IntEnum):
    """What a cook or a counter can hold."""

    NOTHING = 0
    ONION = 1
    DISH = 2
    SOUP = 3


_ACTIONS = {int(action): int(action) for action in Action}
_DIRECTIONS = (1, 2, 3, 4)
_FACINGS = ("", "up", "down", "left", "right")
_HEADINGS = ((0, 0), (0, -1), (0, 1), (-1, 0), (1, 0))
"""Columns and rows that a move changes, by action."""
_ITEMS = tuple(item.name.lower() for item in Item)

Observation = tuple[int, ...]
Info = dict[str, int | str]
State = tuple[int, ...]
Command = dict[str, Any]


class _Plan:
    """A layout, read: what is in each cell. It never changes."""

    def __init__(self, layout: str) -> None:
        text = LAYOUTS.get(layout, layout) if isinstance(layout, str) else ""
        rows = [row.strip() for row in text.strip().splitlines()]
        if not _is_kitchen(rows):
            raise ValueError(
                f"layout is {layout!r}: give one of {', '.join(LAYOUTS)}, or a map like theirs of "
                f"3 to {MAX_ROWS} rows and 3 to {MAX_COLUMNS} columns with no floor at its edge."
            )
        self.columns = len(rows[0])
        self.rows = len(rows)
        self.symbols = "".join(rows)
        self.starts = [self.symbols.index(cook) for cook in STARTS if cook in self.symbols]
        self.is_floor = [symbol in FLOOR_SYMBOLS for symbol in self.symbols]
        self.offsets = [dx + dy * self.columns for dx, dy in _HEADINGS]
        self.counters = self._reachable("#")
        self.pots = self._reachable("P")

    def _reachable(self, symbol: str) -> dict[int, int]:
        """Number the cells with a symbol that lie beside floor."""
        cells = [
            cell
            for cell, found in enumerate(self.symbols)
            if found == symbol and any(self.is_floor[near] for near in self._beside(cell))
        ]
        return {cell: number for number, cell in enumerate(cells)}

    def _beside(self, cell: int) -> list[int]:
        y, x = divmod(cell, self.columns)
        return [
            cell + dx + dy * self.columns
            for dx, dy in _HEADINGS
            if 0 <= x + dx < self.columns and 0 <= y + dy < self.rows
        ]


def _is_kitchen(rows: list[str]) -> bool:
    if not 3 <= len(rows) <= MAX_ROWS:
        return False
    columns, symbols = len(rows[0]), "".join(rows)
    edge = rows[0] + rows[-1] + "".join(row[:1] + row[-1:] for row in rows)
    return (
        3 <= columns <= MAX_COLUMNS
        and all(len(row) == columns for row in rows)
        and set(symbols) <= {*FURNITURE, *FLOOR_SYMBOLS}
        and set(edge) <= {*FURNITURE}
        and all(symbols.count(start) <= 1 for start in STARTS)
    )


class _Cook:
    """One cook. A move changes the cell at once; ``wait`` frames later the cook has arrived."""

    __slots__ = (
        *("cell", "facing", "holding", "heading", "wait", "pressing", "reaching"),
        *("onions_potted", "soups_plated", "soups_delivered"),
    )

    def __init__(self, cell: int) -> None:
        self.load((cell, int(Action.DOWN), 0, 0, 0, 0, 0, 0, 0, 0))

    def load(self, numbers: Sequence[int]) -> None:
        self.cell, self.facing, self.holding, self.heading, self.wait = numbers[:5]
        self.pressing, self.reaching = numbers[5:7]
        self.onions_potted, self.soups_plated, self.soups_delivered = numbers[7:]

    def save(self) -> State:
        return (
            *(self.cell, self.facing, self.holding, self.heading, self.wait),
            *(self.pressing, self.reaching),
            *(self.onions_potted, self.soups_plated, self.soups_delivered),
        )

    def take(self, order: int) -> None:
        """Turn, or note a press of the interaction's key; the cook turns after that is done."""
        pressed = order == Action.INTERACT
        if pressed and not self.pressing:
            self.reaching = 1
        self.pressing = int(pressed)
        if order in _DIRECTIONS and not self.reaching:
            self.facing = order


_NUMBERS_PER_COOK = len(_Cook.__slots__)


class Kitchen(ParallelEnv):  # type: ignore[misc]
    """A shift of ``max_steps`` frames in which cooks deliver as many soups as they can.

    The agents are the first of ``COOK_COLORS``, the actions those of `Action`. Three onions in a
    pot cook into a soup; taken out with a dish and delivered at the window, it is a reward of 1 for
    every agent.

    A direction turns the cook, and moves it if nothing is in the way; held, it goes on moving.
    ``INTERACT`` takes, puts, pots, plates or delivers at the cell ahead, once per key press; during
    a move it waits for the arrival. In every frame all interactions come first, in seat order, then
    all moves at once: cooks who want the same cell, or to change places, all stay, and a cook who
    follows another moves if the other does. So no seat has an advantage in moving.

    An observation is whole numbers: column, row, facing and item of the agent itself and then of
    the others in seat order (the first after the last), each pot's onions and frames left to cook,
    and each counter's item. The infos are for the data: the same keys for all agents.
    """

    metadata = {  # noqa: RUF012
        "name": "kitchen",
        "render_modes": ["draw_commands"],
        "render_fps": 30,
        "is_parallelizable": True,
    }
    render_mode = "draw_commands"

    def __init__(self, layout: str = "galley", cooks: int = 2, max_steps: int = 1800) -> None:
        """Make an environment that is already reset.

        ``layout`` is a name in ``LAYOUTS``, or a map of one's own like those. ``max_steps`` is the
        length of an episode in frames. Raises ``ValueError`` for a layout that is neither, for
        fewer cooks than two or more than the layout has places for, or if ``max_steps`` is not a
        positive integer.
        """
        self._plan = _Plan(layout)
        places = len(self._plan.starts)
        if type(cooks) is not int or not 2 <= cooks <= places:
            raise ValueError(f"cooks is {cooks!r}: give 2 to {places}, the places of this layout.")
        if type(max_steps) is not int or max_steps < 1:
            raise ValueError(f"max_steps is {max_steps!r}: give a positive integer.")
        self.max_steps = max_steps
        self.possible_agents = list(COOK_COLORS)[:cooks]
        size = 4 * cooks + 2 * len(self._plan.pots) + len(self._plan.counters)
        self._observation_spaces = {
            agent: Box(low=0.0, high=float(COOK_FRAMES), shape=(size,))
            for agent in self.possible_agents
        }
        self._action_spaces = {agent: Discrete(n=len(Action)) for agent in self.possible_agents}
        self._scenery = _Scenery(self._plan)
        self.reset()

    def observation_space(self, agent: str) -> Any:
        """The agent's ``Box``; without Gymnasium, a namespace with its low, high and shape."""
        return self._observation_spaces[agent]

    def action_space(self, agent: str) -> Any:
        """The agent's ``Discrete``; without Gymnasium, a namespace with its n."""
        return self._action_spaces[agent]

    def reset(
        self, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[dict[str, Observation], dict[str, Info]]:
        """Begin a shift. Nothing is random, so ``seed`` and ``options`` change nothing."""
        plan = self._plan
        self._cooks = [_Cook(cell) for cell in plan.starts[: len(self.possible_agents)]]
        self._counters = [int(Item.NOTHING)] * len(plan.counters)
        self._onions = [0] * len(plan.pots)
        self._cooking = [0] * len(plan.pots)
        self._steps = self._soups = self._cheer = self._cheer_cell = 0
        self._update_agents()
        return self._observations(), self._infos()

    def step(
        self, actions: dict[str, int]
    ) -> tuple[
        dict[str, Observation],
        dict[str, float],
        dict[str, bool],
        dict[str, bool],
        dict[str, Info],
    ]:
        """Advance a frame; a finished shift stays as it is and returns empty dicts.

        Raises ``ValueError`` for an action that is not an `Action`, and ``KeyError`` if an agent
        has none.
        """
        if not self.agents:
            return {}, {}, {}, {}, {}
        orders = [_checked(actions[agent]) for agent in self.possible_agents]
        self._steps += 1
        self._cheer = max(0, self._cheer - 1)
        self._cooking = [frames - 1 if frames else 0 for frames in self._cooking]
        soups = self._soups
        movers = []
        for cook, order in zip(self._cooks, orders, strict=True):
            arrived = not cook.wait
            if not arrived:
                cook.wait -= 1
            cook.take(order)
            if cook.reaching:
                if arrived:
                    cook.reaching = 0
                    self._interact(cook)
            elif arrived and order in _DIRECTIONS:
                movers.append(cook)
        if movers:
            self._move(movers)
        self._update_agents()
        names, over = self.possible_agents, not self.agents
        return (
            self._observations(),
            dict.fromkeys(names, float(self._soups - soups)),
            dict.fromkeys(names, False),
            dict.fromkeys(names, over),
            self._infos(),
        )

    def get_state(self) -> State:
        """Everything that changes, as whole numbers; `set_state` takes them back."""
        numbers = [self._steps, self._soups, self._cheer, self._cheer_cell]
        numbers += self._onions
        numbers += self._cooking
        for cook in self._cooks:
            numbers += cook.save()
        return (*numbers, *self._counters)

    def set_state(self, state: State) -> None:
        """Return to the frame in which `get_state` gave ``state``."""
        self._steps, self._soups, self._cheer, self._cheer_cell = state[:4]
        pots = len(self._onions)
        self._onions = list(state[4 : 4 + pots])
        self._cooking = list(state[4 + pots : 4 + 2 * pots])
        begin = 4 + 2 * pots
        for cook in self._cooks:
            cook.load(state[begin : begin + _NUMBERS_PER_COOK])
            begin += _NUMBERS_PER_COOK
        self._counters = list(state[begin:])
        self._update_agents()

    def close(self) -> None:
        """Do nothing, as there is nothing to release."""

    def _update_agents(self) -> None:
        self.agents = [] if self._steps >= self.max_steps else self.possible_agents[:]

    def _interact(self, cook: _Cook) -> None:
        cell = cook.cell + self._plan.offsets[cook.facing]
        station, held = self._plan.symbols[cell], cook.holding
        if station == "#":
            counter = self._plan.counters[cell]
            there = self._counters[counter]
            if not (held and there):
                self._counters[counter], cook.holding = held, there
        elif station == "P":
            self._use_pot(cook, self._plan.pots[cell])
        elif station == "S":
            if held == Item.SOUP:
                cook.holding = int(Item.NOTHING)
                cook.soups_delivered += 1
                self._soups += 1
                self._cheer, self._cheer_cell = CHEER_FRAMES, cell
        elif not held and station in "OD":
            cook.holding = int(Item.ONION if station == "O" else Item.DISH)

    def _use_pot(self, cook: _Cook, pot: int) -> None:
        onions = self._onions[pot]
        if cook.holding == Item.ONION and onions < ONIONS_PER_SOUP:
            self._onions[pot] = onions + 1
            cook.holding = int(Item.NOTHING)
            cook.onions_potted += 1
            if onions + 1 == ONIONS_PER_SOUP:
                self._cooking[pot] = COOK_FRAMES
        elif cook.holding == Item.DISH and onions == ONIONS_PER_SOUP and not self._cooking[pot]:
            self._onions[pot] = 0
            cook.holding = int(Item.SOUP)
            cook.soups_plated += 1

    def _move(self, movers: list[_Cook]) -> None:
        """Move all who can.

        Refusals are found for all cooks at once, and again until there are no more, as a cook who
        is refused stands in others' way. Each depends on the cells, not on the seats.
        """
        cooks, plan = self._cooks, self._plan
        wanted = {cook: cook.cell for cook in cooks}
        for cook in movers:
            cell = cook.cell + plan.offsets[cook.facing]
            if plan.is_floor[cell]:
                wanted[cook] = cell
        while refused := [
            cook
            for cook in movers
            if (cell := wanted[cook]) != cook.cell
            and any(
                wanted[other] == cell or (other.cell == cell and wanted[other] == cook.cell)
                for other in cooks
                if other is not cook
            )
        ]:
            for cook in refused:
                wanted[cook] = cook.cell
        for cook in movers:
            if wanted[cook] != cook.cell:
                cook.cell = wanted[cook]
                cook.heading = cook.facing
                cook.wait = MOVE_FRAMES - 1

    def _observations(self) -> dict[str, Observation]:
        columns = self._plan.columns
        seen: list[int] = []
        for cook in self._cooks:
            y, x = divmod(cook.cell, columns)
            seen += (x, y, cook.facing, cook.holding)
        shared: list[int] = []
        for pot in zip(self._onions, self._cooking, strict=True):
            shared += pot
        shared += self._counters
        return {
            agent: (*seen[4 * seat :], *seen[: 4 * seat], *shared)
            for seat, agent in enumerate(self.possible_agents)
        }

    def _infos(self) -> dict[str, Info]:
        columns = self._plan.columns
        return {
            agent: {
                "x": cook.cell % columns,
                "y": cook.cell // columns,
                "facing": _FACINGS[cook.facing],
                "holding": _ITEMS[cook.holding],
                "soups_delivered": self._soups,
                "own_onions_potted": cook.onions_potted,
                "own_soups_plated": cook.soups_plated,
                "own_soups_delivered": cook.soups_delivered,
            }
            for agent, cook in zip(self.possible_agents, self._cooks, strict=True)
        }

    def render(self) -> list[Command]:
        """The present frame as draw commands, for a canvas of ``WIDTH`` × ``HEIGHT``."""
        scenery = self._scenery
        commands = [command.copy() for command in scenery.commands]
        commands += _draw_score(self._soups, self.max_steps - self._steps)
        for cell, pot in self._plan.pots.items():
            x, y = scenery.centre(cell)
            commands += _draw_pot(x, y, self._onions[pot], self._cooking[pot], f"pot_{pot}")
        for cell, counter in self._plan.counters.items():
            if self._counters[counter]:
                commands += _draw_item(self._counters[counter], *scenery.centre(cell))
        places = [self._place(cook) for cook in self._cooks]
        # Cooks nearer to the viewer are drawn over those behind.
        for seat in sorted(range(len(places)), key=lambda seat: places[seat][1]):
            agent = self.possible_agents[seat]
            commands += _draw_cook(agent, self._cooks[seat], *places[seat])
        if self._cheer:
            commands.append(scenery.draw_cheer(self._cheer_cell, self._cheer))
        return commands

    def _place(self, cook: _Cook) -> tuple[int, int]:
        """Where a cook is in the picture, on its way between cells."""
        x, y = self._scenery.centre(cook.cell)
        dx, dy = _HEADINGS[cook.heading]
        behind = TILE * cook.wait // MOVE_FRAMES
        return x - dx * behind, y - dy * behind


def make_env(layout: str = "galley", cooks: int = 2, max_steps: int = 1800) -> Kitchen:
    """The environment that the experiment plays."""
    return Kitchen(layout=layout, cooks=cooks, max_steps=max_steps)


def _checked(action: int) -> int:
    try:
        return _ACTIONS[action]
    except (KeyError, TypeError):
        raise ValueError(f"{action!r} is not an action: give one of 0 to 5.") from None


class _Scenery:
    """The kitchen without what changes in it: draw commands, and where cells are."""

    def __init__(self, plan: _Plan) -> None:
        self._plan = plan
        self._left = (WIDTH - plan.columns * TILE) // 2
        self._top = KITCHEN_TOP + (HEIGHT - 12 - KITCHEN_TOP - plan.rows * TILE) // 2
        self.commands = [
            _rect(0, 0, WIDTH, HEIGHT, WALL),
            *_draw_recipe(WIDTH // 2, 26),
            *self._draw_room(),
            *(command for cell in range(len(plan.symbols)) for command in self._draw_station(cell)),
        ]

    def corner(self, cell: int) -> tuple[int, int]:
        """The top left of a cell in the picture."""
        y, x = divmod(cell, self._plan.columns)
        return self._left + x * TILE, self._top + y * TILE

    def centre(self, cell: int) -> tuple[int, int]:
        """The middle of a cell in the picture."""
        x, y = self.corner(cell)
        return x + TILE // 2, y + TILE // 2

    def draw_cheer(self, cell: int, frames: int) -> Command:
        """A rising mark by the window of a cell, where it hides no cook."""
        x, y = self.centre(cell)
        if 0 < cell % self._plan.columns < self._plan.columns - 1:
            x, y = x + TILE * 3 // 4, y + 8
        else:
            y -= 28
        y -= (CHEER_FRAMES - frames) // 2
        alpha = round(frames / CHEER_FRAMES, 2)
        return _text(x, y, "+1", 24, INK, id="cheer", align="center", alpha=alpha)

    def _draw_room(self) -> list[Command]:
        left, top = self._left, self._top
        width, height = self._plan.columns * TILE, self._plan.rows * TILE
        x, y, right, bottom = left + TILE, top + TILE, left + width - TILE, top + height - TILE
        # Two lines in all: each goes to and fro between the edges.
        across = [[[at, y], [at, bottom]] for at in range(x, right + 1, TILE)]
        along = [[[x, at], [right, at]] for at in range(y, bottom + 1, TILE)]
        lines = [
            [point for n, ends in enumerate(line) for point in ends[:: -1 if n % 2 else 1]]
            for line in (across, along)
        ]
        return [
            _rect(left, top, width, height + COUNTER_FRONT, COUNTER_EDGE, radius=8),
            _rect(left, top, width, height, COUNTER, radius=8),
            *self._draw_counter_cells(),
            _rect(x, y, right - x, bottom - y, FLOOR),
            *(_line(points, 2, FLOOR_LINE) for points in lines),
            *self._draw_islands(),
            *self._draw_fronts(),
        ]

    def _draw_counter_cells(self) -> list[Command]:
        """Lines between the cells of the counters along the walls."""
        left, top = self._left, self._top
        right, bottom = left + self._plan.columns * TILE, top + self._plan.rows * TILE
        downwards = [(x, x, top + 1, bottom - 1) for x in range(left + TILE, right, TILE)]
        across = [(left + 1, right - 1, y, y) for y in range(top + TILE, bottom, TILE)]
        return [
            _line([[x0, y0], [x1, y1]], 2, COUNTER_LINE) for x0, x1, y0, y1 in downwards + across
        ]

    def _draw_islands(self) -> list[Command]:
        """The counters that stand in the room, column by column."""
        plan = self._plan
        columns = [range(x, len(plan.symbols), plan.columns) for x in range(1, plan.columns - 1)]
        islands = []
        for column in columns:
            for cell, length in _runs(column[1:-1], lambda cell: not plan.is_floor[cell]):
                x, y = self.corner(cell)
                # A pixel wider, as neighbours of the same colour would show a seam.
                islands.append(_rect(x, y, TILE + 1, length * TILE, COUNTER))
        return islands

    def _draw_fronts(self) -> list[Command]:
        """The fronts of counters that have floor before them, row by row."""
        plan = self._plan

        def has_front(cell: int) -> bool:
            return plan.is_floor[cell] and not plan.is_floor[cell - plan.columns]

        fronts = []
        for first in range(plan.columns, len(plan.symbols) - plan.columns, plan.columns):
            for cell, length in _runs(range(first, first + plan.columns), has_front):
                x, y = self.corner(cell)
                fronts.append(_rect(x, y, length * TILE, COUNTER_FRONT, COUNTER_EDGE))
        return fronts

    def _draw_station(self, cell: int) -> list[Command]:
        x, y = self.centre(cell)
        station = self._plan.symbols[cell]
        if station == "O":
            crate = _rect(x - 21, y - 19, 42, 40, "#614c38", stroke="#a98a66", stroke_width=4)
            return [crate, _onion(x - 8, y), _onion(x + 7, y + 6)]
        if station == "D":
            rim = {"stroke": CHINA_EDGE}
            pile = [_circle(x, y + 7 - 6 * number, 18, CHINA, **rim) for number in range(3)]
            return [*pile, _circle(x, y - 5, 11, "#e6ecef")]
        if station == "P":
            return [_rect(x - 23, y - 23, 46, 46, "#6d7982", radius=7)]
        if station == "S":
            return self._draw_window(cell, x, y)
        return []

    def _draw_window(self, cell: int, x: int, y: int) -> list[Command]:
        """A hatch with an arrow that points out of the kitchen."""
        columns = self._plan.columns
        dx = -1 if cell % columns == 0 else 1 if cell % columns == columns - 1 else 0
        dy = 0 if dx else -1 if cell < columns else 1
        tip = [x + dx * 20, y + dy * 20]
        wings = [[x + dx * 13 + dy * side, y + dy * 13 + dx * side] for side in (-10, 10)]
        return [
            _rect(x - 24, y - 24, 48, 48, "#3d5a6c", radius=7),
            *_soup(x - 6 * dx, y - 6 * dy),
            _line([wings[0], tip, wings[1]], 4, "#ffffff"),
        ]


def _runs(cells: range, belongs: Callable[[int], bool]) -> list[tuple[int, int]]:
    """First cell and length of each run of cells that belong."""
    runs: list[tuple[int, int]] = []
    length = 0
    for cell in cells:
        if belongs(cell):
            length += 1
            continue
        if length:
            runs.append((cell - length * cells.step, length))
        length = 0
    if length:
        runs.append((cells[-length], length))
    return runs


def _rect(x: int, y: int, width: int, height: int, color: str, **fields: Any) -> Command:
    place = {"x": x, "y": y, "width": width, "height": height}
    return {"type": "rect", "color": color, **place, **fields}


def _circle(x: int, y: int, radius: int, color: str, **fields: Any) -> Command:
    return {"type": "circle", "color": color, "x": x, "y": y, "radius": radius, **fields}


def _line(points: list[Any], width: int, color: str) -> Command:
    return {"type": "line", "color": color, "points": points, "width": width}


def _text(x: int, y: int, text: str, size: int, color: str, **fields: Any) -> Command:
    font = {"text": text, "size": size, "weight": "700"}
    return {"type": "text", "color": color, "x": x, "y": y, **font, **fields}


def _onion(x: int, y: int, **fields: Any) -> Command:
    points = [[x + dx, y + dy] for dx, dy in ONION_SHAPE]
    return {"type": "polygon", "color": ONION, "points": points, "stroke": ONION_EDGE, **fields}


def _soup(x: int, y: int, name: str = "") -> list[Command]:
    bowl, soup = ({"id": f"{name}_bowl"}, {"id": f"{name}_soup"}) if name else ({}, {})
    return [
        _circle(x, y, 13, CHINA, stroke=CHINA_EDGE, stroke_width=2, **bowl),
        _circle(x, y, 8, SOUP, **soup),
    ]


def _draw_recipe(x: int, y: int) -> list[Command]:
    """What makes a soup: onions, a pot, a dish."""
    commands = [_onion(x - 84 + 22 * number, y) for number in range(ONIONS_PER_SOUP)]
    for at in (x - 15, x + 38):
        commands.append(_line([[at - 4, y - 6], [at + 3, y], [at - 4, y + 6]], 3, INK))
    return [
        *commands,
        _circle(x + 12, y, 11, SOUP, stroke=DARK_STEEL, stroke_width=5),
        *_soup(x + 64, y),
    ]


def _draw_score(soups: int, frames_left: int) -> list[Command]:
    seconds = -(-frames_left // 30)
    time = f"{seconds // 60}:{seconds % 60:02}"
    return [
        *_soup(34, 26),
        _text(58, 34, str(soups), 24, INK),
        _text(WIDTH - 22, 34, time, 24, INK, align="right"),
    ]


def _draw_pot(x: int, y: int, onions: int, cooking: int, name: str) -> list[Command]:
    """A pot, and below it how many onions are in, how far it has cooked, or that it is ready."""
    done = onions == ONIONS_PER_SOUP
    inside = SOUP if done and not cooking else "#d9a566" if done else "#77838c"
    pot = _circle(x, y - 6, 14, inside, stroke=DARK_STEEL, stroke_width=5)
    sign = _rect(x - 21, y + 12, 42, 12, DARK_STEEL, radius=6)
    if not done:
        slots = [(x - 12 + 12 * number, ONION) for number in range(onions)]
        slots += [(x - 12 + 12 * number, "#55616a") for number in range(onions, ONIONS_PER_SOUP)]
        return [pot, sign, *(_circle(at, y + 18, 4, color) for at, color in slots)]
    if not cooking:
        tick = [[x - 6, y + 18], [x - 2, y + 21], [x + 6, y + 15]]
        return [pot, {**sign, "color": READY}, _line(tick, 3, "#ffffff")]
    width = 8 + 30 * (COOK_FRAMES - cooking) // COOK_FRAMES
    bar = _rect(x - 19, y + 14, width, 8, COOKING, radius=4, id=f"{name}_progress")
    return [pot, sign, bar]


def _draw_item(item: int, x: int, y: int, name: str = "") -> list[Command]:
    if item == Item.SOUP:
        return _soup(x, y, name)
    fields = {"id": f"{name}_{_ITEMS[item]}"} if name else {}
    if item == Item.ONION:
        return [_onion(x, y, **fields)]
    return [
        _circle(x, y, 12, CHINA, stroke=CHINA_EDGE, stroke_width=2, **fields),
        _circle(x, y, 7, "#e6ecef", **({"id": f"{name}_well"} if name else {})),
    ]


def _draw_cook(agent: str, cook: _Cook, x: int, y: int) -> list[Command]:
    color = COOK_COLORS[agent]
    dx, dy = _HEADINGS[cook.facing]
    shadow = {"x": x, "y": y + 20, "radius_x": 16, "radius_y": 5, "alpha": 0.18}
    held: list[Command] = []
    if cook.holding:
        hand_x, hand_y = x + 17 * dx + (14 if dy < 0 else 0), y + 9 + 6 * dy
        held = _draw_item(cook.holding, hand_x, hand_y, agent)
    eyes = [
        _circle(x + 6 * dx - 4, y - 5, 2, INK, id=f"{agent}_left_eye"),
        _circle(x + 6 * dx + 4, y - 5, 2, INK, id=f"{agent}_right_eye"),
    ]
    return [
        {"type": "ellipse", "color": "#3b3020", "id": f"{agent}_shadow", **shadow},
        *(held if dy < 0 else ()),
        _rect(x - 14, y - 2, 28, 22, color, id=agent, radius=10),
        _circle(x, y - 6, 11, SKIN, id=f"{agent}_head"),
        *(eyes if dy >= 0 else ()),
        _rect(x - 13, y - 29, 26, 18, color, id=f"{agent}_hat", stroke="#ffffff", radius=7),
        _text(x, y - 15, agent[0].upper(), 13, "#ffffff", id=f"{agent}_mark", align="center"),
        *(held if dy >= 0 else ()),
    ]


if __name__ == "__main__":
    env = make_env()
