"""Floor 3: networks, and how they learn.

Read in this order: `modules` (Neuron, Layer, MLP), `initializers` (their first weights), `losses`
(what is wrong, as one number), `optimizers` (how a parameter moves), `training` (fit).
"""
