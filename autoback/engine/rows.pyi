"""Every row of the table as a method and as a function, for type checkers and editors alone.

Made from the code by `python -m tests.regenerate`; do not edit. At run time `functions` makes them from the rows.
"""

from collections.abc import Iterable
from typing import overload

from autoback.engine.floatlike import FloatLike
from autoback.engine.value import Value

class Rows:
    """The methods that the rows give a Value."""

    __slots__ = ()
    def add(self, y: Value | FloatLike, /) -> Value:
        """x + y; derivatives 1.0, 1.0."""
    def sub(self, y: Value | FloatLike, /) -> Value:
        """x - y; derivatives 1.0, -1.0."""
    def mul(self, y: Value | FloatLike, /) -> Value:
        """x * y; derivatives y, x."""
    def div(self, y: Value | FloatLike, /) -> Value:
        """x / y; derivatives 1.0 / y, -out / y."""
    def neg(self, /) -> Value:
        """-x; derivatives -1.0."""
    def power(self, y: Value | FloatLike, /) -> Value:
        """pow(x, y); derivatives where(y == 0.0, 0.0, y * pow(x, y - 1.0)), 0.0. Convention: the exponent is a constant; x ** 0 has
        derivative 0, also at 0."""
    def pow(self, y: Value | FloatLike, /) -> Value:
        """pow(x, y); derivatives y * pow(x, y - 1.0), out * log(where(x > 0.0, x, 1.0)). Convention: where the base is not positive the
        exponent has derivative 0: between whole exponents there is no power."""
    def exp(self, /) -> Value:
        """exp(x); derivatives out."""
    def log(self, /) -> Value:
        """log(x); derivatives 1.0 / x."""
    def sqrt(self, /) -> Value:
        """sqrt(x); derivatives 0.5 / out."""
    def abs(self, /) -> Value:
        """abs(x); derivatives where(x > 0.0, 1.0, where(x < 0.0, -1.0, 0.0)). Convention: the derivative at 0 is 0."""
    def sin(self, /) -> Value:
        """sin(x); derivatives cos(x)."""
    def cos(self, /) -> Value:
        """cos(x); derivatives -sin(x)."""
    def tan(self, /) -> Value:
        """tan(x); derivatives 1.0 + out * out."""
    def atan(self, /) -> Value:
        """atan(x); derivatives 1.0 / (1.0 + x * x)."""
    def tanh(self, /) -> Value:
        """tanh(x); derivatives 1.0 - out * out."""
    def log1p(self, /) -> Value:
        """log1p(x); derivatives 1.0 / (1.0 + x)."""
    def expm1(self, /) -> Value:
        """expm1(x); derivatives exp(x)."""
    def sigmoid(self, /) -> Value:
        """1.0 / (1.0 + exp(-x)); derivatives out * (1.0 - out)."""
    def relu(self, /) -> Value:
        """maximum(x, 0.0); derivatives where(x > 0.0, 1.0, 0.0). Convention: the derivative at 0 is 0."""
    def leaky_relu(self, /) -> Value:
        """where(x > 0.0, x, 0.01 * x); derivatives where(x > 0.0, 1.0, 0.01). Convention: the slope below and at 0 is 0.01."""
    def softplus(self, /) -> Value:
        """maximum(x, 0.0) + log1p(exp(-abs(x))); derivatives -expm1(-out)."""
    def silu(self, /) -> Value:
        """x / (1.0 + exp(-x)); derivatives (1.0 + x - out) / (1.0 + exp(-x))."""
    def gelu(self, /) -> Value:
        """0.5 * x * erfc(-x / sqrt(2.0)); derivatives 0.5 * erfc(-x / sqrt(2.0)) + x * exp(-0.5 * x * x) / sqrt(2.0 *
        3.141592653589793)."""
    def elu(self, /) -> Value:
        """where(x > 0.0, x, expm1(x)); derivatives exp(minimum(x, 0.0)). Convention: smooth at 0, where the slope is 1; its own slope jumps
        there."""
    def erf(self, /) -> Value:
        """erf(x); derivatives 2.0 * exp(-x * x) / sqrt(3.141592653589793)."""
    def erfc(self, /) -> Value:
        """erfc(x); derivatives -2.0 * exp(-x * x) / sqrt(3.141592653589793)."""
    def sinh(self, /) -> Value:
        """0.5 * (expm1(x) - expm1(-x)); derivatives 0.5 * (exp(x) + exp(-x))."""
    def cosh(self, /) -> Value:
        """0.5 * (exp(x) + exp(-x)); derivatives 0.5 * (expm1(x) - expm1(-x))."""
    def asin(self, /) -> Value:
        """atan(x / sqrt((1.0 - x) * (1.0 + x))); derivatives 1.0 / sqrt((1.0 - x) * (1.0 + x))."""
    def acos(self, /) -> Value:
        """2.0 * atan(sqrt((1.0 - x) / (1.0 + x))); derivatives -1.0 / sqrt((1.0 - x) * (1.0 + x))."""
    def asinh(self, /) -> Value:
        """asinh(x); derivatives 1.0 / sqrt(x * x + 1.0)."""
    def acosh(self, /) -> Value:
        """acosh(x); derivatives 1.0 / sqrt((x - 1.0) * (x + 1.0))."""
    def atanh(self, /) -> Value:
        """atanh(x); derivatives 1.0 / ((1.0 - x) * (1.0 + x))."""
    def log2(self, /) -> Value:
        """log2(x); derivatives 1.0 / (x * log(2.0))."""
    def log10(self, /) -> Value:
        """log10(x); derivatives 1.0 / (x * log(10.0))."""
    def floor(self, /) -> Value:
        """floor(x); derivatives 0.0. Convention: flat, also at the jump."""
    def clip(self, y: Value | FloatLike, z: Value | FloatLike, /) -> Value:
        """where(x < y, y, where(x > z, z, x)); derivatives where(x < y, 0.0, where(x > z, 0.0, 1.0)), where(x < y, 1.0, 0.0), where(x < y,
        0.0, where(x > z, 1.0, 0.0)). Convention: from y to z; at the ends x gets the whole gradient."""
    def maximum(self, y: Value | FloatLike, /) -> Value:
        """maximum(x, y); derivatives where(x > y, 1.0, where(x == y, 0.5, 0.0)), where(y > x, 1.0, where(x == y, 0.5, 0.0)). Convention: at
        a tie each operand gets half of the gradient, as in PyTorch and JAX."""
    def minimum(self, y: Value | FloatLike, /) -> Value:
        """minimum(x, y); derivatives where(x < y, 1.0, where(x == y, 0.5, 0.0)), where(y < x, 1.0, where(x == y, 0.5, 0.0)). Convention: at
        a tie each operand gets half of the gradient, as in PyTorch and JAX."""
    def greater(self, y: Value | FloatLike, /) -> Value:
        """where(x > y, 1.0, 0.0); derivatives 0.0, 0.0. Convention: 1 or 0; flat, also at the jump."""
    def greater_equal(self, y: Value | FloatLike, /) -> Value:
        """where(x >= y, 1.0, 0.0); derivatives 0.0, 0.0. Convention: 1 or 0; flat, also at the jump."""
    def equal(self, y: Value | FloatLike, /) -> Value:
        """where(x == y, 1.0, 0.0); derivatives 0.0, 0.0. Convention: 1 or 0; flat, also at the jump."""
    def where(self, y: Value | FloatLike, z: Value | FloatLike, /) -> Value:
        """where(x == 0.0, z, y); derivatives 0.0, where(x == 0.0, 0.0, 1.0), where(x == 0.0, 1.0, 0.0). Convention: x chooses, anything but
        0 is yes; it gets no gradient."""

@overload
def add(x: Value, y: Value | FloatLike, /) -> Value:
    """x + y; derivatives 1.0, 1.0."""
@overload
def add(x: FloatLike, y: Value, /) -> Value:
    """x + y; derivatives 1.0, 1.0."""
@overload
def add(x: FloatLike, y: FloatLike, /) -> float:
    """x + y; derivatives 1.0, 1.0."""

@overload
def sub(x: Value, y: Value | FloatLike, /) -> Value:
    """x - y; derivatives 1.0, -1.0."""
@overload
def sub(x: FloatLike, y: Value, /) -> Value:
    """x - y; derivatives 1.0, -1.0."""
@overload
def sub(x: FloatLike, y: FloatLike, /) -> float:
    """x - y; derivatives 1.0, -1.0."""

@overload
def mul(x: Value, y: Value | FloatLike, /) -> Value:
    """x * y; derivatives y, x."""
@overload
def mul(x: FloatLike, y: Value, /) -> Value:
    """x * y; derivatives y, x."""
@overload
def mul(x: FloatLike, y: FloatLike, /) -> float:
    """x * y; derivatives y, x."""

@overload
def div(x: Value, y: Value | FloatLike, /) -> Value:
    """x / y; derivatives 1.0 / y, -out / y."""
@overload
def div(x: FloatLike, y: Value, /) -> Value:
    """x / y; derivatives 1.0 / y, -out / y."""
@overload
def div(x: FloatLike, y: FloatLike, /) -> float:
    """x / y; derivatives 1.0 / y, -out / y."""

@overload
def neg(x: Value, /) -> Value:
    """-x; derivatives -1.0."""
@overload
def neg(x: FloatLike, /) -> float:
    """-x; derivatives -1.0."""

@overload
def power(x: Value, y: Value | FloatLike, /) -> Value:
    """pow(x, y); derivatives where(y == 0.0, 0.0, y * pow(x, y - 1.0)), 0.0. Convention: the exponent is a constant; x ** 0 has
    derivative 0, also at 0."""
@overload
def power(x: FloatLike, y: Value, /) -> Value:
    """pow(x, y); derivatives where(y == 0.0, 0.0, y * pow(x, y - 1.0)), 0.0. Convention: the exponent is a constant; x ** 0 has
    derivative 0, also at 0."""
@overload
def power(x: FloatLike, y: FloatLike, /) -> float:
    """pow(x, y); derivatives where(y == 0.0, 0.0, y * pow(x, y - 1.0)), 0.0. Convention: the exponent is a constant; x ** 0 has
    derivative 0, also at 0."""

@overload
def pow(x: Value, y: Value | FloatLike, /) -> Value:
    """pow(x, y); derivatives y * pow(x, y - 1.0), out * log(where(x > 0.0, x, 1.0)). Convention: where the base is not positive the
    exponent has derivative 0: between whole exponents there is no power."""
@overload
def pow(x: FloatLike, y: Value, /) -> Value:
    """pow(x, y); derivatives y * pow(x, y - 1.0), out * log(where(x > 0.0, x, 1.0)). Convention: where the base is not positive the
    exponent has derivative 0: between whole exponents there is no power."""
@overload
def pow(x: FloatLike, y: FloatLike, /) -> float:
    """pow(x, y); derivatives y * pow(x, y - 1.0), out * log(where(x > 0.0, x, 1.0)). Convention: where the base is not positive the
    exponent has derivative 0: between whole exponents there is no power."""

@overload
def exp(x: Value, /) -> Value:
    """exp(x); derivatives out."""
@overload
def exp(x: FloatLike, /) -> float:
    """exp(x); derivatives out."""

@overload
def log(x: Value, /) -> Value:
    """log(x); derivatives 1.0 / x."""
@overload
def log(x: FloatLike, /) -> float:
    """log(x); derivatives 1.0 / x."""

@overload
def sqrt(x: Value, /) -> Value:
    """sqrt(x); derivatives 0.5 / out."""
@overload
def sqrt(x: FloatLike, /) -> float:
    """sqrt(x); derivatives 0.5 / out."""

@overload
def abs(x: Value, /) -> Value:
    """abs(x); derivatives where(x > 0.0, 1.0, where(x < 0.0, -1.0, 0.0)). Convention: the derivative at 0 is 0."""
@overload
def abs(x: FloatLike, /) -> float:
    """abs(x); derivatives where(x > 0.0, 1.0, where(x < 0.0, -1.0, 0.0)). Convention: the derivative at 0 is 0."""

@overload
def sin(x: Value, /) -> Value:
    """sin(x); derivatives cos(x)."""
@overload
def sin(x: FloatLike, /) -> float:
    """sin(x); derivatives cos(x)."""

@overload
def cos(x: Value, /) -> Value:
    """cos(x); derivatives -sin(x)."""
@overload
def cos(x: FloatLike, /) -> float:
    """cos(x); derivatives -sin(x)."""

@overload
def tan(x: Value, /) -> Value:
    """tan(x); derivatives 1.0 + out * out."""
@overload
def tan(x: FloatLike, /) -> float:
    """tan(x); derivatives 1.0 + out * out."""

@overload
def atan(x: Value, /) -> Value:
    """atan(x); derivatives 1.0 / (1.0 + x * x)."""
@overload
def atan(x: FloatLike, /) -> float:
    """atan(x); derivatives 1.0 / (1.0 + x * x)."""

@overload
def tanh(x: Value, /) -> Value:
    """tanh(x); derivatives 1.0 - out * out."""
@overload
def tanh(x: FloatLike, /) -> float:
    """tanh(x); derivatives 1.0 - out * out."""

@overload
def log1p(x: Value, /) -> Value:
    """log1p(x); derivatives 1.0 / (1.0 + x)."""
@overload
def log1p(x: FloatLike, /) -> float:
    """log1p(x); derivatives 1.0 / (1.0 + x)."""

@overload
def expm1(x: Value, /) -> Value:
    """expm1(x); derivatives exp(x)."""
@overload
def expm1(x: FloatLike, /) -> float:
    """expm1(x); derivatives exp(x)."""

@overload
def sigmoid(x: Value, /) -> Value:
    """1.0 / (1.0 + exp(-x)); derivatives out * (1.0 - out)."""
@overload
def sigmoid(x: FloatLike, /) -> float:
    """1.0 / (1.0 + exp(-x)); derivatives out * (1.0 - out)."""

@overload
def relu(x: Value, /) -> Value:
    """maximum(x, 0.0); derivatives where(x > 0.0, 1.0, 0.0). Convention: the derivative at 0 is 0."""
@overload
def relu(x: FloatLike, /) -> float:
    """maximum(x, 0.0); derivatives where(x > 0.0, 1.0, 0.0). Convention: the derivative at 0 is 0."""

@overload
def leaky_relu(x: Value, /) -> Value:
    """where(x > 0.0, x, 0.01 * x); derivatives where(x > 0.0, 1.0, 0.01). Convention: the slope below and at 0 is 0.01."""
@overload
def leaky_relu(x: FloatLike, /) -> float:
    """where(x > 0.0, x, 0.01 * x); derivatives where(x > 0.0, 1.0, 0.01). Convention: the slope below and at 0 is 0.01."""

@overload
def softplus(x: Value, /) -> Value:
    """maximum(x, 0.0) + log1p(exp(-abs(x))); derivatives -expm1(-out)."""
@overload
def softplus(x: FloatLike, /) -> float:
    """maximum(x, 0.0) + log1p(exp(-abs(x))); derivatives -expm1(-out)."""

@overload
def silu(x: Value, /) -> Value:
    """x / (1.0 + exp(-x)); derivatives (1.0 + x - out) / (1.0 + exp(-x))."""
@overload
def silu(x: FloatLike, /) -> float:
    """x / (1.0 + exp(-x)); derivatives (1.0 + x - out) / (1.0 + exp(-x))."""

@overload
def gelu(x: Value, /) -> Value:
    """0.5 * x * erfc(-x / sqrt(2.0)); derivatives 0.5 * erfc(-x / sqrt(2.0)) + x * exp(-0.5 * x * x) / sqrt(2.0 *
    3.141592653589793)."""
@overload
def gelu(x: FloatLike, /) -> float:
    """0.5 * x * erfc(-x / sqrt(2.0)); derivatives 0.5 * erfc(-x / sqrt(2.0)) + x * exp(-0.5 * x * x) / sqrt(2.0 *
    3.141592653589793)."""

@overload
def elu(x: Value, /) -> Value:
    """where(x > 0.0, x, expm1(x)); derivatives exp(minimum(x, 0.0)). Convention: smooth at 0, where the slope is 1; its own slope jumps
    there."""
@overload
def elu(x: FloatLike, /) -> float:
    """where(x > 0.0, x, expm1(x)); derivatives exp(minimum(x, 0.0)). Convention: smooth at 0, where the slope is 1; its own slope jumps
    there."""

@overload
def erf(x: Value, /) -> Value:
    """erf(x); derivatives 2.0 * exp(-x * x) / sqrt(3.141592653589793)."""
@overload
def erf(x: FloatLike, /) -> float:
    """erf(x); derivatives 2.0 * exp(-x * x) / sqrt(3.141592653589793)."""

@overload
def erfc(x: Value, /) -> Value:
    """erfc(x); derivatives -2.0 * exp(-x * x) / sqrt(3.141592653589793)."""
@overload
def erfc(x: FloatLike, /) -> float:
    """erfc(x); derivatives -2.0 * exp(-x * x) / sqrt(3.141592653589793)."""

@overload
def sinh(x: Value, /) -> Value:
    """0.5 * (expm1(x) - expm1(-x)); derivatives 0.5 * (exp(x) + exp(-x))."""
@overload
def sinh(x: FloatLike, /) -> float:
    """0.5 * (expm1(x) - expm1(-x)); derivatives 0.5 * (exp(x) + exp(-x))."""

@overload
def cosh(x: Value, /) -> Value:
    """0.5 * (exp(x) + exp(-x)); derivatives 0.5 * (expm1(x) - expm1(-x))."""
@overload
def cosh(x: FloatLike, /) -> float:
    """0.5 * (exp(x) + exp(-x)); derivatives 0.5 * (expm1(x) - expm1(-x))."""

@overload
def asin(x: Value, /) -> Value:
    """atan(x / sqrt((1.0 - x) * (1.0 + x))); derivatives 1.0 / sqrt((1.0 - x) * (1.0 + x))."""
@overload
def asin(x: FloatLike, /) -> float:
    """atan(x / sqrt((1.0 - x) * (1.0 + x))); derivatives 1.0 / sqrt((1.0 - x) * (1.0 + x))."""

@overload
def acos(x: Value, /) -> Value:
    """2.0 * atan(sqrt((1.0 - x) / (1.0 + x))); derivatives -1.0 / sqrt((1.0 - x) * (1.0 + x))."""
@overload
def acos(x: FloatLike, /) -> float:
    """2.0 * atan(sqrt((1.0 - x) / (1.0 + x))); derivatives -1.0 / sqrt((1.0 - x) * (1.0 + x))."""

@overload
def asinh(x: Value, /) -> Value:
    """asinh(x); derivatives 1.0 / sqrt(x * x + 1.0)."""
@overload
def asinh(x: FloatLike, /) -> float:
    """asinh(x); derivatives 1.0 / sqrt(x * x + 1.0)."""

@overload
def acosh(x: Value, /) -> Value:
    """acosh(x); derivatives 1.0 / sqrt((x - 1.0) * (x + 1.0))."""
@overload
def acosh(x: FloatLike, /) -> float:
    """acosh(x); derivatives 1.0 / sqrt((x - 1.0) * (x + 1.0))."""

@overload
def atanh(x: Value, /) -> Value:
    """atanh(x); derivatives 1.0 / ((1.0 - x) * (1.0 + x))."""
@overload
def atanh(x: FloatLike, /) -> float:
    """atanh(x); derivatives 1.0 / ((1.0 - x) * (1.0 + x))."""

@overload
def log2(x: Value, /) -> Value:
    """log2(x); derivatives 1.0 / (x * log(2.0))."""
@overload
def log2(x: FloatLike, /) -> float:
    """log2(x); derivatives 1.0 / (x * log(2.0))."""

@overload
def log10(x: Value, /) -> Value:
    """log10(x); derivatives 1.0 / (x * log(10.0))."""
@overload
def log10(x: FloatLike, /) -> float:
    """log10(x); derivatives 1.0 / (x * log(10.0))."""

@overload
def floor(x: Value, /) -> Value:
    """floor(x); derivatives 0.0. Convention: flat, also at the jump."""
@overload
def floor(x: FloatLike, /) -> float:
    """floor(x); derivatives 0.0. Convention: flat, also at the jump."""

@overload
def clip(x: Value, y: Value | FloatLike, z: Value | FloatLike, /) -> Value:
    """where(x < y, y, where(x > z, z, x)); derivatives where(x < y, 0.0, where(x > z, 0.0, 1.0)), where(x < y, 1.0, 0.0), where(x < y,
    0.0, where(x > z, 1.0, 0.0)). Convention: from y to z; at the ends x gets the whole gradient."""
@overload
def clip(x: FloatLike, y: Value, z: Value | FloatLike, /) -> Value:
    """where(x < y, y, where(x > z, z, x)); derivatives where(x < y, 0.0, where(x > z, 0.0, 1.0)), where(x < y, 1.0, 0.0), where(x < y,
    0.0, where(x > z, 1.0, 0.0)). Convention: from y to z; at the ends x gets the whole gradient."""
@overload
def clip(x: FloatLike, y: FloatLike, z: Value, /) -> Value:
    """where(x < y, y, where(x > z, z, x)); derivatives where(x < y, 0.0, where(x > z, 0.0, 1.0)), where(x < y, 1.0, 0.0), where(x < y,
    0.0, where(x > z, 1.0, 0.0)). Convention: from y to z; at the ends x gets the whole gradient."""
@overload
def clip(x: FloatLike, y: FloatLike, z: FloatLike, /) -> float:
    """where(x < y, y, where(x > z, z, x)); derivatives where(x < y, 0.0, where(x > z, 0.0, 1.0)), where(x < y, 1.0, 0.0), where(x < y,
    0.0, where(x > z, 1.0, 0.0)). Convention: from y to z; at the ends x gets the whole gradient."""

@overload
def maximum(x: Value, y: Value | FloatLike, /) -> Value:
    """maximum(x, y); derivatives where(x > y, 1.0, where(x == y, 0.5, 0.0)), where(y > x, 1.0, where(x == y, 0.5, 0.0)). Convention: at
    a tie each operand gets half of the gradient, as in PyTorch and JAX."""
@overload
def maximum(x: FloatLike, y: Value, /) -> Value:
    """maximum(x, y); derivatives where(x > y, 1.0, where(x == y, 0.5, 0.0)), where(y > x, 1.0, where(x == y, 0.5, 0.0)). Convention: at
    a tie each operand gets half of the gradient, as in PyTorch and JAX."""
@overload
def maximum(x: FloatLike, y: FloatLike, /) -> float:
    """maximum(x, y); derivatives where(x > y, 1.0, where(x == y, 0.5, 0.0)), where(y > x, 1.0, where(x == y, 0.5, 0.0)). Convention: at
    a tie each operand gets half of the gradient, as in PyTorch and JAX."""

@overload
def minimum(x: Value, y: Value | FloatLike, /) -> Value:
    """minimum(x, y); derivatives where(x < y, 1.0, where(x == y, 0.5, 0.0)), where(y < x, 1.0, where(x == y, 0.5, 0.0)). Convention: at
    a tie each operand gets half of the gradient, as in PyTorch and JAX."""
@overload
def minimum(x: FloatLike, y: Value, /) -> Value:
    """minimum(x, y); derivatives where(x < y, 1.0, where(x == y, 0.5, 0.0)), where(y < x, 1.0, where(x == y, 0.5, 0.0)). Convention: at
    a tie each operand gets half of the gradient, as in PyTorch and JAX."""
@overload
def minimum(x: FloatLike, y: FloatLike, /) -> float:
    """minimum(x, y); derivatives where(x < y, 1.0, where(x == y, 0.5, 0.0)), where(y < x, 1.0, where(x == y, 0.5, 0.0)). Convention: at
    a tie each operand gets half of the gradient, as in PyTorch and JAX."""

@overload
def greater(x: Value, y: Value | FloatLike, /) -> Value:
    """where(x > y, 1.0, 0.0); derivatives 0.0, 0.0. Convention: 1 or 0; flat, also at the jump."""
@overload
def greater(x: FloatLike, y: Value, /) -> Value:
    """where(x > y, 1.0, 0.0); derivatives 0.0, 0.0. Convention: 1 or 0; flat, also at the jump."""
@overload
def greater(x: FloatLike, y: FloatLike, /) -> float:
    """where(x > y, 1.0, 0.0); derivatives 0.0, 0.0. Convention: 1 or 0; flat, also at the jump."""

@overload
def greater_equal(x: Value, y: Value | FloatLike, /) -> Value:
    """where(x >= y, 1.0, 0.0); derivatives 0.0, 0.0. Convention: 1 or 0; flat, also at the jump."""
@overload
def greater_equal(x: FloatLike, y: Value, /) -> Value:
    """where(x >= y, 1.0, 0.0); derivatives 0.0, 0.0. Convention: 1 or 0; flat, also at the jump."""
@overload
def greater_equal(x: FloatLike, y: FloatLike, /) -> float:
    """where(x >= y, 1.0, 0.0); derivatives 0.0, 0.0. Convention: 1 or 0; flat, also at the jump."""

@overload
def equal(x: Value, y: Value | FloatLike, /) -> Value:
    """where(x == y, 1.0, 0.0); derivatives 0.0, 0.0. Convention: 1 or 0; flat, also at the jump."""
@overload
def equal(x: FloatLike, y: Value, /) -> Value:
    """where(x == y, 1.0, 0.0); derivatives 0.0, 0.0. Convention: 1 or 0; flat, also at the jump."""
@overload
def equal(x: FloatLike, y: FloatLike, /) -> float:
    """where(x == y, 1.0, 0.0); derivatives 0.0, 0.0. Convention: 1 or 0; flat, also at the jump."""

@overload
def where(x: Value, y: Value | FloatLike, z: Value | FloatLike, /) -> Value:
    """where(x == 0.0, z, y); derivatives 0.0, where(x == 0.0, 0.0, 1.0), where(x == 0.0, 1.0, 0.0). Convention: x chooses, anything but
    0 is yes; it gets no gradient."""
@overload
def where(x: FloatLike, y: Value, z: Value | FloatLike, /) -> Value:
    """where(x == 0.0, z, y); derivatives 0.0, where(x == 0.0, 0.0, 1.0), where(x == 0.0, 1.0, 0.0). Convention: x chooses, anything but
    0 is yes; it gets no gradient."""
@overload
def where(x: FloatLike, y: FloatLike, z: Value, /) -> Value:
    """where(x == 0.0, z, y); derivatives 0.0, where(x == 0.0, 0.0, 1.0), where(x == 0.0, 1.0, 0.0). Convention: x chooses, anything but
    0 is yes; it gets no gradient."""
@overload
def where(x: FloatLike, y: FloatLike, z: FloatLike, /) -> float:
    """where(x == 0.0, z, y); derivatives 0.0, where(x == 0.0, 0.0, 1.0), where(x == 0.0, 1.0, 0.0). Convention: x chooses, anything but
    0 is yes; it gets no gradient."""

@overload
def sum(x: Iterable[FloatLike], /) -> float:  # type: ignore[overload-overlap]
    """sum(x); derivatives 1.0."""
@overload
def sum(x: Iterable[Value | FloatLike], /) -> Value:
    """sum(x); derivatives 1.0."""

@overload
def dot(x: Iterable[FloatLike], y: Iterable[FloatLike], /) -> float:  # type: ignore[overload-overlap]
    """sum(x * y); derivatives y, x."""
@overload
def dot(x: Iterable[Value | FloatLike], y: Iterable[Value | FloatLike], /) -> Value:
    """sum(x * y); derivatives y, x."""
