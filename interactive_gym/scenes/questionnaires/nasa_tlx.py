"""NASA-TLX: how much work a task was, on six scales.

Source: S. G. Hart and L. E. Staveland, "Development of NASA-TLX (Task Load Index): Results of
empirical and theoretical research", in P. A. Hancock and N. Meshkati (eds.), Human Mental Workload,
1988, pp. 139-183. Questions and ends of the scales are those of the form that NASA's Ames Research
Center published: a work of the United States government, and so in the public domain.
"""

from interactive_gym.scenes.forms.controls import slider_question
from interactive_gym.scenes.page_scene import StaticScene

SCALES = {
    "mental_demand": ("Mental demand", "How mentally demanding was the task?"),
    "physical_demand": ("Physical demand", "How physically demanding was the task?"),
    "temporal_demand": ("Temporal demand", "How hurried or rushed was the pace of the task?"),
    "performance": (
        "Performance",
        "How successful were you in accomplishing what you were asked to do?",
    ),
    "effort": (
        "Effort",
        "How hard did you have to work to accomplish your level of performance?",
    ),
    "frustration": (
        "Frustration",
        "How insecure, discouraged, irritated, stressed, and annoyed were you?",
    ),
}
"""By item, what a scale is called and what it asks."""

STEP = 5
"""The form has 21 marks, from 0 to 100."""


class NasaTlx(StaticScene):
    """Six sliders from 0 to 100 in steps of 5, all of which must be moved or clicked.

    Stored as ``mental_demand``, ``physical_demand``, ``temporal_demand``, ``performance`` (0 is
    perfect, 100 failure), ``effort`` and ``frustration``. Their mean is the raw TLX; the weights of
    the full procedure are not asked for.
    """

    def __init__(self) -> None:
        super().__init__()
        self._header = "How was the task?"

    def _questions_html(self) -> str:
        return "".join(
            slider_question(item, name, question, _ends_of(item), step=STEP)
            for item, (name, question) in SCALES.items()
        )


def _ends_of(item: str) -> tuple[str, str]:
    return ("Perfect", "Failure") if item == "performance" else ("Very low", "Very high")
