"""Slime volleyball: a two-player PettingZoo ``ParallelEnv`` in pure Python.

This text is an experiment's initialization code, run in every participant's browser: Pyodide runs
it as ``__main__``, which defines ``env``, while importing it has no side effect. It needs only the
standard library; where PettingZoo and Gymnasium are installed it uses their base class and spaces.

Positions are pixels, ``x`` from the net (positive to the right), ``y`` up from the floor.
Velocities are pixels per frame and gravities pixels per frame², at 30 frames per second. The
physics uses ``+ - * /`` and ``sqrt`` alone, which IEEE 754 rounds exactly, so that every machine
computes the same match.
"""

from enum import IntEnum
from math import sqrt
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
FLOOR_Y = 340
"""Where the floor is in the picture, whose y grows downwards."""

SLIME_RADIUS = 40.0
SLIME_SPEED = 7.0
JUMP_SPEED = 10.0
SLIME_GRAVITY = 0.7
HOME_X = 150.0
"""Distance of the middle of a side from the net: where slimes begin and serves come down."""

BALL_RADIUS = 14.0
BALL_GRAVITY = 0.45
BALL_MAX_SPEED = 16.0

SLIME_RESTITUTION = 0.5
MIN_REBOUND = 8.0
"""The ball leaves a slime at least this fast, so it never comes to rest on one."""
FREE_TOUCHES = 3
CARRY_PUSH = 0.5
"""Each touch of one side after its free ones pushes the ball this much more over the net, so that
no side keeps it for ever."""

NET_HEIGHT = 62.0
NET_HALF_WIDTH = 5.0
"""The net is a post of this half width; a half disc of this radius tops its height."""
NET_RESTITUTION = 0.7
ROLL_OFF_SPEED = 1.0
"""The ball leaves the top of the net sideways at least this fast, so it never rests there."""
WALL_RESTITUTION = 0.9

SERVE_HEIGHT = 230.0
SERVE_SPREAD = 24.0
"""A serve starts at most this far from the middle of a side."""
SERVE_FRAMES = 30
"""Frames for which the ball hangs in the air before it falls."""
POINT_FRAMES = 24
"""Frames for which the ball lies where it fell before the next serve is prepared."""

SUBSTEPS = 4
"""Physics steps in a frame. The fastest ball moves 4 pixels in one, less than anything it meets is
thick, so it cannot tunnel."""
DT = 1.0 / SUBSTEPS

LEFT_COLOR = "#3a6fd0"
RIGHT_COLOR = "#ef7d3a"
BALL_COLOR = "#ffd23f"
INK = "#2b3a55"


class Action(IntEnum):
    """What an agent can do in a frame."""

    STAY = 0
    LEFT = 1
    RIGHT = 2
    JUMP = 3
    JUMP_LEFT = 4
    JUMP_RIGHT = 5


_MOVES: dict[int, tuple[float, bool]] = {
    Action.STAY: (0.0, False),
    Action.LEFT: (-SLIME_SPEED, False),
    Action.RIGHT: (SLIME_SPEED, False),
    Action.JUMP: (0.0, True),
    Action.JUMP_LEFT: (-SLIME_SPEED, True),
    Action.JUMP_RIGHT: (SLIME_SPEED, True),
}

Observation = tuple[float, ...]
Info = dict[str, float | bool]
State = tuple[float, ...]
Command = dict[str, Any]


class _Body:
    """Something that moves: the ball, or a slime, whose position is the middle of its base."""

    __slots__ = ("vx", "vy", "x", "y")

    def __init__(self) -> None:
        self.place(0.0, 0.0)

    def place(self, x: float, y: float) -> None:
        self.x, self.y, self.vx, self.vy = x, y, 0.0, 0.0


class SlimeVolleyball(ParallelEnv):  # type: ignore[misc]
    """A match: whoever has ``points_to_win`` points first wins.

    The agents are ``left`` and ``right``, the actions those of `Action`. When the ball falls on one
    side, the other gains a point (rewards +1 and -1), and the ball is served where it fell.

    An observation is twelve floats: position and velocity (x, y, vx, vy) of the agent itself, of
    its opponent and of the ball, scaled to about one and mirrored for the right agent, so that both
    see themselves on the left. The infos are for the data: pixels, not mirrored, the same keys for
    both agents.
    """

    metadata = {  # noqa: RUF012
        "name": "slime_volleyball",
        "render_modes": ["draw_commands"],
        "render_fps": 30,
        "is_parallelizable": True,
    }
    render_mode = "draw_commands"

    def __init__(self, points_to_win: int = 3, max_steps: int | None = None) -> None:
        """Make an environment that is already reset.

        ``max_steps`` truncates an episode after so many frames; ``None`` never does. Raises
        ``ValueError`` if either is not a positive integer.
        """
        if type(points_to_win) is not int or points_to_win < 1:
            raise ValueError(f"points_to_win is {points_to_win!r}: give a positive integer.")
        if max_steps is not None and (type(max_steps) is not int or max_steps < 1):
            raise ValueError(f"max_steps is {max_steps!r}: give a positive integer or None.")
        self.points_to_win = points_to_win
        self.max_steps = max_steps
        self.possible_agents = ["left", "right"]
        # The ball flies higher than the length that heights are scaled by, hence two, not one.
        self._observation_spaces = {
            agent: Box(low=-2.0, high=2.0, shape=(12,)) for agent in self.possible_agents
        }
        self._action_spaces = {agent: Discrete(n=len(Action)) for agent in self.possible_agents}
        self._left = _Body()
        self._right = _Body()
        self._ball = _Body()
        self._rng = 0
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
        """Begin a match.

        The low 32 bits of ``seed`` seed the serves; without one their generator runs on (a new
        environment's is at 0). No ``options`` are known.
        """
        if seed is not None:
            self._rng = seed & 0xFFFFFFFF
        self._left.place(-HOME_X, 0.0)
        self._right.place(HOME_X, 0.0)
        self._left_score = 0
        self._right_score = 0
        self._steps = 0
        self._serving = 1 if self._random_bits() & 1 else -1
        self._pause = SERVE_FRAMES
        self._prepare_serve()
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
        """Advance a frame; a finished match stays as it is and returns empty dicts.

        Raises ``ValueError`` for an action that is not an `Action`, and ``KeyError`` if an agent
        has none.
        """
        if not self.agents:
            return {}, {}, {}, {}, {}
        self._steer(self._left, actions["left"])
        self._steer(self._right, actions["right"])
        self._steps += 1
        in_play = not self._pause
        scorer = 0
        for _ in range(SUBSTEPS):
            self._move_slimes()
            if in_play and not scorer:
                scorer = self._move_ball()
        if scorer:
            self._award_point(scorer)
        elif not in_play:
            self._pause -= 1
            if self._pause == SERVE_FRAMES:
                self._prepare_serve()
        self._update_agents()
        won = self._is_won()
        truncated = not (won or self.agents)
        return (
            self._observations(),
            {"left": float(-scorer), "right": float(scorer)},
            {"left": won, "right": won},
            {"left": truncated, "right": truncated},
            self._infos(),
        )

    def get_state(self) -> State:
        """Everything that changes, as numbers; `set_state` takes them back."""
        left, right, ball = self._left, self._right, self._ball
        return (
            *(left.x, left.y, left.vx, left.vy),
            *(right.x, right.y, right.vx, right.vy),
            *(ball.x, ball.y, ball.vx, ball.vy),
            *(self._left_score, self._right_score, self._steps, self._pause, self._serving),
            *(self._touched_by, self._touches, self._rally_touches, self._rng),
        )

    def set_state(self, state: State) -> None:
        """Return to the frame in which `get_state` gave ``state``."""
        left, right, ball = self._left, self._right, self._ball
        left.x, left.y, left.vx, left.vy = state[:4]
        right.x, right.y, right.vx, right.vy = state[4:8]
        ball.x, ball.y, ball.vx, ball.vy = state[8:12]
        rest: Any = state[12:]
        self._left_score, self._right_score, self._steps, self._pause, self._serving = rest[:5]
        self._touched_by, self._touches, self._rally_touches, self._rng = rest[5:]
        self._update_agents()

    def render(self) -> list[Command]:
        """The present frame as draw commands, for a canvas of ``WIDTH`` × ``HEIGHT``."""
        return [
            *_backdrop(),
            *_draw_score(WIDTH / 2 - 42, self._left_score, LEFT_COLOR),
            *_draw_score(WIDTH / 2 + 42, self._right_score, RIGHT_COLOR),
            *_draw_slime("left", self._left, self._ball, LEFT_COLOR),
            *_draw_slime("right", self._right, self._ball, RIGHT_COLOR),
            *self._draw_cue(),
            *_draw_ball(self._ball),
        ]

    def close(self) -> None:
        """Do nothing, as there is nothing to release."""

    def _random_bits(self) -> int:
        """The next 32 random bits.

        SplitMix (Steele, Lea and Flood, "Fast splittable pseudorandom number generators", 2014),
        mixed by the 32-bit finalizer of Austin Appleby's MurmurHash3.
        """
        self._rng = z = (self._rng + 0x9E3779B9) & 0xFFFFFFFF
        z = ((z ^ (z >> 16)) * 0x85EBCA6B) & 0xFFFFFFFF
        z = ((z ^ (z >> 13)) * 0xC2B2AE35) & 0xFFFFFFFF
        return z ^ (z >> 16)

    def _prepare_serve(self) -> None:
        offset = (self._random_bits() / 2147483648.0 - 1.0) * SERVE_SPREAD
        self._ball.place(self._serving * HOME_X + offset, SERVE_HEIGHT)
        self._touched_by = 0
        self._touches = 0
        self._rally_touches = 0

    def _award_point(self, scorer: int) -> None:
        if scorer < 0:
            self._left_score += 1
        else:
            self._right_score += 1
        self._serving = -scorer
        self._pause = POINT_FRAMES + SERVE_FRAMES
        self._ball.vx = self._ball.vy = 0.0

    def _is_won(self) -> bool:
        return self._left_score >= self.points_to_win or self._right_score >= self.points_to_win

    def _update_agents(self) -> None:
        out_of_time = self.max_steps is not None and self._steps >= self.max_steps
        self.agents = [] if out_of_time or self._is_won() else self.possible_agents[:]

    @staticmethod
    def _steer(slime: _Body, action: int) -> None:
        try:
            slime.vx, jump = _MOVES[action]
        except KeyError:
            raise ValueError(f"{action!r} is not an action: give one of 0 to 5.") from None
        if jump and slime.y == 0.0:
            slime.vy = JUMP_SPEED

    def _move_slimes(self) -> None:
        nearest = NET_HALF_WIDTH + SLIME_RADIUS
        farthest = WIDTH / 2 - SLIME_RADIUS
        for slime, side in ((self._left, -1.0), (self._right, 1.0)):
            slime.x += slime.vx * DT
            distance = slime.x * side
            if not nearest <= distance <= farthest:
                slime.x = (nearest if distance < nearest else farthest) * side
                slime.vx = 0.0
            if slime.y > 0.0 or slime.vy > 0.0:
                slime.vy -= SLIME_GRAVITY * DT
                slime.y += slime.vy * DT
                if slime.y <= 0.0:
                    slime.y = slime.vy = 0.0

    def _move_ball(self) -> int:
        """Move the ball by a sub-step; the side that scores by it (-1 left, 1 right), else 0."""
        ball = self._ball
        ball.vy -= BALL_GRAVITY * DT
        ball.x += ball.vx * DT
        ball.y += ball.vy * DT
        self._meet_slime(self._left, -1)
        self._meet_slime(self._right, 1)
        self._meet_net()
        limit = WIDTH / 2 - BALL_RADIUS
        if abs(ball.x) > limit:
            side = 1.0 if ball.x > 0.0 else -1.0
            ball.x = limit * side
            if ball.vx * side > 0.0:
                ball.vx *= -WALL_RESTITUTION
        square = ball.vx * ball.vx + ball.vy * ball.vy
        if square > BALL_MAX_SPEED * BALL_MAX_SPEED:
            scale = BALL_MAX_SPEED / sqrt(square)
            ball.vx *= scale
            ball.vy *= scale
        if ball.y > BALL_RADIUS:
            return 0
        ball.y = BALL_RADIUS
        return -1 if ball.x > 0.0 else 1

    def _meet_slime(self, slime: _Body, side: int) -> None:
        ball = self._ball
        x, reach = slime.x, SLIME_RADIUS + BALL_RADIUS
        if ball.y < slime.y:
            # Under a jumping slime the nearest point of its flat base counts, not its middle.
            x += min(max(ball.x - x, -SLIME_RADIUS), SLIME_RADIUS)
            reach = BALL_RADIUS
        normal = self._push_ball_out(x, slime.y, reach)
        if normal is None:
            return
        nx, ny = normal
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
        normal = self._push_ball_out(0.0, min(ball.y, NET_HEIGHT), NET_HALF_WIDTH + BALL_RADIUS)
        if normal is None:
            return
        nx, ny = normal
        approach = -(ball.vx * nx + ball.vy * ny)
        if approach > 0.0:
            impulse = approach * (1.0 + NET_RESTITUTION)
            ball.vx += impulse * nx
            ball.vy += impulse * ny
        if ny > 0.0 and abs(ball.vx) < ROLL_OFF_SPEED:
            away = nx or -self._touched_by
            ball.vx = ROLL_OFF_SPEED if away > 0.0 else -ROLL_OFF_SPEED

    def _push_ball_out(self, x: float, y: float, reach: float) -> tuple[float, float] | None:
        """Move a ball nearer to a point than ``reach`` out to it; the unit normal if it was."""
        ball = self._ball
        nx, ny = ball.x - x, ball.y - y
        square = nx * nx + ny * ny
        if square >= reach * reach or square == 0.0:
            return None
        distance = sqrt(square)
        nx /= distance
        ny /= distance
        ball.x, ball.y = x + nx * reach, y + ny * reach
        return nx, ny

    def _observations(self) -> dict[str, Observation]:
        left, right, ball = self._left, self._right, self._ball
        return {
            "left": (*_scaled(left, 1.0), *_scaled(right, 1.0), *_scaled(ball, 1.0)),
            "right": (*_scaled(right, -1.0), *_scaled(left, -1.0), *_scaled(ball, -1.0)),
        }

    def _infos(self) -> dict[str, Info]:
        return {
            "left": self._info(self._left, self._left_score, self._right_score),
            "right": self._info(self._right, self._right_score, self._left_score),
        }

    def _info(self, slime: _Body, own_score: int, opponent_score: int) -> Info:
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

    def _draw_cue(self) -> list[Command]:
        """What the court does not show by itself: a ball out of sight, a point, a serve."""
        x, y = _in_picture(self._ball)
        if y < -BALL_RADIUS:
            points = [[x, 10], [round(x - 9, 2), 24], [round(x + 9, 2), 24]]
            return [_command("polygon", INK, id="marker", points=points, alpha=0.7)]
        if not self._pause:
            return []
        if self._pause > SERVE_FRAMES:
            x = WIDTH / 2 - HOME_X * self._serving
            return [_text(x, 108, "match" if self._is_won() else "point", 18)]
        radius = round(BALL_RADIUS + 4.0 + 0.8 * self._pause, 2)
        return [
            _command("circle", "#ffffff", id="ring", x=x, y=y, radius=radius, alpha=0.3),
            _text(x, round(y + 38.0, 2), "serve", 15),
        ]


def make_env() -> SlimeVolleyball:
    """The environment that the experiment plays."""
    return SlimeVolleyball()


def chase_ball(observation: Observation, agent: str) -> int:
    """A policy for either agent: run to where the ball comes down, and hit it towards the net.

    It decides by the observation alone, so every browser decides the same. It ignores that the ball
    slows down at a wall, which makes it beatable.
    """
    own_x = observation[0] * (WIDTH / 2)
    x, y = observation[8] * (WIDTH / 2), observation[9] * (WIDTH / 2)
    vx, vy = observation[10] * BALL_MAX_SPEED, observation[11] * BALL_MAX_SPEED
    # The ball's parabola, down to the height at which a jumping slime meets it.
    height = SLIME_RADIUS + BALL_RADIUS
    square = vy * vy + 2.0 * BALL_GRAVITY * (y - height)
    frames = (vy + sqrt(square)) / BALL_GRAVITY if square > 0.0 else 0.0
    x += vx * frames
    limit = WIDTH / 2 - BALL_RADIUS
    if abs(x) > limit:
        x = (2.0 * limit - abs(x)) * (1.0 if x > 0.0 else -1.0)
    is_mine = x < 0.0
    # From behind the ball it flies forwards; without a ball to hit, the middle is the best place.
    distance = (x - SLIME_RADIUS / 4 if is_mine else -HOME_X) - own_x
    forwards, backwards = (2, 1) if agent == "left" else (1, 2)
    move = 0 if abs(distance) < SLIME_SPEED else forwards if distance > 0.0 else backwards
    jumps = is_mine and frames < 7.0 and abs(distance) < SLIME_RADIUS
    return move + (int(Action.JUMP) if jumps else 0)


def _scaled(body: _Body, direction: float) -> Observation:
    return (
        body.x * direction / (WIDTH / 2),
        body.y / (WIDTH / 2),
        body.vx * direction / BALL_MAX_SPEED,
        body.vy / BALL_MAX_SPEED,
    )


def _in_picture(body: _Body) -> tuple[float, float]:
    return round(WIDTH / 2 + body.x, 2), round(FLOOR_Y - body.y, 2)


def _command(kind: str, color: str, **fields: Any) -> Command:
    return {"type": kind, "color": color, **fields}


def _strip(y: float, height: float, color: str, alpha: float = 1.0) -> Command:
    return _command("rect", color, x=0, y=y, width=WIDTH, height=height, alpha=alpha)


def _text(x: float, y: float, text: str, size: int, alpha: float = 0.9) -> Command:
    fields = {"text": text, "size": size, "align": "center", "weight": "600", "alpha": alpha}
    return _command("text", INK, x=x, y=y, **fields)


def _backdrop() -> list[Command]:
    net_x, net_top = WIDTH / 2, FLOOR_Y - NET_HEIGHT
    return [
        _strip(0, HEIGHT, "#b3d9f0"),
        _strip(70, 220, "#ffffff", 0.14),
        _strip(150, 140, "#ffffff", 0.2),
        _strip(222, 68, "#ffffff", 0.28),
        _command("circle", "#ffffff", x=452, y=286, radius=92, alpha=0.35),
        _command("circle", "#fff0c4", x=452, y=286, radius=62),
        _strip(286, FLOOR_Y - 286, "#86c5d8"),
        _strip(FLOOR_Y, HEIGHT - FLOOR_Y, "#ecd7ab"),
        _strip(FLOOR_Y, 5, "#cfb27d"),
        _command("rect", "#46536b", x=net_x - 5, y=net_top, width=10, height=NET_HEIGHT),
        _command(
            "circle", "#f7f4ea", x=net_x, y=net_top, radius=6, stroke="#46536b", stroke_width=2.5
        ),
    ]


def _draw_score(x: float, score: int, color: str) -> list[Command]:
    """A side's points on a board of its colour."""
    return [
        _command("rect", "#ffffff", x=x - 34, y=14, width=68, height=46, radius=10, alpha=0.75),
        _command("rect", color, x=x - 34, y=54, width=68, height=6, radius=3),
        _text(x, 48, str(score), 32, alpha=1),
    ]


def _draw_slime(name: str, slime: _Body, ball: _Body, color: str) -> list[Command]:
    x, y = _in_picture(slime)
    ball_x, ball_y = _in_picture(ball)
    eye_x = round(x + (16.0 if name == "left" else -16.0), 2)
    eye_y = round(y - 21.0, 2)
    look_x, look_y = ball_x - eye_x, ball_y - eye_y
    shift = 4.0 / (sqrt(look_x * look_x + look_y * look_y) or 1.0)
    pupil_x, pupil_y = round(eye_x + look_x * shift, 2), round(eye_y + look_y * shift, 2)
    body = {"radius": SLIME_RADIUS, "start": 3.1416, "end": 6.2832}
    return [
        _command("arc", color, id=name, x=x, y=y, **body),
        _command("circle", "#ffffff", id=name + "_eye", x=eye_x, y=eye_y, radius=9),
        _command("circle", INK, id=name + "_pupil", x=pupil_x, y=pupil_y, radius=4.5),
    ]


def _draw_ball(ball: _Body) -> list[Command]:
    x, y = _in_picture(ball)
    shadow = {"x": x, "y": FLOOR_Y + 7, "radius_x": round(BALL_RADIUS + ball.y * 0.02, 2)}
    shine = {"x": round(x - 4.5, 2), "y": round(y - 5.0, 2), "radius": 4}
    rim = {"stroke": "#d98a1c", "stroke_width": 1.5}
    return [
        _command("ellipse", "#5b4a2a", id="shadow", radius_y=4, alpha=0.25, **shadow),
        _command("circle", BALL_COLOR, id="ball", x=x, y=y, radius=BALL_RADIUS, **rim),
        _command("circle", "#ffffff", id="shine", alpha=0.7, **shine),
    ]


if __name__ == "__main__":
    env = make_env()
