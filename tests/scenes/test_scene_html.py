import pytest

from interactive_gym.scenes.gym_scene import GymScene
from interactive_gym.scenes.scene_html import inert_parts
from interactive_gym.scenes.static_scene import StartScene


@pytest.mark.parametrize(
    ("html", "parts"),
    [
        ("<script>alert(1)</script>", ["<script>"]),
        ("<SCRIPT src=a.js></SCRIPT><script></script>", ["<script>"]),
        ('<p onclick="a()" style="color: red">x</p>', ["the attribute onclick"]),
        ('<a href=" JavaScript:a()">x</a>', ["a javascript: address"]),
        ('<embed src="a"><base href="/x">', ["<embed>", "<base>"]),
    ],
)
def test_what_browsers_ignore_is_named(html, parts):
    assert inert_parts(html) == parts


@pytest.mark.parametrize(
    "html",
    [
        "",
        '<p style="color: red">on <b>time</b> &lt;script&gt;</p>',
        '<style>p { color: red }</style><img src="data:image/png;base64,AA" alt="one">',
        '<iframe src="https://example.org/film"></iframe><a href="https://example.org">x</a>',
        "<p class='unclosed",
    ],
)
def test_what_they_show_is_not(html):
    assert inert_parts(html) == []


def test_a_scene_tells_all_its_html():
    assert StartScene().scene(scene_id="a").display(scene_body="<b>").html == ("<b>",)
    game = GymScene().user_experience(scene_body="<b>", in_game_scene_body="<i>")
    assert game.html == ("<b>", "<i>")
