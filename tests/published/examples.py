"""What a published example is: where it stands, the digits that stand there, and the code that must give them."""

import functools
import inspect
import math
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple

#: From the fifteenth digit on, a number is also a matter of the order of additions and of the library of the machine.
MOST_DIGITS = 14


class Between(NamedTuple):
    """What was published has no digits to compare (another start, a picture), but limits that ours must keep."""

    published: str
    low: float
    high: float


Published = str | Between


@dataclass
class Example:
    """One published example.

    title, source: of the publication, and its address or page
    published:     each quantity as it is printed there
    compute:       gives the same quantities as floats; its docstring says what is computed
    """

    title: str
    source: str
    published: Mapping[str, Published]
    compute: Callable[[], Mapping[str, float]]

    @functools.cached_property
    def numbers(self) -> Mapping[str, float]:
        """autoback's numbers."""
        return self.compute()

    def disagreements(self) -> list[str]:
        """The quantities that are missing, or are not what was published."""
        if list(self.numbers) != list(self.published):
            return [f"computed {list(self.numbers)}, published {list(self.published)}"]
        return [
            f"{what}: published {said}, computed {self.numbers[what]!r}"
            for what, said in self.published.items()
            if not agrees(said, self.numbers[what])
        ]


def digits(printed: str) -> tuple[int, int]:
    """(decimals, significant digits) of a printed number.

    >>> digits("-0.20"), digits("24.7041"), digits("1.5e-05")
    ((2, 2), (4, 6), (6, 2))
    """
    mantissa, _, exponent = printed.lower().partition("e")
    decimals = len(mantissa.partition(".")[2]) - int(exponent or 0)
    return decimals, len(re.sub(r"\D", "", mantissa).lstrip("0"))


def agrees(published: Published, number: float) -> bool:
    """Whether a number, rounded to the digits that were printed, or to 14 where more were, is the printed one.

    >>> agrees("0.39", 0.39322), agrees("0.40", 0.39322), agrees("0.7071067811865476", 0.7071067811865477)
    (True, False, True)
    """
    if isinstance(published, Between):
        return published.low <= number <= published.high
    decimals, significant = digits(published)
    decimals -= max(0, significant - MOST_DIGITS)
    units = 0.5000001 if significant <= MOST_DIGITS else 1.0  # two numbers that round alike may lie a whole unit apart
    return math.isfinite(number) and abs(number - float(published)) <= units * 10.0**-decimals


def shown(published: Published, number: float) -> str:
    """Our number for the page: two digits more than were printed, as far as digits are the same on every machine.

    >>> shown("0.39", 0.3932238664829637), shown("0.7071067811865476", 0.7071067811865477)
    ('0.3932', '0.70710678118655')
    """
    if isinstance(published, Between):
        return f"{number:.4g}" if abs(number) > 1 else f"{number:.8g}"
    return f"{number + 0.0:.{min(digits(published)[1] + 2, MOST_DIGITS)}g}"


def example(title: str, source: str, published: Mapping[str, Published]) -> Callable[[Callable[[], Mapping[str, float]]], Example]:
    """Make an example of the function that computes it."""
    return lambda compute: Example(title, source, published, compute)


def _section(one: Example) -> str:
    """An example as a part of the page: words, code, table."""
    path = one.compute.__module__.replace(".", "/") + ".py"
    source = inspect.getsource(one.compute)
    head, _, body = source[source.index("def ") :].split('"""', 2)
    printed = {what: said.published if isinstance(said, Between) else said for what, said in one.published.items()}
    rows = [(what, printed[what], shown(said, one.numbers[what])) for what, said in one.published.items()]
    return "\n".join([
        f"### {one.title}", "", inspect.getdoc(one.compute) or "", "",
        f"Published: {one.source}. Code: [{path}](../{path})", "",
        "```python", head.rstrip() + body.rstrip(), "```", "",
        "| | published | autoback |", "|---|---|---|", *(f"| {' | '.join(row)} |".replace("-", "−") for row in rows), "",
    ])  # fmt: skip


def page(parts: Mapping[str, Sequence[Example]]) -> str:
    """The page of all examples, as Markdown."""
    every = [one for examples in parts.values() for one in examples]
    count = sum(len(one.published) for one in every)
    head = f"""\
# Published numbers, reproduced

Before you trust a library with your gradients, let it compute what others have published. These are {count} numbers
of {len(every)} examples from courses, textbooks, papers and benchmarks, each beside autoback's own, with the code that computes it.
The tests compare every digit that was printed, up to fourteen; what has no digits to compare (another random start) must
keep the limits in the code. `python -m tests.regenerate` writes this page from the files in [tests/published](../tests/published).
"""
    return head + "".join(f"\n## {title}\n\n" + "\n".join(map(_section, examples)) for title, examples in parts.items())
