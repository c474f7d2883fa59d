"""LLVM text, line by line: fresh names, counted loops, vectors, and formulas read into instructions."""

import struct
from collections.abc import Callable, Iterator, Mapping

__all__ = ["INTRINSICS", "Builder", "FormulaReader", "Index", "literal", "primitive_name", "vector"]

#: A counter or an address: known now, or the name of an i64.
Index = int | str

#: Exponents known while compiling for which pow is a product, a quotient or a root, within 2 ulp.
_SMALL_POWERS = (-1.0, -0.5, 0.5, 2.0, 3.0, 4.0)

#: Functions of the rule language that LLVM has as instructions of its own.
INTRINSICS = {"sqrt": "llvm.sqrt", "abs": "llvm.fabs"}

_BINARY = {"+": "fadd", "-": "fsub", "*": "fmul", "/": "fdiv"}
_COMPARE = {">": "ogt", ">=": "oge", "<": "olt", "<=": "ole", "==": "oeq"}


def vector(width: int) -> str:
    """The type of `width` doubles side by side."""
    return "double" if width == 1 else f"<{width} x double>"


def literal(value: float, width: int = 1) -> str:
    """A double as LLVM writes it exactly, repeated in every lane."""
    (bits,) = struct.unpack("<Q", struct.pack("<d", value))
    return f"0x{bits:016X}" if width == 1 else f"splat (double 0x{bits:016X})"


def primitive_name(function: str, width: int) -> str:
    """The name of a function of the rule language on `width` doubles, as modules define or declare it."""
    if function in INTRINSICS:
        return f"{INTRINSICS[function]}.{'' if width == 1 else f'v{width}'}f64"
    return function if width == 1 else f"{function}.{width}"


class Builder:
    """The body of one function while it is being written.

    used: the primitives it calls, as (function, width); the module has to define them
    """

    def __init__(self) -> None:
        self.lines: list[str] = []
        self.stack: list[str] = []
        self.used: dict[tuple[str, int], None] = {}
        self.block: str = "entry"
        self._count = 0

    def fresh(self, stem: str = "v") -> str:
        self._count += 1
        return f"{stem}{self._count}"

    def do(self, text: str) -> None:
        self.lines.append("  " + text)

    def let(self, text: str) -> str:
        """The name of a new value that `text` computes."""
        name = "%" + self.fresh()
        self.lines.append(f"  {name} = {text}")
        return name

    def comment(self, text: str) -> None:
        self.lines.append(f"  ; {text.strip()}")

    def alloca(self, kind: str, count: int = 1, stem: str = "m") -> str:
        """Memory on the stack, which LLVM turns into registers where it can."""
        name = "%" + self.fresh(stem)
        self.stack.append(f"  {name} = alloca [{count} x {kind}], align 64")
        return name

    def label(self, name: str) -> None:
        self.lines.append(f"{name}:")
        self.block = name

    def jump(self, name: str) -> None:
        self.do(f"br label %{name}")

    def branch(self, condition: str, yes: str, no: str) -> None:
        self.do(f"br i1 {condition}, label %{yes}, label %{no}")

    def loop(self, count: Index, *, unrolled: bool = False, start: Index = 0) -> Iterator[Index]:
        """`for i in code.loop(n):` writes the body once, in a loop; unrolled, or for n = 1, n times in a row."""
        if isinstance(count, int) and isinstance(start, int) and (unrolled or count - start == 1):
            yield from range(start, count)
            return
        if isinstance(count, int) and isinstance(start, int) and count <= start:
            return
        name = self.fresh("loop")
        counter, following = f"%{name}.i", f"%{name}.next"
        before = self.block
        more = self.let(f"icmp slt i64 {start}, {count}")
        self.branch(more, name, f"{name}.done")
        self.label(name)
        self.lines.append(f"  {counter} = phi i64 [ {start}, %{before} ], [ {following}, %{name}.latch ]")
        yield counter
        self.jump(f"{name}.latch")
        self.label(f"{name}.latch")
        self.lines.append(f"  {following} = add nsw i64 {counter}, 1")
        self.branch(self.let(f"icmp slt i64 {following}, {count}"), name, f"{name}.done")
        self.label(f"{name}.done")

    def accumulate(
        self, count: Index, kind: str, values: list[str], body: Callable[[Index, list[str]], list[str]], *, unrolled: bool = False
    ) -> list[str]:
        """Values of a type after `count` rounds, each of which makes new ones of them: they stay in registers."""
        if isinstance(count, int) and (unrolled or count <= 1):
            for i in range(count):
                values = body(i, values)
            return values
        name = self.fresh("loop")
        counter, before = f"%{name}.i", self.block
        self.jump(name)
        self.label(name)
        self.lines.append(f"  {counter} = phi i64 [ 0, %{before} ], [ {counter}.next, %{name}.latch ]")
        phis = [f"%{self.fresh('a')}" for _ in values]
        place = len(self.lines)
        made = body(counter, phis)
        self.jump(f"{name}.latch")
        self.label(f"{name}.latch")
        self.lines[place:place] = [
            f"  {phi} = phi {kind} [ {value}, %{before} ], [ {new}, %{name}.latch ]"
            for phi, value, new in zip(phis, values, made, strict=True)
        ]
        self.lines.append(f"  {counter}.next = add nsw i64 {counter}, 1")
        self.branch(self.let(f"icmp slt i64 {counter}.next, {count}"), name, f"{name}.done")
        self.label(f"{name}.done")
        return made

    def add(self, left: Index, right: Index) -> Index:
        if isinstance(left, int) and isinstance(right, int):
            return left + right
        if left == 0 or right == 0:
            return right if left == 0 else left
        return self.let(f"add nsw i64 {left}, {right}")

    def times(self, left: Index, right: Index) -> Index:
        if isinstance(left, int) and isinstance(right, int):
            return left * right
        if left == 0 or right == 0:
            return 0
        if left == 1 or right == 1:
            return right if left == 1 else left
        return self.let(f"mul nsw i64 {left}, {right}")

    def minimum(self, left: Index, right: Index) -> Index:
        less = self.let(f"icmp slt i64 {left}, {right}")
        return self.let(f"select i1 {less}, i64 {left}, i64 {right}")

    def pointer(self, base: str, index: Index, kind: str = "double") -> str:
        return base if index == 0 else self.let(f"getelementptr inbounds {kind}, ptr {base}, i64 {index}")

    def load(self, base: str, index: Index = 0, width: int = 1, align: int = 8) -> str:
        """`width` doubles that start `index` doubles after `base`."""
        return self.let(f"load {vector(width)}, ptr {self.pointer(base, index)}, align {align}")

    def store(self, value: str, base: str, index: Index = 0, width: int = 1, align: int = 8) -> None:
        self.do(f"store {vector(width)} {value}, ptr {self.pointer(base, index)}, align {align}")

    def integer(self, base: str, index: Index = 0, kind: str = "i64") -> str:
        value = self.let(f"load {kind}, ptr {self.pointer(base, index, kind)}")
        return value if kind == "i64" else self.let(f"sext {kind} {value} to i64")

    def splat(self, scalar: str, width: int) -> str:
        """One double in every lane."""
        if width == 1:
            return scalar
        one = self.let(f"insertelement {vector(width)} poison, double {scalar}, i64 0")
        return self.let(f"shufflevector {vector(width)} {one}, {vector(width)} poison, <{width} x i32> zeroinitializer")

    def plus(self, left: str, right: str, width: int, flags: str = "") -> str:
        return self.let(f"fadd {flags}{vector(width)} {left}, {right}")

    def function(self, result: str, name: str, arguments: str, attributes: str = "") -> str:
        """The whole function, its stack memory first."""
        return "\n".join([f"define {result} @{name}({arguments}) {attributes}{{", "entry:", *self.stack, *self.lines, "}", ""])


class FormulaReader:
    """Reads a formula of the table into instructions on `width` doubles at once.

    bindings: the names x, y, z, out, each the name of a value
    literals: names that stand for a number known now
    contract: whether x * y + z may be rounded once instead of twice
    inverses: values by which to divide is to multiply by another
    """

    def __init__(
        self,
        code: Builder,
        width: int,
        bindings: Mapping[str, str],
        literals: Mapping[str, float] | None = None,
        *,
        contract: bool = False,
        inverses: Mapping[str, str] | None = None,
    ) -> None:
        self.code = code
        self.width = width
        self.bindings = bindings
        self.literals: Mapping[str, float] = literals or {}
        self.type: str = vector(width)
        self.flags = "contract " if contract else ""
        self.inverses: Mapping[str, str] = inverses or {}
        # Numbers computed one at a time are equal to libm's to the last bit, which no product or root is for all bases.
        self.powers: dict[str, float] = {literal(power, width): power for power in _SMALL_POWERS if width > 1 or contract}

    def number(self, value: float) -> str:
        return literal(value, self.width)

    def name(self, name: str) -> str:
        return literal(self.literals[name], self.width) if name in self.literals else self.bindings[name]

    def negate(self, operand: str) -> str:
        return self.code.let(f"fneg {self.type} {operand}")

    def binary(self, symbol: str, left: str, right: str) -> str:
        if symbol == "/" and right in self.inverses:
            symbol, right = "*", self.inverses[right]
        return self.code.let(f"{_BINARY[symbol]} {self.flags}{self.type} {left}, {right}")

    def compare(self, symbol: str, left: str, right: str) -> str:
        return self.code.let(f"fcmp {_COMPARE[symbol]} {self.type} {left}, {right}")

    def call(self, function: str, arguments: list[str]) -> str:
        width, kind = self.width, self.type
        match function, arguments:
            case "where", [condition, yes, no]:
                bits = "i1" if width == 1 else f"<{width} x i1>"
                return self.code.let(f"select {bits} {condition}, {kind} {yes}, {kind} {no}")
            case "maximum" | "minimum", [left, right]:
                # As Python's max and min: the first, unless the second is really larger or smaller.
                second = self.compare(">" if function == "maximum" else "<", right, left)
                return self.call("where", [second, right, left])
            case "pow", [base, power] if power in self.powers:
                return self._power(base, self.powers[power])
        self.code.used[function, width] = None
        given = ", ".join(f"{kind} {argument}" for argument in arguments)
        # Without "nobuiltin" LLVM replaces some calls by others with other last bits: pow(8, x) by exp2(3 x).
        return self.code.let(f"call {kind} @{primitive_name(function, width)}({given}){' nobuiltin' * (function not in INTRINSICS)}")

    def _power(self, base: str, power: float) -> str:
        """A base to one of the small powers."""
        if power < 0.0:
            return self.binary("/", self.number(1.0), base if power == -1.0 else self._power(base, -power))
        if power == 0.5:
            return self.call("sqrt", [self.binary("+", base, self.number(0.0))])  # pow of -0.0 is 0.0, its root is -0.0
        square = self.binary("*", base, base)
        return square if power == 2.0 else self.binary("*", square, base if power == 3.0 else square)
