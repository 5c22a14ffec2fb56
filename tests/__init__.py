"""The tests, in the package's own layout: a file for each module, and what they share in `support`.

What spans modules stands in the folder of the smallest room that holds them all. `docs` runs what
the documents show, `e2e` drives browsers, `recorded` keeps what earlier versions wrote, and
`benchmarks` prints figures. A package, so that no other package of this name is found in its place.
"""
