import pytest

from interactive_gym.scenes.static_scene import Instructions


def instructions():
    return Instructions().scene(scene_id="how")


def test_every_page_is_a_part_of_its_own_and_may_ask(tmp_path):
    file = tmp_path / "page.html"
    file.write_text("<p>One</p>", encoding="utf-8")
    scene = instructions().display(pages_filepaths=[file])
    assert scene.page_html == '<section class="leaf"><p>One</p></section>'
    scene.display(pages=["<p>One</p>", "<input name='seen'>"])
    assert scene.page_html.count('<section class="leaf">') == 2
    assert list(scene.form().fields) == ["seen"]
    assert "<p>One</p>" in scene.html


@pytest.mark.parametrize(
    ("options", "why"),
    [
        ({"pages": []}, "pages is"),
        ({"pages": "<p>"}, "pages is '<p>'"),
        ({"pages": [""]}, r"pages\[0\] is ''"),
        ({"pages_filepaths": ["none.html"]}, r"pages\[0\]_filepath is 'none.html'"),
        ({"pages": ["a"], "pages_filepaths": ["b"]}, "give one of the two"),
    ],
)
def test_pages_that_cannot_be_shown_are_refused(options, why):
    with pytest.raises(ValueError, match=why):
        instructions().display(**options)


def test_instructions_without_a_page_are_refused():
    with pytest.raises(ValueError, match="pages is missing in the scene 'how'"):
        instructions().check()
