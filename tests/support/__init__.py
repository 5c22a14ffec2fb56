"""What tests and benchmarks share.

Fakes and small games lie here; `e2e` has what drives real browsers and the served product, `netlab`
the emulated network.
"""
