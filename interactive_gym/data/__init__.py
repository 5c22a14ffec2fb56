"""What a study leaves, for those who analyse it: its tables as data frames, and what they mean.

`schema` says which tables and columns there are, and ``loading`` reads them out of a data folder.
Nothing here writes into a data folder, and no server is needed.
"""

from interactive_gym.data.loading import load_study

__all__ = ["load_study"]
