"""The engine in C: the same Value, an order of magnitude faster, made from the same rows.

`../value.py` is the definition; read it first. Here stands the same, one file per idea:
`value.h` (what a Value is), `memory.c` (made and freed), `record.c` (how a graph grows), `backward.c`
(the walk and the chain rule), `refresh.c` (changed leaves), `operators.c`, `functions.c`,
`attributes.c`, `module.c`; `call.c` calls compiled functions. No file knows a derivative: `reader.py` writes `rows.h` from the table
when the extension is built (`build.py`), and `formula.h` says what the functions of a formula are in C.
"""
