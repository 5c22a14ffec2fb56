"""What each outcome means for a participant: the table of endings.

Scripts import `Ending` and `ScreenOutPayment` from here, and give them to
``ExperimentConfig.outcomes``.
"""

from interactive_gym.scenes.outcomes.ending import Ending, ScreenOutPayment

__all__ = ["Ending", "ScreenOutPayment"]
