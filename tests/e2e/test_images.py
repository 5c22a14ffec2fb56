"""Images in the picture: loaded, mirrored, cut out of sheets, missing; in a real browser."""

import base64
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.support.e2e.module_page import run

pytestmark = pytest.mark.e2e


# Two pixels side by side, red and blue.
SPRITES = base64.b64encode(
    b'<svg xmlns="http://www.w3.org/2000/svg" width="20" height="10">'
    b'<rect width="10" height="10" fill="#f00"/><rect x="10" width="10" height="10" fill="#00f"/>'
    b"</svg>"
).decode()

PAINT_IMAGE = """
    const canvas = document.createElement("canvas");
    canvas.width = 100; canvas.height = 100;
    const context = canvas.getContext("2d");
    const { drawCommand } = await import("/static/js/view/draw_commands.js");
    const warnings = [];
    const { fetch, console: { warn } } = window;
    console.warn = (text) => warnings.push(text);
    window.fetch = async (url) => {
      if (!url.endsWith(".png") && !url.endsWith(".svg")) return new Response("", {status: 404});
      const svg = new Blob([atob(arg.sprites)], {type: "image/svg+xml"});
      if (url.endsWith(".svg")) return new Response(svg);
      const picture = new OffscreenCanvas(20, 10);
      const pen = picture.getContext("2d");
      pen.fillStyle = "#f00"; pen.fillRect(0, 0, 10, 10);
      pen.fillStyle = "#00f"; pen.fillRect(10, 0, 10, 10);
      return new Response(await picture.convertToBlob());
    };
    try {
      const images = new m.Images(arg.assets);
      const command = {type: "image", x: 0, y: 0, width: 100, height: 100, ...arg.command};
      drawCommand(context, command, images);
      while (images.get(command.asset) === "loading") {
        await new Promise((resolve) => { images.onChange = resolve; });
      }
      for (let i = 0; i < 3; i++) drawCommand(context, command, images);
      const at = (x, y) => [...context.getImageData(x, y, 1, 1).data].slice(0, 3).join();
      return {left: at(10, 50), right: at(90, 50), corner: at(1, 1), warnings};
    } finally {
      window.fetch = fetch;
      console.warn = warn;
    }
"""
ASSETS = {"base_url": "assets/game/", "preload": []}


def paint_image(page: Page, assets: Any = ASSETS, **command: Any) -> Any:
    argument = {"sprites": SPRITES, "assets": assets, "command": command}
    return run(page, "view/images.js", PAINT_IMAGE, argument)


@pytest.mark.parametrize("asset", ["cook.png", "cook.svg"])
@pytest.mark.parametrize(
    ("fields", "left", "right"),
    [
        ({}, "255,0,0", "0,0,255"),
        ({"flip": True}, "0,0,255", "255,0,0"),
        ({"source": [10, 0, 10, 10]}, "0,0,255", "0,0,255"),
    ],
)
def test_an_image_is_drawn_as_a_whole_mirrored_or_as_a_sprite_of_a_sheet(
    page: Page, asset: str, fields: dict[str, Any], left: str, right: str
) -> None:
    result = paint_image(page, asset=asset, smooth=False, **fields)
    assert (result["left"], result["right"], result["warnings"]) == (left, right, [])


def test_a_missing_image_is_a_placeholder_and_one_warning(page: Page) -> None:
    result = paint_image(page, asset="nobody.gif")
    assert result["corner"] == "138,148,158"
    assert result["warnings"] == ["The image nobody.gif cannot be shown: the server answers 404."]


def test_an_image_in_a_scene_without_assets_is_a_placeholder_too(page: Page) -> None:
    result = paint_image(page, assets=None, asset="cook.png")
    assert len(result["warnings"]) == 1


def test_images_to_preload_are_asked_for_before_they_are_drawn(page: Page) -> None:
    body = """
        const { fetch } = window;
        const asked = [];
        window.fetch = async (url) => {
          asked.push(new URL(url).pathname);
          return new Response("", {status: 404});
        };
        new m.Images({base_url: "assets/game/", preload: ["a.png", "some sheet.png"]});
        window.fetch = fetch;
        return asked;
    """
    assert run(page, "view/images.js", body) == [
        "/assets/game/a.png",
        "/assets/game/some%20sheet.png",
    ]
