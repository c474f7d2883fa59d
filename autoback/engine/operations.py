"""The table: every operation is one row, stated as text, and everything else reads that row.

A row gives what the operation computes and its derivative with respect to each input, in the
language of `formula`. Adding an operation is adding a row; a derivative is written nowhere else.
"""

from math import inf, pi

from autoback.engine.operation import Operation, OperationError

__all__ = ["CUSTOM", "OPERATIONS", "Operation", "OperationError"]

_DIVISOR = "the divisor must not be zero or nearly so; add a small positive number to it"
_STEP = "where(x > 0.0, 1.0, 0.0)"
_HALF = "at a tie each operand gets half of the gradient, as in PyTorch and JAX"

_ROWS = (
    #         name            symbol   value                                  partials
    Operation("add",           "+",    "x + y",                               ("1.0", "1.0")),
    Operation("sub",           "−",    "x - y",                               ("1.0", "-1.0")),
    Operation("mul",           "×",    "x * y",                               ("y", "x")),
    Operation("div",           "÷",    "x / y",                               ("1.0 / y", "-out / y"),
              domain=(0.5, 2.0), hint=_DIVISOR, overflow=_DIVISOR),
    Operation("neg",           "−",    "-x",                                  ("-1.0",)),
    Operation("power",         "^",    "pow(x, y)",                           ("where(y == 0.0, 0.0, y * pow(x, y - 1.0))", "0.0"),
              domain=(0.5, 2.0), constants=1, general="pow",
              convention="the exponent is a constant; x ** 0 has derivative 0, also at 0",
              hint="a negative base needs a whole exponent, and at 0 the exponent must be 0 or at least 1"),
    Operation("pow",           "^",    "pow(x, y)",                           ("y * pow(x, y - 1.0)", "out * log(where(x > 0.0, x, 1.0))"),
              domain=(0.5, 2.0),
              convention="where the base is not positive the exponent has derivative 0: between whole exponents there is no power",
              hint="a negative base needs a whole exponent, and at 0 the exponent must be at least 1"),
    Operation("exp",           "exp",  "exp(x)",                              ("out",),
              overflow="exp overflows above 709.78; scale the argument down, or use sigmoid, softplus or a loss from logits",
              range=(0.0, inf)),
    Operation("log",           "log",  "log(x)",                              ("1.0 / x",),
              domain=(0.5, 2.0), hint="log needs x > 0; softplus makes any number positive"),
    Operation("sqrt",          "√",    "sqrt(x)",                             ("0.5 / out",),
              domain=(0.5, 2.0), hint="sqrt needs x > 0: at 0 its slope is infinite; add a small positive number", range=(0.0, inf)),
    Operation("abs",           "|·|",  "abs(x)",                              ("where(x > 0.0, 1.0, where(x < 0.0, -1.0, 0.0))",),
              convention="the derivative at 0 is 0", range=(0.0, inf)),
    Operation("sin",           "sin",  "sin(x)",                              ("cos(x)",), range=(-1.0, 1.0), activation=True),
    Operation("cos",           "cos",  "cos(x)",                              ("-sin(x)",), range=(-1.0, 1.0)),
    Operation("tan",           "tan",  "tan(x)",                              ("1.0 + out * out",),
              domain=(-1.0, 1.0), elementary="sin(x) / cos(x)"),
    Operation("atan",          "atan", "atan(x)",                             ("1.0 / (1.0 + x * x)",), range=(-pi / 2.0, pi / 2.0)),
    Operation("tanh",          "tanh", "tanh(x)",                             ("1.0 - out * out",),
              elementary="(exp(x) - exp(-x)) / (exp(x) + exp(-x))", range=(-1.0, 1.0), activation=True),
    Operation("log1p",         "log1p", "log1p(x)",                           ("1.0 / (1.0 + x)",),
              domain=(-0.5, 2.0), hint="log1p(x) is log(1 + x) and needs x > -1", elementary="log(1.0 + x)"),
    Operation("expm1",         "expm1", "expm1(x)",                           ("exp(x)",),
              overflow="expm1 overflows above 709.78; scale the argument down", elementary="exp(x) - 1.0", range=(-1.0, inf)),
    Operation("sigmoid",       "σ",    "1.0 / (1.0 + exp(-x))",               ("out * (1.0 - out)",),
              elementary="1.0 / (1.0 + exp(-x))", range=(0.0, 1.0), activation=True),
    Operation("relu",          "relu", "maximum(x, 0.0)",                     (_STEP,),
              elementary="maximum(x, 0.0)", convention="the derivative at 0 is 0", range=(0.0, inf), activation=True),
    Operation("leaky_relu",    "leaky", "where(x > 0.0, x, 0.01 * x)",        ("where(x > 0.0, 1.0, 0.01)",),
              convention="the slope below and at 0 is 0.01", activation=True),
    Operation("softplus",      "softplus", "maximum(x, 0.0) + log1p(exp(-abs(x)))", ("-expm1(-out)",),
              elementary="log(1.0 + exp(x))", range=(0.0, inf), activation=True),
    Operation("silu",          "silu", "x / (1.0 + exp(-x))",                 ("(1.0 + x - out) / (1.0 + exp(-x))",),
              elementary="x / (1.0 + exp(-x))", range=(-0.2784645427610738, inf), activation=True),
    Operation("gelu",          "gelu", "0.5 * x * erfc(-x / sqrt(2.0))",
              ("0.5 * erfc(-x / sqrt(2.0)) + x * exp(-0.5 * x * x) / sqrt(2.0 * 3.141592653589793)",),
              elementary="0.5 * x * (1.0 + erf(x / sqrt(2.0)))", range=(-0.1699712074799037, inf), activation=True),
    Operation("elu",           "elu",  "where(x > 0.0, x, expm1(x))",         ("exp(minimum(x, 0.0))",),
              convention="smooth at 0, where the slope is 1; its own slope jumps there", range=(-1.0, inf), activation=True),
    Operation("erf",           "erf",  "erf(x)",                              ("2.0 * exp(-x * x) / sqrt(3.141592653589793)",),
              range=(-1.0, 1.0)),
    Operation("erfc",          "erfc", "erfc(x)",                             ("-2.0 * exp(-x * x) / sqrt(3.141592653589793)",),
              elementary="1.0 - erf(x)", range=(0.0, 2.0)),
    Operation("sinh",          "sinh", "0.5 * (expm1(x) - expm1(-x))",        ("0.5 * (exp(x) + exp(-x))",),
              elementary="0.5 * (exp(x) - exp(-x))", overflow="sinh overflows above 710.47; scale the argument down"),
    Operation("cosh",          "cosh", "0.5 * (exp(x) + exp(-x))",            ("0.5 * (expm1(x) - expm1(-x))",),
              elementary="0.5 * (exp(x) + exp(-x))", overflow="cosh overflows above 710.47; scale the argument down", range=(1.0, inf)),
    Operation("asin",          "asin", "atan(x / sqrt((1.0 - x) * (1.0 + x)))", ("1.0 / sqrt((1.0 - x) * (1.0 + x))",),
              domain=(-0.9, 0.9), hint="asin needs -1 < x < 1: at the ends its slope is infinite", range=(-pi / 2.0, pi / 2.0)),
    Operation("acos",          "acos", "2.0 * atan(sqrt((1.0 - x) / (1.0 + x)))", ("-1.0 / sqrt((1.0 - x) * (1.0 + x))",),
              domain=(-0.9, 0.9), hint="acos needs -1 < x < 1: at the ends its slope is infinite", range=(0.0, pi)),
    Operation("asinh",         "asinh", "asinh(x)",                           ("1.0 / sqrt(x * x + 1.0)",)),
    Operation("acosh",         "acosh", "acosh(x)",                           ("1.0 / sqrt((x - 1.0) * (x + 1.0))",),
              domain=(1.5, 3.0), hint="acosh needs x > 1: at 1 its slope is infinite", range=(0.0, inf)),
    Operation("atanh",         "atanh", "atanh(x)",                           ("1.0 / ((1.0 - x) * (1.0 + x))",),
              domain=(-0.9, 0.9), hint="atanh needs -1 < x < 1: at the ends it is infinite"),
    Operation("log2",          "log2", "log2(x)",                             ("1.0 / (x * log(2.0))",),
              domain=(0.5, 2.0), hint="log2 needs x > 0; softplus makes any number positive"),
    Operation("log10",         "log10", "log10(x)",                           ("1.0 / (x * log(10.0))",),
              domain=(0.5, 2.0), hint="log10 needs x > 0; softplus makes any number positive"),
    Operation("floor",         "⌊·⌋",  "floor(x)",                            ("0.0",),
              convention="flat, also at the jump"),
    Operation("clip",          "clip", "where(x < y, y, where(x > z, z, x))",
              ("where(x < y, 0.0, where(x > z, 0.0, 1.0))", "where(x < y, 1.0, 0.0)", "where(x < y, 0.0, where(x > z, 1.0, 0.0))"),
              convention="from y to z; at the ends x gets the whole gradient"),
    Operation("maximum",       "max",  "maximum(x, y)",
              ("where(x > y, 1.0, where(x == y, 0.5, 0.0))", "where(y > x, 1.0, where(x == y, 0.5, 0.0))"), convention=_HALF),
    Operation("minimum",       "min",  "minimum(x, y)",
              ("where(x < y, 1.0, where(x == y, 0.5, 0.0))", "where(y < x, 1.0, where(x == y, 0.5, 0.0))"), convention=_HALF),
    Operation("greater",       ">",    "where(x > y, 1.0, 0.0)",              ("0.0", "0.0"),
              convention="1 or 0; flat, also at the jump", range=(0.0, 1.0)),
    Operation("greater_equal", "≥",    "where(x >= y, 1.0, 0.0)",             ("0.0", "0.0"),
              convention="1 or 0; flat, also at the jump", range=(0.0, 1.0)),
    Operation("equal",         "=",    "where(x == y, 1.0, 0.0)",             ("0.0", "0.0"),
              convention="1 or 0; flat, also at the jump", range=(0.0, 1.0)),
    Operation("where",         "if",   "where(x == 0.0, z, y)",
              ("0.0", "where(x == 0.0, 0.0, 1.0)", "where(x == 0.0, 1.0, 0.0)"),
              convention="x chooses, anything but 0 is yes; it gets no gradient"),
    Operation("sum",           "Σ",    "sum(x)",                              ("1.0",), elementary="x + y"),
    Operation("dot",           "Σ×",   "sum(x * y)",                          ("y", "x"), elementary="sum(x * y)"),
)  # fmt: skip

#: The table, by name, in the order of its rows.
OPERATIONS: dict[str, Operation] = {row.name: row for row in _ROWS}
#: The names in it that the user has defined; see define.py.
CUSTOM: set[str] = set()


def row_named(name: str) -> Operation:
    """The row that a pickle names."""
    return OPERATIONS[name]
