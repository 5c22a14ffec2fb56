"""The commands of `interactive-gym`, a module each.

Every module has a click `command`, which may return an exit status. A command raises ValueError
with one sentence for options it must refuse together, or for a file it cannot use.
"""
