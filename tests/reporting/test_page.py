from interactive_gym.reporting.figures import INK
from interactive_gym.reporting.page import figure, listed, page, paragraph, section, table

HOSTILE = '<script>alert(1)</script>"&'


def test_what_participants_can_write_is_text() -> None:
    made = page(
        HOSTILE,
        [
            section(HOSTILE, paragraph(HOSTILE), listed([HOSTILE])),
            table(HOSTILE, [HOSTILE], [[HOSTILE, HOSTILE]]),
        ],
    )
    assert "<script" not in made
    assert "alert(1)&lt;/script&gt;&quot;&amp;" in made


def test_numbers_have_few_digits_and_what_is_missing_a_dash() -> None:
    made = table("", ["", ""], [["a", 0.123456], ["b", 1234.56], ["c", None], ["d", 1234]])
    assert ">0.123<" in made and ">1235<" in made and ">–<" in made and ">1234<" in made


def test_figures_take_the_colour_of_the_page() -> None:
    drawing = (
        f'<?xml version="1.0"?><svg id="figure_1"><metadata>x</metadata><g fill="{INK}"/></svg>'
    )
    made = figure("a", {"a": drawing}, "caption", is_wide=True)
    assert 'fill="currentColor"' in made and "metadata" not in made and "figure_1" not in made
    assert 'aria-label="caption"' in made
    assert figure("b", {"a": drawing}, "caption") == ""
