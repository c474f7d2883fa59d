"""All published examples, in the order of the page."""

from collections.abc import Mapping, Sequence

from tests.published import adbench, lecture, mazur, pdp, runs, small
from tests.published.examples import Example


def _of(module: object) -> list[Example]:
    return [one for one in vars(module).values() if isinstance(one, Example)]


PARTS: Mapping[str, Sequence[Example]] = {
    "Small expressions": _of(small),
    "A lecture and its exercise sheet": _of(lecture),
    "The most copied worked example, and a slip in it": _of(mazur),
    "Whole training runs": _of(runs),
    "The networks of 1986": _of(pdp),
    "Objectives of a benchmark": _of(adbench),
}
