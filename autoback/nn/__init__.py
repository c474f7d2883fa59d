"""Floor 3: networks, and how they learn.

Read in this order: `modules` (Neuron, Layer, MLP), `initializers` (their first numbers), `losses`
(how wrong an output is), `optimizers` (how a parameter moves), `training` (fit) with `eager` (its
steps), `history` (what it returns) and `samples` (what it takes); then `evaluation`, `datasets`
and `storage`.
"""
