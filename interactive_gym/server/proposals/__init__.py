"""From the matchmaker's proposal over probed edges to the verdict on a group."""
