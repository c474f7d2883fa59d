"""Floor 3: networks, and how they learn.

Read in this order: `modules` (Neuron, Layer, MLP) with `naming` (what things are called) and
`initializers` (their first numbers), `losses` (how wrong an output is), `optimizers` (how a
parameter moves), `training` (fit) with `data` (what it takes) and `history` (what it returns),
`python_steps` (its steps), `replay` (a graph written out as Python) and `native_steps` (its steps in
machine code); then `evaluation`, `datasets` and `storage`.
"""
