"""The commands of `interactive-gym`, one module each.

Every module has a click `command`, which may return an exit status. A command raises ValueError
with one sentence if options contradict each other or a file cannot be used.
"""
