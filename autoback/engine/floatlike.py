"""What type checkers take for a real number: int, float, Fraction and NumPy's scalars, and no string, complex or array."""

from typing import TYPE_CHECKING, Protocol, SupportsIndex, TypeAlias

if TYPE_CHECKING:
    from fractions import Fraction

__all__ = ["FloatLike"]


class _Floating(Protocol):
    """What float and NumPy's floating scalars have in common, and Decimal, which is refused, has not."""

    def as_integer_ratio(self) -> tuple[int, int]: ...
    def is_integer(self) -> bool: ...


#: A number that a Value can hold; SupportsIndex are Python's and NumPy's integers.
FloatLike: TypeAlias = "float | SupportsIndex | Fraction | _Floating"
