"""Trust in the partner after a game, on six scales.

Written for this project, under its licence, and not validated: report it as an ad-hoc measure. It
asks about the three grounds of trust that R. C. Mayer, J. H. Davis and F. D. Schoorman name ("An
integrative model of organizational trust", Academy of Management Review 20 (1995), pp. 709-734),
ability, benevolence and integrity, and about trust as a whole. None of their wording is used.
"""

from interactive_gym.scenes.forms.controls import scale_question
from interactive_gym.scenes.page_scene import StaticScene

STATEMENTS = {
    "ability": "My partner knew what to do in the game.",
    "skill": "My partner carried out well what they wanted to do.",
    "benevolence": "My partner cared about how I was doing.",
    "integrity": "My partner acted fairly.",
    "predictability": "I could tell what my partner would do next.",
    "trust": "I would rely on this partner in another game.",
}
"""By item, the statement."""

SIZE = 7
LABELS = ("I do not agree at all", "I agree fully")


class PartnerTrust(StaticScene):
    """Six statements, each with a scale from 1 (no agreement) to 7.

    Stored as ``ability``, ``skill``, ``benevolence``, ``integrity``, ``predictability`` and
    ``trust``.
    """

    def __init__(self) -> None:
        super().__init__()
        self._header = "Your partner"
        self._subheader = "How far do you agree with each sentence?"

    def _questions_html(self) -> str:
        return "".join(
            scale_question(item, statement, SIZE, LABELS) for item, statement in STATEMENTS.items()
        )
