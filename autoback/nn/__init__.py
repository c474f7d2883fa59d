"""Floor 3: networks, and how they learn.

Read in this order: `module` (what has parameters), `traversal` (how it finds them) and `modules` (Neuron, Layer, MLP,
Embedding) with `naming` (what things are called) and `initializers` (their first numbers), `losses` (how wrong an output
is, and the facts about each loss), `optimizers` (how a parameter moves) and `schedules` (how far), `training` (fit) with
`data` (what it takes) and `history` (what it returns), `python_steps` (its steps), `replay` (a graph written out as Python)
and `native_steps` (its steps in machine code), `indices` (tokens and classes while a program is recorded); then `evaluation`,
`alarms` and `health` (what is wrong with a network), `sweep` (many seeds), `datasets` and `storage`. `arguments` checks what
is given.
"""
