"""Pictures of pixels on the canvas: sharp, in their place, in every encoding."""

from typing import Any

import pytest
from playwright.sync_api import Page

from interactive_gym.netcode.pixels import pixels, png
from tests.netcode.test_pixels import png_file
from tests.support.e2e.module_page import run

numpy: Any = pytest.importorskip("numpy")
pytestmark = pytest.mark.e2e

RED, BLUE, GREY, WHITE = [255, 0, 0], [0, 0, 255], [128, 128, 128], [255, 255, 255]
PAINT = """
    const { drawCommand } = await import("/static/js/view/draw_commands.js");
    const { Images } = await import("/static/js/view/images.js");
    const canvas = document.createElement("canvas");
    [canvas.width, canvas.height] = [100, 100];
    const context = canvas.getContext("2d", { willReadFrequently: true });
    context.fillStyle = "white";
    const images = new Images(null);
    const broken = [];
    images.onMissing = (why) => broken.push(why);
    const paint = () => {
      context.fillRect(0, 0, 100, 100);
      for (const command of arg.commands)
        drawCommand(context, m.fitted(command, 100, 100), images);
    };
    const changed = new Promise((resolve) => { images.onChange = resolve; });
    paint();
    if (arg.waits) { await changed; paint(); }
    const at = ([x, y]) => [...context.getImageData(x, y, 1, 1).data].slice(0, 3);
    return { colors: arg.places.map(at), broken };
"""


def paint(page: Page, *commands: Any, places: Any, waits: bool = False) -> Any:
    argument = {"commands": commands, "places": places, "waits": waits}
    return run(page, "view/pixels.js", PAINT, argument)


def pair(*colors: list[int]) -> Any:
    return numpy.array([colors], "uint8")


def test_a_picture_fills_the_canvas_by_its_proportions_and_its_pixels_stay_sharp(
    page: Page,
) -> None:
    places = [[0, 26], [49, 50], [50, 50], [99, 73], [50, 20], [50, 80]]
    found = paint(page, pixels(pair(RED, BLUE)), places=places)
    assert found["colors"] == [RED, RED, BLUE, BLUE, WHITE, WHITE]


def test_pixels_are_blurred_where_that_is_asked_for(page: Page) -> None:
    found = paint(page, pixels(pair(RED, BLUE), smooth=True), places=[[49, 50]])
    assert found["colors"][0] not in (RED, BLUE)


def test_a_region_is_drawn_in_its_place_by_its_palette(page: Page) -> None:
    whole = pixels(numpy.array([[0]], "uint8"), palette=[BLUE])
    region = pixels(
        numpy.array([[1, 0]], "uint8"), palette=[GREY, RED], x=10, y=10, width=20, height=10
    )
    places = [[9, 10], [10, 10], [19, 19], [20, 10], [29, 19], [30, 10]]
    found = paint(page, whole, region, places=places)
    assert found["colors"] == [BLUE, RED, RED, GREY, GREY, BLUE]


def test_transparent_pixels_let_through_what_is_below(page: Page) -> None:
    found = paint(page, pixels(pair([*RED, 0], [*RED, 255])), places=[[10, 50], [90, 50]])
    assert found["colors"] == [WHITE, RED]


def test_a_png_file_is_drawn_as_soon_as_it_is_decoded(page: Page) -> None:
    found = paint(page, png(png_file(4, 4)), places=[[1, 1], [99, 99]], waits=True)
    assert found == {"colors": [GREY, GREY], "broken": []}


def test_a_png_file_that_is_none_is_told(page: Page) -> None:
    broken = png(png_file(4, 4)[:40])
    found = paint(page, broken, places=[[1, 1]], waits=True)
    assert found["colors"] == [WHITE]
    assert len(found["broken"]) == 1
