"""Inclusion of the other in the self: how close one feels to the partner, by pairs of circles.

Source of the measure: A. Aron, E. N. Aron and D. Smollan, "Inclusion of Other in the Self Scale and
the structure of interpersonal closeness", Journal of Personality and Social Psychology 63 (1992),
pp. 596-612. The idea of seven pairs of circles that overlap more and more is theirs, and is to be
cited. The question and the drawings are this project's own, under its licence; the overlaps grow in
equal steps of the distance between the centres, and are not those of the printed scale.
"""

from interactive_gym.scenes.page_scene import StaticScene

STEPS = 7
RADIUS = 26
_GAP = 4
"""Between the circles of the first picture, in pixels."""
_LAST_DISTANCE = 12
"""Between the centres of the last picture, in pixels."""


class InclusionOfOther(StaticScene):
    """Seven pictures of two circles, of which one is chosen.

    Stored as ``closeness``, from 1 (apart) to 7 (almost one).
    """

    def __init__(self) -> None:
        super().__init__()
        self._header = "You and your partner"

    def _questions_html(self) -> str:
        pictures = "".join(
            f'<label class="picture-choice"><input type="radio" name="closeness" value="{step}" '
            f"required>{_circles(step)}<span>{step}</span></label>"
            for step in range(1, STEPS + 1)
        )
        return (
            '<fieldset class="question"><legend>The filled circle is you, the other one your '
            "partner. Which picture shows best how close you felt to each other?</legend>"
            f'<div class="pictures">{pictures}</div></fieldset>'
        )


def _circles(step: int) -> str:
    """The picture of one step as SVG, with what it shows in words."""
    first = 2 * RADIUS + _GAP
    distance = first - (step - 1) * (first - _LAST_DISTANCE) / (STEPS - 1)
    middle = 60
    left, right = middle - distance / 2, middle + distance / 2
    overlap = "apart" if step == 1 else f"overlapping, step {step} of {STEPS}"
    circles = "".join(
        f'<circle cx="{x:.1f}" cy="30" r="{RADIUS}" fill="currentColor" fill-opacity="{opacity}" '
        'stroke="currentColor" stroke-width="2"/>'
        for x, opacity in ((left, 0.25), (right, 0))
    )
    return (
        f'<svg viewBox="0 0 120 60" role="img" aria-label="Two circles, {overlap}">{circles}</svg>'
    )
