"""Has Hypothesis try a few examples, the same every time, and not look for the smallest one.

Imported before any test. Tests that ask for a number of examples get it.
"""

from hypothesis import Phase, settings

settings.register_profile(
    "mutation",
    derandomize=True,
    database=None,
    deadline=None,
    max_examples=25,
    phases=(Phase.explicit, Phase.generate),
)
settings.load_profile("mutation")
