"""The tests; `oracles` and `graphs` are shared by several of them."""
