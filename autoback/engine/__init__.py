"""Floor 1: numbers that remember how they were made.

Read in this order: `operations` (the table), `operation` (what a row is), `formula` (the language it is
written in), `value` (the graph and `backward`), `functions` (the rows as functions), `sequences` (softmax
and its kin), `gradient` (gradients that are Values), `forward` (the same from the inputs up), `check`
(finite differences), `define` and `derive` (operations of the user). Behind the scenes: `walk` (the order
of a graph), `fast` (why an operator is fast), `tracing` (while a program is recorded), `copying` (copies
and pickles of deep graphs), `arrays` (what NumPy does with Values), `choice` and `c` (the engine in C).
"""

from autoback.engine import arrays as arrays  # gives Value its manners towards NumPy
from autoback.engine import copying as copying  # gives Value its copies and pickles
from autoback.engine import fast as fast  # gives Value its fast operators
from autoback.engine import functions as functions  # gives Value its methods
