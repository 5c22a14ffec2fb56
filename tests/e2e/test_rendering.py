"""How the picture moves: between frames, after corrections, of any size; in a real browser."""

from itertools import pairwise
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.support.e2e.module_page import run

pytestmark = pytest.mark.e2e

FRAME_MS = 1000 / 30
REPAINT_MS = 1000 / 60


def dot(x: float, y: float = 0, **fields: Any) -> dict[str, Any]:
    circle = {"type": "circle", "id": "dot", "x": x, "y": y, "radius": 5, "color": "red"}
    return {**circle, **fields}


INTERPOLATE = """
    const interpolation = new m.Interpolation(arg.frameMs, 90);
    interpolation.push(arg.before, [], 0);
    interpolation.push(arg.after, arg.isFirst ? [] : arg.before, 100);
    return arg.ages.map((age) => interpolation.pictureAt(100 + age));
"""


def between(
    page: Page, before: dict[str, Any], after: dict[str, Any], *, is_first: bool = False
) -> dict[str, Any]:
    """What is painted half a frame after *after* has come."""
    argument = {
        "frameMs": 40,
        "before": [before],
        "after": [after],
        "ages": [20],
        "isFirst": is_first,
    }
    shape: dict[str, Any] = run(page, "view/interpolation.js", INTERPOLATE, argument)[0][0]
    return shape


def test_a_shape_is_painted_between_its_places_in_the_last_two_frames(page: Page) -> None:
    argument = {"frameMs": 40, "before": [dot(10)], "after": [dot(20, 4)]}
    argument["ages"] = [0, 10, 20, 40, 400]
    pictures = run(page, "view/interpolation.js", INTERPOLATE, argument)
    places = [(shape["x"], shape["y"]) for (shape,) in pictures]
    assert places == [(10, 0), (12.5, 1), (15, 2), (20, 4), (20, 4)]


@pytest.mark.parametrize(
    ("fields", "after", "middle"),
    [
        ({"radius": 5, "alpha": 0.2}, {"radius": 9, "alpha": 1}, {"radius": 7, "alpha": 0.6}),
        ({}, {"alpha": 0}, {"alpha": 0.5}),
        (
            {"type": "polygon", "points": [[0, 0], [8, 0]]},
            {"type": "polygon", "points": [[2, 0], [8, 4]]},
            {"points": [[1, 0], [8, 2]]},
        ),
        (
            {"type": "arc", "start": 1, "end": 2},
            {"type": "arc", "start": 2, "end": 3},
            {"end": 2.5},
        ),
    ],
)
def test_sizes_transparency_and_points_lie_between_two_frames(
    page: Page, fields: dict[str, Any], after: dict[str, Any], middle: dict[str, Any]
) -> None:
    painted = between(page, dot(0, **fields), dot(0, **after))
    for name, value in middle.items():
        assert painted[name] == (value if name == "points" else pytest.approx(value))


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (dot(0), dot(200)),
        (dot(0), {**dot(10), "id": "other"}),
        (dot(0), {**dot(10), "type": "ellipse", "radius_x": 5, "radius_y": 5}),
        ({**dot(0), "id": None}, {k: v for k, v in dot(10).items() if k != "id"}),
        (
            dot(0, type="polygon", points=[[0, 0], [8, 0]]),
            dot(0, type="polygon", points=[[2, 0], [8, 4], [9, 9]]),
        ),
        (dot(0, type="arc", start=0, end=6.2), dot(0, type="arc", start=0, end=0.1)),
        (dot(0, color="red"), dot(0, color="blue")),
    ],
    ids=["teleport", "new", "other type", "no id", "other points", "wide turn", "colour"],
)
def test_what_is_no_motion_changes_at_once(
    page: Page, before: dict[str, Any], after: dict[str, Any]
) -> None:
    assert between(page, before, after) == after


def test_nothing_glides_into_the_first_picture_of_an_episode(page: Page) -> None:
    assert between(page, dot(0), dot(10), is_first=True)["x"] == 10


PLAY = """
    const interpolation = new m.Interpolation(arg.frameMs, 90);
    let frame = 0, arrives = arg.phaseMs, before = [];
    const seen = [];
    for (let now = 0; now < 2000; now += arg.repaintMs) {
      while (arrives <= now) {
        const commands = [{type: "circle", id: "dot", x: 10 * frame, y: 0, radius: 5}];
        interpolation.push(commands, before, arrives);
        before = commands;
        frame += 1;
        arrives += arg.frameMs;
      }
      if (before.length) seen.push([interpolation.pictureAt(now)[0].x, 10 * (frame - 1)]);
    }
    return seen.slice(-20);
"""


@pytest.mark.parametrize("phase", [0.05, 0.5, 0.95])
def test_steps_are_even_and_motion_is_complete_at_the_last_repaint_of_a_frame(
    page: Page, phase: float
) -> None:
    argument = {"frameMs": FRAME_MS, "repaintMs": REPAINT_MS, "phaseMs": phase * REPAINT_MS}
    seen = run(page, "view/interpolation.js", PLAY, argument)
    steps = [after[0] - before[0] for before, after in pairwise(seen)]
    assert steps == pytest.approx([5] * len(steps), abs=0.2)
    behind = [newest - x for x, newest in seen]
    assert max(behind) == pytest.approx(5, abs=0.2)
    assert min(behind) == pytest.approx(0, abs=0.2)


def test_with_one_repaint_a_frame_nothing_is_delayed(page: Page) -> None:
    argument = {"frameMs": REPAINT_MS, "repaintMs": REPAINT_MS, "phaseMs": 0.4 * REPAINT_MS}
    for x, newest in run(page, "view/interpolation.js", PLAY, argument):
        assert x == pytest.approx(newest, abs=0.2)


EASE = """
    const easing = new m.CorrectionEasing(arg.smoothingMs, 180);
    for (const [at, predicted, corrected] of arg.corrections) {
      easing.correct([predicted], [corrected], at);
    }
    const seen = arg.times.map((at) => easing.apply([arg.shape], at)[0]);
    return {seen, settled: easing.isSettled};
"""


def ease(page: Page, corrections: list[Any], times: list[float], smoothing_ms: float = 100) -> Any:
    """Where the dot, really at 50, is seen at the *times* after the *corrections*."""
    argument = {"corrections": corrections, "times": times, "shape": dot(50)}
    return run(page, "view/easing.js", EASE, {**argument, "smoothingMs": smoothing_ms})


def xs(result: Any) -> list[float]:
    return [shape["x"] for shape in result["seen"]]


def test_a_corrected_shape_goes_from_where_it_was_seen_to_where_it_is(page: Page) -> None:
    result = ease(page, [[0, dot(30), dot(50)]], [0, 50, 100, 1000])
    first, half, late, last = xs(result)
    assert first == 30
    assert 30 < half < late < 50
    assert late == pytest.approx(50 - 20 * 0.05)
    assert last == 50
    assert result["settled"]


def test_corrections_add_up_and_fade_the_same_however_often_painted(page: Page) -> None:
    corrections = [[0, dot(30), dot(50)], [50, dot(60), dot(50)]]
    often = ease(page, corrections, list(range(50, 151)))
    once = ease(page, corrections, [150])
    assert xs(often)[-1] == pytest.approx(xs(once)[0])
    assert xs(often)[0] == pytest.approx(50 - 20 * 0.05**0.5 + 10)


def test_a_shape_that_no_correction_moved_is_shown_where_it_is(page: Page) -> None:
    assert xs(ease(page, [[0, dot(70), dot(70)]], [0])) == [50]


def test_a_shape_far_from_its_true_place_is_shown_there_at_once(page: Page) -> None:
    assert xs(ease(page, [[0, dot(300), dot(50)]], [0])) == [50]


def test_without_smoothing_a_correction_is_shown_at_once(page: Page) -> None:
    assert xs(ease(page, [[0, dot(30), dot(50)]], [0], smoothing_ms=0)) == [50]


def test_shapes_of_points_are_eased_as_a_whole(page: Page) -> None:
    body = """
        const line = (x) => ({type: "line", id: "l", points: [[x, 0], [x + 4, 2]], width: 1});
        const easing = new m.CorrectionEasing(100, 180);
        easing.correct([line(0)], [line(10)], 0);
        return easing.apply([line(20)], 0)[0].points;
    """
    assert run(page, "view/easing.js", body) == [[10, 0], [14, 2]]


RENDER = """
    document.body.innerHTML = "<canvas style='display:block;width:600px;height:400px'></canvas>";
    const canvas = document.querySelector("canvas");
    const { Images } = await import("/static/js/view/images.js");
    const scene = {width: 600, height: 400, background: "white", fps: 10, smoothing_ms: 400};
    const renderer = new m.Renderer(canvas, scene, new Images(null));
    const box = (x) => [{type: "rect", id: "box", x, y: 0, width: 20, height: 400, color: "red"}];
    const left = () => {
      const context = canvas.getContext("2d");
      const { width, height } = canvas;
      const { data } = context.getImageData(0, height / 2, width, 1);
      for (let i = 0; i < width; i++) if (data[4 * i + 1] < 128) return 600 * i / width;
      return null;
    };
    const repaint = () => new Promise((resolve) => requestAnimationFrame(() =>
      requestAnimationFrame(() => resolve(left()))));
    try { %s } finally { renderer.close(); }
"""


def render(page: Page, body: str) -> Any:
    return run(page, "view/renderer.js", RENDER % body)


def test_the_canvas_shows_motion_between_frames_and_comes_to_rest_at_the_newest(
    page: Page,
) -> None:
    body = """
        renderer.replace(box(100));
        await repaint();
        renderer.move(box(150), null);
        const seen = [await repaint()];
        for (let i = 0; i < 100 && seen.at(-1) !== 150; i++) seen.push(await repaint());
        return seen;
    """
    seen = render(page, body)
    assert seen == sorted(seen)
    assert seen[-1] == 150
    assert any(100 < x < 150 for x in seen)


def test_the_canvas_eases_into_a_correction_and_does_not_glide_into_a_new_picture(
    page: Page,
) -> None:
    body = """
        renderer.replace(box(100));
        await repaint();
        renderer.move(box(140), box(140));
        const seen = [await repaint()];
        renderer.replace(box(170));
        seen.push(await repaint());
        return seen;
    """
    eased, replaced = render(page, body)
    assert 100 <= eased < 140
    assert replaced == 170


def test_a_canvas_of_another_size_is_painted_before_it_is_seen(page: Page) -> None:
    body = """
        renderer.replace(box(150));
        await repaint();
        canvas.style.width = "300px";
        canvas.style.height = "200px";
        await repaint();
        return [canvas.width / window.devicePixelRatio, left()];
    """
    assert render(page, body) == [300, 150]


def test_every_draw_command_leaves_its_colour_where_it_says(page: Page) -> None:
    body = """
        const canvas = document.createElement("canvas");
        canvas.width = 100; canvas.height = 100;
        const context = canvas.getContext("2d");
        return arg.map(([command, x, y]) => {
          context.clearRect(0, 0, 100, 100);
          m.drawCommand(context, {color: "rgb(200, 10, 20)", ...command});
          return [...context.getImageData(x, y, 1, 1).data].slice(0, 3).join();
        });
    """
    commands = [
        ({"type": "rect", "x": 10, "y": 10, "width": 20, "height": 20}, 20, 20),
        ({"type": "rect", "x": 10, "y": 10, "width": 20, "height": 20, "radius": 5}, 20, 20),
        ({"type": "circle", "x": 50, "y": 50, "radius": 10}, 50, 50),
        ({"type": "ellipse", "x": 50, "y": 50, "radius_x": 30, "radius_y": 5}, 75, 50),
        ({"type": "arc", "x": 50, "y": 50, "radius": 20, "start": 3.1416, "end": 6.2832}, 50, 40),
        ({"type": "line", "points": [[0, 50], [99, 50]], "width": 4}, 30, 50),
        ({"type": "polygon", "points": [[0, 0], [50, 0], [0, 50]]}, 10, 10),
        ({"type": "text", "x": 10, "y": 90, "text": "█", "size": 60}, 25, 70),
    ]
    assert run(page, "view/draw_commands.js", body, commands) == ["200,10,20"] * len(commands)
