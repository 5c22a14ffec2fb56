"""The searches for groups: pairs, larger groups, and the earliest ones."""
