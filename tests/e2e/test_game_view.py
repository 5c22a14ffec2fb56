"""The game's section of the page, in windows of all sizes; in a real browser, without a server."""

import re
from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from tests.support.e2e.module_page import SERVER_FOLDER, run, serve_modules

pytestmark = pytest.mark.e2e

SHOW = """
    const { Images } = await import("/static/js/view/images.js");
    window.view?.close();
    const config = { num_episodes: 2, agents: ["blue", "orange"], seat: 0 };
    window.view = new m.GameView(arg, config, new Images(null));
    window.view.draw([{type: "rect", x: 0, y: 0, width: 600, height: 400, color: "rgb(9, 8, 7)"}]);
    await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
"""
SCENE: dict[str, Any] = {
    "width": 600,
    "height": 400,
    "background": "#ffffff",
    "fps": 30,
    "smoothing_ms": 100,
    "group_size": 2,
    "in_game_body": "<p>Use the arrow keys.</p>",
    "action_mapping": [],
    "action_labels": [None],
}
WINDOWS = [(1280, 800), (2560, 1080), (390, 844), (320, 568), (740, 360), (1000, 300)]


@pytest.fixture(scope="module")
def page(browser: Browser) -> Iterator[Page]:
    template = (SERVER_FOLDER / "templates/index.html").read_text().replace("{{ base }}", "/")
    html = re.sub(r"\{\{.*?\}\}", "{}", re.sub(r"<script type=.module.*?</script>", "", template))
    with serve_modules() as url:
        window = browser.new_context(device_scale_factor=2).new_page()
        window.goto(url)
        window.set_content(html)
        yield window
        window.context.close()


def show(page: Page, **changes: Any) -> None:
    run(page, "view/game_view.js", SHOW, {**SCENE, **changes})


def canvas_box(page: Page) -> dict[str, float]:
    box = page.locator("#canvas").bounding_box()
    assert box
    return dict(box)


@pytest.mark.parametrize(("width", "height"), WINDOWS)
def test_the_whole_picture_is_in_view_in_its_proportions_and_nothing_sticks_out(
    page: Page, width: int, height: int
) -> None:
    page.set_viewport_size({"width": width, "height": height})
    show(page)
    box = canvas_box(page)
    assert box["x"] >= 0
    assert box["y"] >= 0
    assert box["x"] + box["width"] <= width
    assert box["y"] + box["height"] <= height
    assert box["width"] / box["height"] == pytest.approx(1.5, abs=0.02)
    assert box["width"] >= min(0.9 * width, 0.6 * height)
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_frames_of_an_episode_glide_and_the_first_of_the_next_one_does_not(page: Page) -> None:
    page.set_viewport_size({"width": 1280, "height": 800})
    show(page, fps=1)
    body = """
        const box = (x) => [{type: "rect", id: "box", x, y: 0, width: 50, height: 400,
                             color: "rgb(9, 8, 7)"}];
        const left = async () => {
          await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
          const { width, height } = canvas;
          const { data } = canvas.getContext("2d").getImageData(0, height / 2, width, 1);
          for (let i = 0; i < width; i++) if (data[4 * i] < 128) return Math.round(600 * i / width);
        };
        const seen = [];
        for (const [x, episode] of [[100, 0], [180, 0], [130, 1], [190, 1]]) {
          view.showFrame({draw: box(x), corrected: null, episode});
          seen.push(await left());
        }
        return [...seen, document.getElementById("episode").textContent];
    """
    _, gliding, first, gliding_again, text = run(page, "view/game_view.js", body)
    assert 100 <= gliding < 180
    assert first == 130
    assert 130 <= gliding_again < 190
    assert text == "Round 2 of 2"


@pytest.mark.parametrize("proportion", [(900, 200), (200, 900)])
def test_pictures_of_any_proportion_fit(page: Page, proportion: tuple[int, int]) -> None:
    page.set_viewport_size({"width": 1280, "height": 800})
    show(page, width=proportion[0], height=proportion[1])
    box = canvas_box(page)
    assert box["y"] + box["height"] <= 800
    assert box["width"] / box["height"] == pytest.approx(proportion[0] / proportion[1], rel=0.02)


def test_the_canvas_has_as_many_pixels_as_the_screen_shows(page: Page) -> None:
    page.set_viewport_size({"width": 1280, "height": 800})
    show(page)
    box = canvas_box(page)
    pixels = page.evaluate("[canvas.width, canvas.height]")
    assert pixels == pytest.approx([2 * box["width"], 2 * box["height"]], abs=1)


def test_nothing_moves_when_a_message_or_the_hint_comes(page: Page) -> None:
    page.set_viewport_size({"width": 390, "height": 844})
    show(page)
    before = canvas_box(page)
    for element in ("overlay", "focus-hint"):
        page.evaluate(f"document.getElementById('{element}').hidden = false")
        assert canvas_box(page) == before
        page.evaluate(f"document.getElementById('{element}').hidden = true")


def test_whoever_turns_to_another_window_is_told_to_click_the_game(page: Page) -> None:
    show(page)
    hint = page.locator("#focus-hint")
    assert not hint.is_visible()
    page.evaluate("window.dispatchEvent(new Event('blur'))")
    assert hint.inner_text() == "Click the game to play"
    page.evaluate("window.dispatchEvent(new Event('focus'))")
    assert not hint.is_visible()
    page.evaluate("window.dispatchEvent(new Event('blur'))")
    page.evaluate("window.view.close()")
    assert not hint.is_visible()


def test_keys_that_the_researcher_does_not_explain_are_shown_as_caps(page: Page) -> None:
    keys = [["ArrowUp", "ArrowLeft"], ["w"], [" "], ["W"], ["ArrowLeft"], ["Enter"]]
    mapping = [{"keys": combination, "action": 1} for combination in keys]
    show(page, in_game_body="", action_mapping=mapping)
    assert page.locator("#game-body kbd").all_inner_texts() == ["←", "↑", "W", "Space", "Enter"]
    show(page, action_mapping=mapping)
    assert page.locator("#game-body").inner_text() == "Use the arrow keys."


def test_actions_that_the_researcher_has_named_are_shown_with_their_keys(page: Page) -> None:
    keys = [(["ArrowLeft"], 1), (["a"], 1), (["ArrowUp", "ArrowLeft"], 2), (["x"], 3)]
    mapping = [{"keys": combination, "action": action} for combination, action in keys]
    labels = [None, "left", "jump left", None]
    show(page, action_mapping=mapping, action_labels=labels)
    lines = page.locator("#game-body li").all_inner_texts()
    assert lines == ["← A left", "← +↑ jump left"]
    assert page.locator("#game-body p").inner_text() == "Use the arrow keys."
