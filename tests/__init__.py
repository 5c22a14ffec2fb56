"""The tests, in the package's own layout: a file for each module, and what they share in `support`.

A package, so that no other package of this name is found in its place.
"""
