"""Prints, as JSON, what a repaint of each example game costs in headless Chromium, in milliseconds.

Run it with ``.venv/bin/python tests/benchmarks/bench_pictures.py`` on an otherwise idle machine.
``painting`` is what the page's thread does: interpolating, easing and drawing; ``with_pixels`` adds
making the pixels, which a machine with a graphics card leaves to it.
"""

import json
import statistics
from collections.abc import Callable
from itertools import pairwise
from random import Random
from typing import Any

FRAMES = 150

MEASURE = """
async ([pictures, density]) => {
  const { drawCommand } = await import("/static/js/view/draw_commands.js");
  const { CorrectionEasing } = await import("/static/js/view/easing.js");
  const { Images } = await import("/static/js/view/images.js");
  const { Interpolation } = await import("/static/js/view/interpolation.js");
  const canvas = document.createElement("canvas");
  canvas.width = 900 * density;
  canvas.height = 600 * density;
  const context = canvas.getContext("2d");
  context.scale(canvas.width / 600, canvas.height / 400);
  const images = new Images(null);
  const interpolation = new Interpolation(1000 / 30, 90);
  const easing = new CorrectionEasing(100, 180);
  const painting = [], with_pixels = [];
  let before = [];
  pictures.forEach((picture, frame) => {
    const frameMs = frame * 1000 / 30;
    // Every third frame a correction, as a bad connection brings.
    if (frame % 3 === 0) easing.correct(before, picture, frameMs);
    interpolation.push(picture, before, frameMs);
    before = picture;
    for (const repaintMs of [frameMs + 1, frameMs + 18]) {
      const startedMs = performance.now();
      context.fillRect(0, 0, 600, 400);
      const commands = easing.apply(interpolation.pictureAt(repaintMs), repaintMs);
      for (const command of commands) drawCommand(context, command, images);
      painting.push(performance.now() - startedMs);
      context.getImageData(0, 0, 1, 1);
      with_pixels.push(performance.now() - startedMs);
    }
  });
  return { painting, with_pixels };
}
"""


def pictures_of(env: Any) -> list[Any]:
    """The draw lists of a game whose keys change four times a second."""
    rng = Random(1)
    env.reset(seed=1)
    actions: dict[str, int] = {}
    pictures = []
    for frame in range(FRAMES):
        if frame % 8 == 0:
            actions = {agent: rng.randrange(6) for agent in env.possible_agents}
        env.step(actions)
        pictures.append(env.render())
    assert any(one != other for one, other in pairwise(pictures))
    return pictures


def summary(times: list[float]) -> dict[str, float]:
    """Mean, as the browser's clock is coarse, and 95th percentile; without the first few."""
    times = times[40:]
    p95 = statistics.quantiles(times, n=20)[-1]
    return {"mean_ms": round(statistics.mean(times), 3), "p95_ms": round(p95, 3)}


def main() -> None:
    """Measure both games at both densities and print the figures."""
    from playwright.sync_api import sync_playwright

    from interactive_gym.examples.kitchen.environment import Kitchen
    from interactive_gym.examples.slime_volleyball.environment import SlimeVolleyball
    from tests.support.e2e.browser import launch_chromium
    from tests.support.e2e.module_page import serve_modules

    games: dict[str, Callable[[], Any]] = {
        "slime_volleyball": SlimeVolleyball,
        "kitchen_of_4": lambda: Kitchen("hall", 4),
    }
    figures: dict[str, Any] = {}
    with sync_playwright() as playwright, serve_modules() as url:
        browser = launch_chromium(playwright)
        page = browser.new_page()
        for name, make_env in games.items():
            for density in (1, 2):
                page.goto(url)
                times = page.evaluate(MEASURE, [pictures_of(make_env()), density])
                figures.setdefault(name, {})[f"density_{density}"] = {
                    key: summary(values) for key, values in times.items()
                }
        browser.close()
    print(json.dumps(figures, indent=2))


if __name__ == "__main__":
    main()
