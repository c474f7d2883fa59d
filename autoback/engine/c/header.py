"""A recorded graph as a C header: its value and its gradient, for programs without Python."""

import re
from collections.abc import Iterator, Sequence
from pathlib import Path

from autoback.engine.c.reader import CReader
from autoback.engine.formula import fold
from autoback.engine.operation import Operation
from autoback.engine.value import Value, topological_order

__all__ = ["c_header"]


def c_header(output: Value | Sequence[Value], inputs: Value | Sequence[Value], name: str = "f") -> str:
    """The text of a C header with the value and the gradient of a graph, as functions of its inputs.

    output: one Value, or a sequence of m
    inputs: one Value, or a sequence of n, all leaves; every other leaf becomes a constant, with its number of now
    name:   of the function in C; its gradient is NAME_gradient
    Of one Value the header declares `double f(const double *x)` and `double f_gradient(const double *x, double *gradient)`,
    where x and gradient have n numbers; of several `void f(const double *x, double *values)` and
    `void f_gradient(const double *x, double *values, double *gradient)`, where gradient has m × n, row by row.
    It needs nothing but libm. Its numbers are those of `data` and `backward`, to the last bit, where libm is the same and
    the compiler keeps to IEEE (gcc: -ffp-contract=off on processors with fused multiply-add); outside a domain they are nan or infinite.
    A branch that Python took while the graph was made is not in it: use maximum, minimum or where.
    Raises TypeError for what is no Value, ValueError for an input that is no leaf or a name that C does not take,
    because it is one of C's own, of its library or of this header.

    >>> x, y = Value(3.0, "x"), Value(4.0, "y")
    >>> print(c_header(x * y + x, [x, y]).partition("static inline double f(")[2].partition("}")[0])
    const double *x)
    {
        double v[2];
        v[0] = (x[0] * x[1]); /* mul */
        v[1] = (v[0] + x[0]); /* add */
        return v[1];
    <BLANKLINE>
    """
    alone = isinstance(output, Value)
    outputs: Sequence[Value] = [output] if isinstance(output, Value) else list(output)
    wanted: Sequence[Value] = [inputs] if isinstance(inputs, Value) else list(inputs)
    for node in (*outputs, *wanted):
        if not isinstance(node, Value):
            raise TypeError(f"c_header(output, inputs) takes Values, got a {type(node).__name__}: {node!r:.40}")
    if not outputs or not wanted:
        raise ValueError("c_header needs at least one output and one input")
    for node in wanted:
        if node.op is not None:
            raise ValueError(f"an input of c_header must be a leaf, got the result of {node.op.name}: {node!r:.60}")
    _require_name(name)
    return "\n".join(_Writer(outputs, wanted, name).lines(alone=alone)) + "\n"


_KEYWORDS = """
    alignas alignof asm auto bool break case char const constexpr continue default do double else enum extern false float for goto
    if inline int long nullptr register restrict return short signed sizeof static static_assert struct switch thread_local true
    typedef typeof typeof_unqual union unsigned void volatile while
"""

#: What math.h and float.h declare or define, those of glibc included; most come for float and long double too, as sinf and sinl.
_LIBM = """
    acos acosh acospi asin asinh asinpi atan atan2 atan2pi atanh atanpi canonicalize cbrt ceil compoundn copysign cos cosh cospi
    drem erf erfc exp exp10 exp10m1 exp2 exp2m1 expm1 fabs fdim finite floor fma fmax fmaximum fmaximum_mag fmaximum_mag_num
    fmaximum_num fmaxmag fmin fminimum fminimum_mag fminimum_mag_num fminimum_num fminmag fmod fpclassify frexp fromfp fromfpx gamma
    getpayload hypot ilogb iscanonical iseqsig isfinite isgreater isgreaterequal isinf isless islessequal islessgreater isnan
    isnormal issignaling issubnormal isunordered iszero j0 j1 jn ldexp lgamma lgamma_r llogb llrint llround log log10 log10p1 log1p
    log2 log2p1 logb logp1 lrint lround math_errhandling modf nan nearbyint nextafter nextdown nexttoward nextup pow pown powr
    remainder remquo rint rootn round roundeven rsqrt scalb scalbln scalbn setpayload setpayloadsig signbit signgam significand sin
    sincos sinh sinpi sqrt tan tanh tanpi tgamma totalorder totalordermag trunc ufromfp ufromfpx y0 y1 yn
"""

#: What a program that includes the header has from stdio.h, stdlib.h and string.h, and `main`.
_HOSTED = """
    abort abs alloca asprintf atexit atof atoi atol atoll basename bcmp bcopy bsearch bzero calloc clearerr div dprintf errno exit
    fclose feof ferror fflush ffs fgetc fgetpos fgets fileno fopen fprintf fputc fputs fread free freopen fscanf fseek fsetpos ftell
    fwrite getc getchar getenv getline gets index labs ldiv linux llabs lldiv main malloc mblen mbstowcs mbtowc memccpy memchr
    memcmp memcpy memmove memset perror popen printf putc putchar puts qsort rand random realloc remove rename rewind rindex scanf
    select setbuf setenv setvbuf snprintf sprintf srand srandom sscanf stderr stdin stdout strcat strchr strcmp strcoll strcpy
    strcspn strdup strerror strlen strncat strncmp strncpy strpbrk strrchr strspn strstr strtod strtof strtok strtol strtold strtoll
    strtoul strtoull strxfrm system tmpfile tmpnam ungetc unix vfprintf vfscanf vprintf vscanf vsnprintf vsprintf vsscanf wcstombs
    wctomb
"""

_TAKEN = re.compile(
    rf"(?:{'|'.join(_HOSTED.split())}|(?:{'|'.join(_LIBM.split())})(?:f|l|f\d+x?|d\d+)?(?:_r)?"
    r"|[df](?:add|sub|mul|div|fma|sqrt)l?|f\d+x?(?:add|sub|mul|div|fma|sqrt)f\d+x?"  # that round to a narrower type
    r"|\w+_t|(?:FP|FLT\d*X?|DBL|LDBL|DEC\d*X?|M|HUGE|MATH)_\w+|DECIMAL_DIG|INFINITY|MAXFLOAT|S?NAN[FDL]?\d*X?|NULL|EOF|BUFSIZ|RAND_MAX)"
)


def _require_name(name: str) -> None:
    """Raise unless C takes a function of this name next to those of libm and of formula.h."""
    if not isinstance(name, str):
        raise TypeError(f"name must be a string, got a {type(name).__name__}: {name!r:.40}")
    if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", name) or name in _KEYWORDS.split():
        raise ValueError(f"{name!r:.60} is no name of a function in C")
    if name.startswith("_") or name.lower().startswith("autoback_"):
        raise ValueError(
            f"{name!r:.60} is no free name in C: those that begin with _ are the compiler's, those with autoback_ are the header's"
        )
    if _TAKEN.fullmatch(name):
        raise ValueError(f"{name!r:.60} is a name of C's own library; choose another, such as 'my_{name:.40}'")


class _Writer:
    """Each node has a name in C: x[k] for an input, a literal for another leaf, v[k] for what an operation made."""

    def __init__(self, outputs: Sequence[Value], inputs: Sequence[Value], name: str) -> None:
        self.outputs, self.inputs, self.name = outputs, inputs, name
        order = topological_order(*outputs)
        self.inner: list[tuple[Value, Operation]] = [(node, node.op) for node in order if node.op is not None]
        self.names = {node: f"({node._number!r})" for node in order}
        self.names |= {node: f"x[{k}]" for k, node in enumerate(inputs)} | {node: f"v[{k}]" for k, (node, _) in enumerate(self.inner)}
        self.slopes = {node: f"g[{k}]" for k, node in enumerate(inputs)}  # of what an input reaches
        for node, _ in self.inner:
            if any(below in self.slopes for below in node.inputs):
                self.slopes[node] = f"g[{len(self.slopes)}]"

    def lines(self, *, alone: bool) -> Iterator[str]:
        n, m = len(self.inputs), len(self.outputs)
        guard = f"AUTOBACK_FUNCTION_{self.name}_H"  # as the name is written: f and F are two; and never that of formula.h
        yield f"/* {self.name}: {m} value{'s' * (m > 1)} of {n} number{'s' * (n > 1)}, and the gradient; written by autoback."
        yield from (f"   x[{k}]: {_comment(node.label)}" for k, node in enumerate(self.inputs) if node.label)
        yield from ("*/", "", f"#ifndef {guard}", f"#define {guard}", "")
        yield (Path(__file__).parent / "formula.h").read_text("utf-8")
        kind, more = ("double", "") if alone else ("void", ", double *values")
        yield from (f"static inline {kind} {self.name}(const double *x{more})", "{")
        yield from self._forward()
        yield from self._results(alone)
        yield from ("}", "")
        yield from (f"static inline {kind} {self.name}_gradient(const double *x{more}, double *gradient)", "{")
        yield from self._forward()
        yield f"    double g[{max(1, len(self.slopes))}];"
        for row, output in enumerate(self.outputs):
            yield from self._backward(row, output)
        yield from self._results(alone)
        yield from ("}", "", "#endif")

    def _forward(self) -> Iterator[str]:
        if self.inner:
            yield f"    double v[{len(self.inner)}];"
        if not any(node in self.inputs for node in self.names):
            yield "    (void)x;"
        for node, row in self.inner:
            out, terms = self.names[node], row.terms([self.names[below] for below in node.inputs])
            first, *others = [fold(row.term, CReader(term)) for term in terms]
            yield f"    {out} = {first}; /* {row.name} */"
            yield from (f"    {out} = {out} + {term};" for term in others)  # a plain fold from the left

    def _backward(self, row: int, output: Value) -> Iterator[str]:
        """The same walk as `backward`: from the root down, every node to its inputs in their order."""
        yield f"    for (int k = 0; k < {len(self.slopes)}; k++) g[k] = 0.0;"
        if output in self.slopes:
            yield f"    {self.slopes[output]} = 1.0;"
        below_output = set(topological_order(output))
        for node, operation in reversed(self.inner):
            if node not in self.slopes or node not in below_output:
                continue
            upstream, terms = self.slopes[node], operation.terms([self.names[below] for below in node.inputs])
            for k, below in enumerate(node.inputs):
                letter, term = operation.place(k, node.inputs)
                partial = fold(operation.slopes[letter], CReader({**terms[term], "out": self.names[node]}))
                if below in self.slopes and partial != "0.0":
                    yield f"    {self.slopes[below]} += {upstream} * {partial};"
        n = len(self.inputs)
        yield from (f"    gradient[{row * n + k}] = {self.slopes[node]};" for k, node in enumerate(self.inputs))

    def _results(self, alone: bool) -> Iterator[str]:
        if alone:
            yield f"    return {self.names[self.outputs[0]]};"
        else:
            yield from (f"    values[{k}] = {self.names[node]};" for k, node in enumerate(self.outputs))


def _comment(label: str | None) -> str:
    return (label or "").replace("*/", "* /").replace("\n", " ")
