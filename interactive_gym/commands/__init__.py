"""The commands of `interactive-gym`, a module each.

Every module has `register(subparsers)`, which adds its command and sets `run` to a function of the
parsed options that may return the exit status. A command raises ValueError with one sentence for an
option it must refuse.
"""
