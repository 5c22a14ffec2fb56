"""Slime volleyball: a two-player PettingZoo ``ParallelEnv`` in pure Python.

This text is the experiment's initialization code, run in every participant's browser. Pyodide runs
it as ``__main__``, which defines ``env``; imported elsewhere it has no side effect. It needs the
standard library alone: PettingZoo and Gymnasium lend base class and spaces only where installed.

Positions are pixels, ``x`` from the net (positive to the right), ``y`` up from the floor;
velocities are pixels per frame, made for 30 frames per second. The physics uses ``+ - * /`` and
``sqrt`` alone, which IEEE 754 rounds exactly, so every machine computes the same match.
"""

from enum import IntEnum
from math import sqrt
from types import SimpleNamespace
from typing import Any

try:
    from pettingzoo import ParallelEnv
except ImportError:
    ParallelEnv = object

WIDTH = 600
HEIGHT = 400
FLOOR_Y = 340
"""Height of the floor in the picture, whose y grows downwards."""

SLIME_RADIUS = 40.0
SLIME_SPEED = 7.0
JUMP_SPEED = 13.0
SLIME_GRAVITY = 1.0
HOME_X = 150.0
"""Distance of a slime from the net when a match begins."""

BALL_RADIUS = 14.0
BALL_GRAVITY = 0.5
BALL_MAX_SPEED = 16.0

NET_HEIGHT = 62.0
NET_HALF_WIDTH = 5.0
"""The net is a post of this half width, rounded at the top."""

SLIME_RESTITUTION = 0.85
MIN_REBOUND = 8.0
"""A slime throws the ball back at least this fast, so that the ball never comes to rest on it."""
FREE_TOUCHES = 3
CARRY_PUSH = 0.4
"""Each touch of one side after its free ones pushes the ball this much more towards the net."""
NET_RESTITUTION = 0.7
ROLL_OFF_SPEED = 1.0
"""The ball leaves the top of the net sideways at least this fast."""
WALL_RESTITUTION = 0.9

SERVE_HEIGHT = 230.0
SERVE_SPREAD = 24.0
"""A served ball starts at most this far from the middle of a side."""
SERVE_FRAMES = 30
"""Frames for which the ball hangs in the air before a serve."""
POINT_FRAMES = 24
"""Frames for which the ball lies where it fell, before the next serve."""

LEFT_COLOR = "#3a6fd0"
RIGHT_COLOR = "#ef7d3a"
BALL_COLOR = "#ffd23f"
INK = "#2b3a55"

SUBSTEPS = 4
"""Physics steps in a frame: the fastest ball moves 4 pixels in each and cannot tunnel."""
DT = 1.0 / SUBSTEPS


class Action(IntEnum):
    """What an agent can do in a frame."""

    STAY = 0
    LEFT = 1
    RIGHT = 2
    JUMP = 3
    JUMP_LEFT = 4
    JUMP_RIGHT = 5


_MOVES = {
    Action.STAY: (0.0, False),
    Action.LEFT: (-SLIME_SPEED, False),
    Action.RIGHT: (SLIME_SPEED, False),
    Action.JUMP: (0.0, True),
    Action.JUMP_LEFT: (-SLIME_SPEED, True),
    Action.JUMP_RIGHT: (SLIME_SPEED, True),
}

Observation = tuple[float, ...]
State = tuple[float | int, ...]
Command = dict[str, Any]


class _Body:
    """Something that moves: the ball, or a slime (whose position is the middle of its base)."""

    __slots__ = ("vx", "vy", "x", "y")

    def __init__(self) -> None:
        self.place(0.0, 0.0)

    def place(self, x: float, y: float, vx: float = 0.0, vy: float = 0.0) -> None:
        self.x, self.y, self.vx, self.vy = x, y, vx, vy

    def clear_of(self, x: float, y: float, nx: float, ny: float, reach: float) -> None:
        """Move out along the unit normal until ``reach`` away from a point."""
        self.x, self.y = x + nx * reach, y + ny * reach


class SlimeVolleyball(ParallelEnv):  # type: ignore[misc]
    """A match: the first agent with ``points_to_win`` points wins.

    The agents are ``left`` and ``right``, the actions those of `Action`. An agent gains a point
    (reward +1, the other -1) when the ball falls on the other's side; that side serves next.

    An observation is twelve floats, position and velocity (x, y, vx, vy) of the agent itself, of
    its opponent and of the ball, scaled to about one and mirrored for the right agent: both see
    themselves on the left. The infos hold the same in pixels, not mirrored, for the data.
    """

    metadata = {  # noqa: RUF012
        "name": "slime_volleyball",
        "render_modes": ["draw_commands"],
        "render_fps": 30,
        "is_parallelizable": True,
    }
    render_mode = "draw_commands"

    def __init__(self, points_to_win: int = 3, max_steps: int | None = None) -> None:
        """Make a match, already reset.

        ``max_steps`` truncates the episode after so many frames; ``None`` never does. Raises
        ``ValueError`` if either is not a positive integer.
        """
        for name, value in (("points_to_win", points_to_win), ("max_steps", max_steps)):
            if value is None and name == "max_steps":
                continue
            if type(value) is not int or value < 1:
                raise ValueError(f"{name} is {value!r}: give a positive integer.")
        self.points_to_win = points_to_win
        self.max_steps = max_steps
        self.possible_agents = ["left", "right"]
        self._spaces = {agent: _spaces() for agent in self.possible_agents}
        self._left = _Body()
        self._right = _Body()
        self._ball = _Body()
        self._rng = 0
        self.reset()

    def observation_space(self, agent: str) -> Any:
        """The space of ``agent``'s observations: a Gymnasium ``Box``, or its low, high, shape."""
        return self._spaces[agent][0]

    def action_space(self, agent: str) -> Any:
        """The space of ``agent``'s actions: a Gymnasium ``Discrete``, or its n."""
        return self._spaces[agent][1]

    def reset(
        self, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[dict[str, Observation], dict[str, dict[str, Any]]]:
        """Begin a match.

        ``seed`` (its low 32 bits) seeds the serves; without one their generator runs on from where
        it is, beginning at 0. There are no ``options``.
        """
        if seed is not None:
            self._rng = seed & 0xFFFFFFFF
        self._left.place(-HOME_X, 0.0)
        self._right.place(HOME_X, 0.0)
        self._score_left = 0
        self._score_right = 0
        self._steps = 0
        self._serving = 1 if self._draw() & 1 else -1
        self._prepare_serve()
        self._pause = SERVE_FRAMES
        self._update_agents()
        return self._observations(), self._infos()

    def step(
        self, actions: dict[str, int]
    ) -> tuple[
        dict[str, Observation],
        dict[str, float],
        dict[str, bool],
        dict[str, bool],
        dict[str, dict[str, Any]],
    ]:
        """Advance one frame.

        A finished match stays as it is and returns empty dicts. Raises ``ValueError`` for an
        action that is not one of `Action` and ``KeyError`` for an agent without one.
        """
        if not self.agents:
            return {}, {}, {}, {}, {}
        self._steer(self._left, actions["left"])
        self._steer(self._right, actions["right"])
        self._steps += 1
        scorer = 0
        if self._pause:
            self._move_slimes(1.0)
            self._pause -= 1
            if self._pause == SERVE_FRAMES:
                self._prepare_serve()
        else:
            for _ in range(SUBSTEPS):
                self._move_slimes(DT)
                scorer = self._move_ball()
                if scorer:
                    self._award_point(scorer)
                    break
        self._update_agents()
        won = max(self._score_left, self._score_right) >= self.points_to_win
        truncated = not (won or self.agents)
        return (
            self._observations(),
            {"left": -1.0 * scorer, "right": 1.0 * scorer},
            {"left": won, "right": won},
            {"left": truncated, "right": truncated},
            self._infos(),
        )

    def get_state(self) -> State:
        """Everything that changes in a match, as numbers that `set_state` takes back."""
        left, right, ball = self._left, self._right, self._ball
        return (
            *(left.x, left.y, left.vx, left.vy),
            *(right.x, right.y, right.vx, right.vy),
            *(ball.x, ball.y, ball.vx, ball.vy),
            *(self._score_left, self._score_right, self._steps, self._pause),
            *(self._serving, self._touched_by, self._touches, self._rally_touches, self._rng),
        )

    def set_state(self, state: State) -> None:
        """Put the match where it was when `get_state` returned ``state``."""
        left, right, ball = self._left, self._right, self._ball
        # fmt: off
        (
            left.x, left.y, left.vx, left.vy,
            right.x, right.y, right.vx, right.vy,
            ball.x, ball.y, ball.vx, ball.vy,
            self._score_left, self._score_right, self._steps, self._pause,
            self._serving, self._touched_by, self._touches, self._rally_touches, self._rng,
        ) = state  # type: ignore[assignment]
        # fmt: on
        self._update_agents()

    def render(self) -> list[Command]:
        """The draw commands of the present frame, for a canvas of ``WIDTH`` × ``HEIGHT``."""
        ball = self._ball
        return [
            *_backdrop(),
            _score(150, self._score_left),
            _score(450, self._score_right),
            *_slime("left", self._left, ball, LEFT_COLOR),
            *_slime("right", self._right, ball, RIGHT_COLOR),
            *_ball(ball),
            *self._cue(),
        ]

    def close(self) -> None:
        """Nothing to release."""

    def _draw(self) -> int:
        """The next 32 random bits.

        SplitMix (Steele, Lea and Flood, "Fast splittable pseudorandom number generators", 2014)
        with the 32-bit finalizer of MurmurHash3 (Austin Appleby) as its mixing function.
        """
        self._rng = z = (self._rng + 0x9E3779B9) & 0xFFFFFFFF
        z = ((z ^ (z >> 16)) * 0x85EBCA6B) & 0xFFFFFFFF
        z = ((z ^ (z >> 13)) * 0xC2B2AE35) & 0xFFFFFFFF
        return z ^ (z >> 16)

    def _prepare_serve(self) -> None:
        offset = (self._draw() / 2147483648.0 - 1.0) * SERVE_SPREAD
        self._ball.place(self._serving * HOME_X + offset, SERVE_HEIGHT)
        self._touched_by = 0
        self._touches = 0
        self._rally_touches = 0

    def _update_agents(self) -> None:
        finished = (
            self._score_left >= self.points_to_win
            or self._score_right >= self.points_to_win
            or (self.max_steps is not None and self._steps >= self.max_steps)
        )
        self.agents = [] if finished else self.possible_agents[:]

    def _award_point(self, scorer: int) -> None:
        if scorer < 0:
            self._score_left += 1
        else:
            self._score_right += 1
        self._serving = -scorer
        self._pause = POINT_FRAMES + SERVE_FRAMES
        self._ball.vx = self._ball.vy = 0.0

    @staticmethod
    def _steer(slime: _Body, action: int) -> None:
        try:
            slime.vx, jump = _MOVES[action]  # type: ignore[index]
        except KeyError:
            raise ValueError(f"{action!r} is not an action: give one of 0 to 5.") from None
        if jump and slime.y == 0.0:
            slime.vy = JUMP_SPEED

    def _move_slimes(self, dt: float) -> None:
        for slime, side in ((self._left, -1.0), (self._right, 1.0)):
            slime.x += slime.vx * dt
            distance = slime.x * side
            nearest = NET_HALF_WIDTH + SLIME_RADIUS
            farthest = WIDTH / 2 - SLIME_RADIUS
            if distance < nearest:
                slime.x, slime.vx = nearest * side, 0.0
            elif distance > farthest:
                slime.x, slime.vx = farthest * side, 0.0
            if slime.y > 0.0 or slime.vy > 0.0:
                slime.vy -= SLIME_GRAVITY * dt
                slime.y += slime.vy * dt
                if slime.y <= 0.0:
                    slime.y = slime.vy = 0.0

    def _move_ball(self) -> int:
        """Move the ball a sub-step; the side that gains a point by it (-1 left, 1 right), or 0."""
        ball = self._ball
        ball.vy -= BALL_GRAVITY * DT
        square = ball.vx * ball.vx + ball.vy * ball.vy
        if square > BALL_MAX_SPEED * BALL_MAX_SPEED:
            scale = BALL_MAX_SPEED / sqrt(square)
            ball.vx *= scale
            ball.vy *= scale
        ball.x += ball.vx * DT
        ball.y += ball.vy * DT
        reach = SLIME_RADIUS + BALL_RADIUS
        for slime, side in ((self._left, -1), (self._right, 1)):
            if abs(ball.x - slime.x) < reach and abs(ball.y - slime.y) < reach:
                self._meet_slime(slime, side)
        if abs(ball.x) < NET_HALF_WIDTH + BALL_RADIUS:
            self._meet_net()
        limit = WIDTH / 2 - BALL_RADIUS
        if abs(ball.x) > limit:
            side = 1 if ball.x > 0.0 else -1
            ball.x = limit * side
            if ball.vx * side > 0.0:
                ball.vx *= -WALL_RESTITUTION
        if ball.y > BALL_RADIUS:
            return 0
        ball.y = BALL_RADIUS
        return -1 if ball.x > 0.0 else 1

    def _meet_slime(self, slime: _Body, side: int) -> None:
        ball = self._ball
        x, y, reach = slime.x, slime.y, SLIME_RADIUS + BALL_RADIUS
        if ball.y < y:
            # Under the flat base of a jumping slime: its nearest point, not its middle, counts.
            x += min(max(ball.x - x, -SLIME_RADIUS), SLIME_RADIUS)
            reach = BALL_RADIUS
        nx, ny = ball.x - x, ball.y - y
        distance = sqrt(nx * nx + ny * ny)
        if distance >= reach or distance == 0.0:
            return
        nx /= distance
        ny /= distance
        ball.clear_of(x, y, nx, ny, reach)
        approach = (slime.vx - ball.vx) * nx + (slime.vy - ball.vy) * ny
        if approach <= 0.0:
            return
        impulse = approach + max(approach * SLIME_RESTITUTION, MIN_REBOUND)
        ball.vx += impulse * nx
        ball.vy += impulse * ny
        self._touches = self._touches + 1 if self._touched_by == side else 1
        self._touched_by = side
        self._rally_touches += 1
        if self._touches > FREE_TOUCHES:
            ball.vx -= side * CARRY_PUSH * (self._touches - FREE_TOUCHES)

    def _meet_net(self) -> None:
        ball = self._ball
        nx = ball.x
        y = min(ball.y, NET_HEIGHT)
        ny = ball.y - y
        reach = NET_HALF_WIDTH + BALL_RADIUS
        distance = sqrt(nx * nx + ny * ny)
        if distance >= reach or distance == 0.0:
            return
        nx /= distance
        ny /= distance
        ball.clear_of(0.0, y, nx, ny, reach)
        approach = -(ball.vx * nx + ball.vy * ny)
        if approach > 0.0:
            impulse = approach * (1.0 + NET_RESTITUTION)
            ball.vx += impulse * nx
            ball.vy += impulse * ny
        if ny > 0.0 and abs(ball.vx) < ROLL_OFF_SPEED:
            away = nx or -self._touched_by
            ball.vx = ROLL_OFF_SPEED if away > 0.0 else -ROLL_OFF_SPEED

    def _cue(self) -> list[Command]:
        """What a player has to be told: that the ball is out of sight, a point, a serve."""
        ball = self._ball
        x, y = round(WIDTH / 2 + ball.x, 2), round(FLOOR_Y - ball.y, 2)
        if y < -BALL_RADIUS:
            points = [[x, 8], [round(x - 9, 2), 22], [round(x + 9, 2), 22]]
            return [{"type": "polygon", "id": "marker", "points": points, "color": BALL_COLOR}]
        if not self._pause:
            return []
        if self._pause <= SERVE_FRAMES and self.agents:
            radius = round(BALL_RADIUS + 4.0 + 0.8 * self._pause, 2)
            ring = _circle(x, y, radius, "#ffffff", id="ring", alpha=0.3)
            return [ring, _text(x, y + 36, "serve", 15)]
        scorer = -self._serving
        winner = not self.agents
        return [_text(WIDTH // 2 + 150 * scorer, 104, "match" if winner else "point", 18)]

    def _observations(self) -> dict[str, Observation]:
        left, right, ball = self._left, self._right, self._ball
        return {
            "left": (*_seen(left, 1.0), *_seen(right, 1.0), *_seen(ball, 1.0)),
            "right": (*_seen(right, -1.0), *_seen(left, -1.0), *_seen(ball, -1.0)),
        }

    def _infos(self) -> dict[str, dict[str, Any]]:
        return {
            "left": self._info(self._left, self._score_left, self._score_right),
            "right": self._info(self._right, self._score_right, self._score_left),
        }

    def _info(self, slime: _Body, own_score: int, opponent_score: int) -> dict[str, Any]:
        ball = self._ball
        return {
            "x": slime.x,
            "y": slime.y,
            "vx": slime.vx,
            "vy": slime.vy,
            "ball_x": ball.x,
            "ball_y": ball.y,
            "ball_vx": ball.vx,
            "ball_vy": ball.vy,
            "own_score": own_score,
            "opponent_score": opponent_score,
            "rally_touches": self._rally_touches,
            "ball_in_play": self._pause == 0,
        }


def make_env() -> SlimeVolleyball:
    """The environment as the experiment plays it."""
    return SlimeVolleyball()


def _spaces() -> tuple[Any, Any]:
    """Observation and action space; without Gymnasium, namespaces with the same attributes."""
    # Twice the scale: a ball flies higher than what it is scaled by.
    try:
        from gymnasium.spaces import Box, Discrete
    except ImportError:
        box = SimpleNamespace(low=-2.0, high=2.0, shape=(12,))
        return box, SimpleNamespace(n=len(Action))
    return Box(low=-2.0, high=2.0, shape=(12,)), Discrete(len(Action))


def _seen(body: _Body, direction: float) -> Observation:
    return (
        body.x * direction / (WIDTH / 2),
        body.y / (WIDTH / 2),
        body.vx * direction / BALL_MAX_SPEED,
        body.vy / BALL_MAX_SPEED,
    )


def _rect(x: float, y: float, width: float, height: float, color: str, **more: Any) -> Command:
    return {"type": "rect", "x": x, "y": y, "width": width, "height": height, "color": color} | more


def _circle(x: float, y: float, radius: float, color: str, **more: Any) -> Command:
    return {"type": "circle", "x": x, "y": y, "radius": radius, "color": color, **more}


def _ellipse(x: float, y: float, rx: float, ry: float, color: str, **more: Any) -> Command:
    return {
        "type": "ellipse",
        "x": x,
        "y": y,
        "radius_x": rx,
        "radius_y": ry,
        "color": color,
        **more,
    }


def _text(x: float, y: float, text: str, size: int, **more: Any) -> Command:
    return {
        "type": "text",
        "x": x,
        "y": y,
        "text": text,
        "size": size,
        "color": INK,
        "align": "center",
        "weight": "600",
        **more,
    }


def _score(x: float, points: int) -> Command:
    return _text(x, 78, str(points), 60, alpha=0.22)


def _backdrop() -> list[Command]:
    return [
        _rect(0, 0, WIDTH, HEIGHT, "#b5daf0"),
        _rect(0, 70, WIDTH, 220, "#ffffff", alpha=0.16),
        _rect(0, 130, WIDTH, 160, "#ffffff", alpha=0.18),
        _rect(0, 190, WIDTH, 100, "#ffffff", alpha=0.2),
        _rect(0, 245, WIDTH, 45, "#ffffff", alpha=0.22),
        _circle(300, 286, 92, "#fff1cf", alpha=0.45),
        _circle(300, 286, 60, "#ffe9b0", alpha=0.9),
        _rect(0, 286, WIDTH, 54, "#86c5d8"),
        _rect(0, 286, WIDTH, 3, "#ffffff", alpha=0.4),
        _rect(0, FLOOR_Y, WIDTH, HEIGHT - FLOOR_Y, "#ecd7ab"),
        _rect(0, FLOOR_Y, WIDTH, 5, "#cfb27d"),
        _rect(295, 278, 10, 62, "#46536b", radius=5),
        _circle(300, 278, 7, "#f4f1e8", stroke="#46536b", stroke_width=2.5),
    ]


def _slime(name: str, slime: _Body, ball: _Body, color: str) -> list[Command]:
    x, y = WIDTH / 2 + slime.x, FLOOR_Y - slime.y
    eye_x = x + (16.0 if slime.x < 0.0 else -16.0)
    eye_y = y - 21.0
    look_x, look_y = WIDTH / 2 + ball.x - eye_x, FLOOR_Y - ball.y - eye_y
    scale = 4.0 / (sqrt(look_x * look_x + look_y * look_y) or 1.0)
    pupil_x, pupil_y = round(eye_x + look_x * scale, 2), round(eye_y + look_y * scale, 2)
    x, y = round(x, 2), round(y, 2)
    return [
        {
            "type": "arc",
            "id": name,
            "x": x,
            "y": y,
            "radius": SLIME_RADIUS,
            "start": 3.1416,
            "end": 6.2832,
            "color": color,
        },
        _circle(round(eye_x, 2), round(eye_y, 2), 9, "#ffffff", id=name + "_eye"),
        _circle(pupil_x, pupil_y, 4.5, INK, id=name + "_pupil"),
    ]


def _ball(ball: _Body) -> list[Command]:
    x, y = round(WIDTH / 2 + ball.x, 2), round(FLOOR_Y - ball.y, 2)
    spread = round(BALL_RADIUS + ball.y * 0.02, 2)
    return [
        _ellipse(x, FLOOR_Y + 6, spread, 4, "#5b4a2a", id="shadow", alpha=0.22),
        _circle(x, y, BALL_RADIUS, BALL_COLOR, id="ball", stroke="#d98a1c", stroke_width=1.5),
        _circle(round(x - 4.5, 2), round(y - 5.0, 2), 4, "#ffffff", id="highlight", alpha=0.7),
    ]


if __name__ == "__main__":
    env = make_env()
