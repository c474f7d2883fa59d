"""Floor 2: record once, run at machine speed. Values become loops, loops become LLVM, LLVM machine code.

Read in this order: `layout` (which operations run together, and where numbers lie), `code` (LLVM text and
formulas in it), `emit` (loops), `tables` (what forms no loops), `samples` (data in and out), `primitives`
(exp, tanh, … on vectors), `machine` (llvmlite), then what runs: `program`, `function`, `step`, `training`.
Nothing here knows a derivative or a network: gradients arrive as Values.
"""

from importlib.util import find_spec

__all__: list[str] = []

if find_spec("llvmlite") is None or find_spec("numpy") is None:
    raise ImportError("native code needs llvmlite and numpy: pip install 'autoback[native]'")
