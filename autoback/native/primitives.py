"""The functions of the rule language on vectors: exp, log, tanh, … as LLVM text, a few ulp from libm.

One double at a time is left to libm, so that it agrees with `math` to the last bit. Vectors get
polynomials here; the rarer functions (sin, pow, …) take their lanes to libm one by one.
Sources: exp and log by Cody & Waite's reduction, Software Manual for the Elementary Functions,
1980, chapters 5 and 6; the coefficients of log and the halves of ln 2 from fdlibm's e_log.c (Sun
Microsystems, 1993); log1p by W. Kahan's correction (Goldberg, What Every Computer Scientist Should
Know About Floating-Point Arithmetic, 1991, theorem 4); exp's coefficients are 1/k!.
"""

import math
from collections.abc import Callable, Sequence

from autoback.engine.formula import FUNCTIONS
from autoback.native.builder import INTRINSICS, Builder, literal, primitive_name, vector
from autoback.native.llvm import register_lanes

__all__ = ["definitions"]

_PURE = "memory(none) nounwind willreturn"
_LN2_HIGH, _LN2_LOW = 6.93147180369123816490e-01, 1.90821492927058770002e-10
_MAGIC = 1.5 * 2.0**52  # added to a small double, it leaves the nearest integer in the last bits
_LOG = (6.666666666666735130e-01, 3.999999999940941908e-01, 2.857142874366239149e-01, 2.222219843214978396e-01,
        1.818357216161805012e-01, 1.531383769920937332e-01, 1.479819860511658591e-01)  # fmt: skip


def definitions(used: Sequence[tuple[str, int]]) -> str:
    """Everything that a module must say about the primitives that it calls."""
    defined: dict[str, None] = {}
    needed = list(used)
    for function, width in needed:
        if width > 1 and function in _VECTOR:
            text, more = _VECTOR[function](width)
        elif width > 1 and function not in INTRINSICS:
            text, more = _lane_by_lane(function, width)
        else:
            given = ", ".join([vector(width)] * FUNCTIONS[function])
            text, more = f"declare {vector(width)} @{primitive_name(function, width)}({given}) {_PURE}\n", []
        defined[text] = None
        needed += [item for item in more if item not in needed]
    return "\n".join(defined)


def _lane_by_lane(function: str, width: int) -> tuple[str, list[tuple[str, int]]]:
    """A vector function that calls libm for each lane."""
    names = [f"%{letter}" for letter in "xyz"[: FUNCTIONS[function]]]
    kind = vector(width)
    lines = [f"define internal {kind} @{primitive_name(function, width)}({', '.join(f'{kind} {x}' for x in names)}) noinline {_PURE} {{"]
    before = "poison"
    for lane in range(width):
        for x in names:
            lines.append(f"  {x}{lane} = extractelement {kind} {x}, i64 {lane}")
        lines.append(f"  %r{lane} = call double @{function}({', '.join(f'double {x}{lane}' for x in names)}) nobuiltin")
        lines.append(f"  %s{lane} = insertelement {kind} {before}, double %r{lane}, i64 {lane}")
        before = f"%s{lane}"
    lines += [f"  ret {kind} {before}", "}", ""]
    return "\n".join(lines), [(function, 1)]


class _Lanes:
    """Arithmetic on `width` doubles and on their bits, written into a function body."""

    def __init__(self, code: Builder, width: int) -> None:
        self.code, self.width, self.type, self.bits = code, width, vector(width), f"<{width} x i64>"

    def operand(self, value: str | float) -> str:
        return value if isinstance(value, str) else literal(value, self.width)

    def op(self, instruction: str, *operands: str | float) -> str:
        return self.code.let(f"{instruction} {self.type} {', '.join(map(self.operand, operands))}")

    def intrinsic(self, function: str, *operands: str | float) -> str:
        given = ", ".join(f"{self.type} {self.operand(operand)}" for operand in operands)
        return self.code.let(f"call {self.type} @llvm.{function}.v{self.width}f64({given})")

    def fma(self, x: str | float, y: str | float, z: str | float) -> str:
        return self.intrinsic("fmuladd", x, y, z)

    def integer(self, instruction: str, value: str, number: int | str) -> str:
        second = number if isinstance(number, str) else f"splat (i64 {number})"
        return self.code.let(f"{instruction} {self.bits} {value}, {second}")

    def to_bits(self, value: str) -> str:
        return self.code.let(f"bitcast {self.type} {value} to {self.bits}")

    def to_double(self, value: str) -> str:
        return self.code.let(f"bitcast {self.bits} {value} to {self.type}")

    def where(self, comparison: str, left: str, right: str | float, yes: str | float, no: str | float) -> str:
        condition = self.op(f"fcmp {comparison}", left, right)
        choices = ", ".join(f"{self.type} {self.operand(choice)}" for choice in (yes, no))
        return self.code.let(f"select <{self.width} x i1> {condition}, {choices}")

    def clamp(self, x: str, low: float, high: float) -> str:
        """x between two numbers; a nan stays one."""
        return self.where("ogt", lifted := self.where("olt", x, low, low, x), high, high, lifted)

    def polynomial(self, coefficients: Sequence[float], x: str) -> str:
        """c0 + c1 x + c2 x² + … by halves (Estrin), so that products need not wait for each other."""
        terms: list[str | float] = list(coefficients)
        power = x
        while len(terms) > 1:
            pairs = [self.fma(terms[k + 1], power, terms[k]) for k in range(0, len(terms) - 1, 2)]
            terms = [*pairs, *([terms[-1]] if len(terms) % 2 else [])]
            if len(terms) > 1:
                power = self.op("fmul", power, power)
        return self.operand(terms[0])

    def nearest(self, x: str | float, scale: float) -> tuple[str, str]:
        """The integer nearest to x · scale, as a double and in the last bits of another."""
        shifted = self.fma(x, scale, _MAGIC)
        return self.op("fsub", shifted, _MAGIC), self.to_bits(shifted)

    def power_of_two(self, bits: str) -> str:
        """2ⁿ for −1022 ≤ n ≤ 1023 in the last bits."""
        return self.to_double(self.integer("add", self.integer("shl", bits, 52), 1023 << 52))

    def reduce(self, x: str) -> tuple[str, str, str]:
        """n, its bits, and r with x = n ln 2 + r, |r| ≤ ln 2 / 2."""
        n, bits = self.nearest(x, 1.0 / math.log(2.0))
        return n, bits, self.fma(n, -_LN2_LOW, self.fma(n, -_LN2_HIGH, x))

    def exp_minus_one(self, r: str) -> str:
        """eʳ − 1 for a reduced r, by its series."""
        series = self.polynomial([1.0 / math.factorial(k) for k in range(2, 14)], r)
        return self.fma(self.op("fmul", r, r), series, r)


def _primitive(body: Callable[[_Lanes, str], str], calls: Sequence[str] = ()) -> Callable[[int], tuple[str, list[tuple[str, int]]]]:
    def define(width: int) -> tuple[str, list[tuple[str, int]]]:
        code = Builder()
        result = body(_Lanes(code, width), "%x")
        code.do(f"ret {vector(width)} {result}")
        # Several registers at once keep the processor busy by themselves, and would only make the code long.
        attributes = _PURE + (" noinline " if width > register_lanes() else " ")
        text = code.function(
            f"internal {vector(width)}", primitive_name(body.__name__.strip("_"), width), f"{vector(width)} %x", attributes
        )
        return text, [(function, width) for function in calls]

    return define


def _exp(v: _Lanes, x: str) -> str:
    n, _, r = v.reduce(x)
    # 2ⁿ in two factors: n may be as low as −1075, where the result is subnormal.
    half, half_bits = v.nearest(n, 0.5)
    _, rest_bits = v.nearest(v.op("fsub", n, half), 1.0)
    series = v.polynomial([1.0 / math.factorial(k) for k in range(14)], r)
    result = v.op("fmul", v.op("fmul", series, v.power_of_two(half_bits)), v.power_of_two(rest_bits))
    # Where n is beyond reach, so is the result. Asking last keeps the question off the longest path.
    result = v.where("ogt", x, 709.79, math.inf, result)
    return v.where("olt", x, -745.14, 0.0, result)


def _expm1(v: _Lanes, x: str) -> str:
    _, bits, r = v.reduce(v.clamp(x, -50.0, 710.0))
    half = v.power_of_two(v.integer("sub", bits, 1))  # 2ⁿ⁻¹: 2ⁿ itself could be too large
    result = v.fma(half, v.exp_minus_one(r), v.op("fsub", half, 0.5))
    return v.op("fadd", result, result)


def _tanh(v: _Lanes, x: str) -> str:
    m = _expm1(v, v.op("fmul", v.intrinsic("fabs", x), -2.0))
    size = v.op("fdiv", v.op("fneg", m), v.op("fadd", m, 2.0))
    return v.intrinsic("copysign", size, x)


def _log(v: _Lanes, x: str) -> str:
    tiny = v.where("olt", x, 2.0**-1022, 2.0**54, 1.0)
    bits = v.to_bits(v.op("fmul", x, tiny))
    root_half = 0x3FE6A09E667F3BCD  # the bits of √½: the mantissa is taken from √½ to √2
    exponent = v.integer("ashr", v.integer("sub", bits, root_half), 52)
    mantissa = v.to_double(v.integer("sub", bits, v.integer("shl", exponent, 52)))
    k = v.op("fsub", v.to_double(v.integer("add", exponent, 0x4338000000000000)), _MAGIC)
    k = v.op("fsub", k, v.where("ogt", tiny, 1.0, 54.0, 0.0))
    f = v.op("fsub", mantissa, 1.0)
    s = v.op("fdiv", f, v.op("fadd", f, 2.0))
    z = v.op("fmul", s, s)
    half_square = v.op("fmul", v.op("fmul", f, f), 0.5)
    series = v.fma(z, v.polynomial(_LOG, z), half_square)
    inner = v.op("fsub", half_square, v.fma(s, series, v.op("fmul", k, _LN2_LOW)))
    result = v.fma(k, _LN2_HIGH, v.op("fsub", f, inner))
    result = v.where("olt", x, math.inf, result, x)  # infinity and nan answer themselves
    result = v.where("oeq", x, 0.0, -math.inf, result)
    return v.where("olt", x, 0.0, math.nan, result)


def _log1p(v: _Lanes, x: str) -> str:
    u = v.op("fadd", x, 1.0)
    # log u is off by what x lost in u = 1 + x; the same loss shows in u − 1, and the ratio repairs it.
    log = v.code.let(f"call {v.type} @{primitive_name('log', v.width)}({v.type} {u})")
    repaired = v.op("fmul", log, v.op("fdiv", x, v.op("fsub", u, 1.0)))
    return v.where("oeq", x, math.inf, x, v.where("oeq", u, 1.0, x, repaired))


_VECTOR = {
    "exp": _primitive(_exp), "expm1": _primitive(_expm1), "tanh": _primitive(_tanh),
    "log": _primitive(_log), "log1p": _primitive(_log1p, ["log"]),
}  # fmt: skip
