"""Floor 2: record once, run at machine speed. Values become loops, loops become LLVM, LLVM machine code.

Read in this order: `numbering` (a graph as operations, each once), `plan` and `planner` (which of them run
together, and where numbers lie), `builder` (LLVM text, and formulas in it), `codegen` (loops), `interpreter`
(operations that form no loops), `blocks` (load and transpose data), `lanes` (sums and checks across a register),
`primitives` (exp, tanh, … on vectors), `llvm` and `cache` (llvmlite, and machine code on disk), then the programs:
`program`, `structure`, `trees`, `trace` and `function` (`compile`), `train_codegen`, `training` and `mixed`.
Nothing here knows a derivative or a network: gradients arrive as Values.
"""

from importlib.util import find_spec

__all__: list[str] = []

if find_spec("llvmlite") is None or find_spec("numpy") is None:
    raise ImportError("native code needs llvmlite and numpy: pip install llvmlite numpy")
