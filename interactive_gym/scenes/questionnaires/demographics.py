"""Demographics: age, gender, education, and how often one plays games.

Written for this project, under its licence. No answer is required, so that nobody has to tell
anything of themselves to be paid.
"""

from interactive_gym.scenes.forms.controls import choice_question
from interactive_gym.scenes.page_scene import StaticScene

MIN_AGE, MAX_AGE = 18, 120

GENDERS = {
    "woman": "Woman",
    "man": "Man",
    "non_binary": "Non-binary",
    "other": "Something else",
    "not_told": "I prefer not to say",
}
EDUCATIONS = {
    "none": "No school-leaving certificate",
    "school": "School-leaving certificate",
    "vocational": "Vocational training",
    "bachelor": "Bachelor's degree or similar",
    "master": "Master's degree or higher",
    "not_told": "I prefer not to say",
}
PLAYING = {
    "never": "Never",
    "yearly": "A few times a year",
    "monthly": "A few times a month",
    "weekly": "A few times a week",
    "daily": "Every day",
}


class Demographics(StaticScene):
    """Four questions about oneself. Stored as ``age``, ``gender``, ``education`` and ``games``.

    Whoever is younger than 18 cannot enter their age.
    """

    def __init__(self) -> None:
        super().__init__()
        self._header = "About you"
        self._subheader = "You can leave out what you prefer not to tell."

    def _questions_html(self) -> str:
        return (
            '<div class="question"><label for="question-age">How old are you, in years?</label>'
            '<input type="number" id="question-age" name="age" inputmode="numeric" '
            f'min="{MIN_AGE}" max="{MAX_AGE}"></div>'
            + choice_question("gender", "What is your gender?", GENDERS, required=False)
            + choice_question(
                "education", "What is your highest education?", EDUCATIONS, required=False
            )
            + choice_question(
                "games", "How often do you play video games?", PLAYING, required=False
            )
        )
