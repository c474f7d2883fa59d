"""autoback computes the numbers that others have published."""

import pytest

from tests.published.contents import PARTS
from tests.published.examples import Between, Example, agrees

EXAMPLES = {one.title: one for examples in PARTS.values() for one in examples}


@pytest.mark.parametrize("one", EXAMPLES.values(), ids=EXAMPLES)
def test_the_published_digits_are_computed(one: Example) -> None:
    """Every quantity of an example, rounded to the digits that were printed, is the printed number."""
    assert one.disagreements() == []


def test_every_example_has_a_title_of_its_own() -> None:
    """No example hides another of the same title."""
    assert len(EXAMPLES) == sum(map(len, PARTS.values()))


@pytest.mark.parametrize(
    ("published", "number"),
    [
        ("24.7041", 24.70416), ("-12", 12.0), ("0.7071067811865476", 0.7071067811866), ("0.0", 0.06), ("1.5e-05", 1.4e-5),
        ("1.0", float("nan")), (Between("2", 1.9, 2.1), 2.2),
    ],
)  # fmt: skip
def test_another_digit_is_noticed(published: str | Between, number: float) -> None:
    """The comparison can fail: a wrong last digit, sign or exponent, or a number outside its limits, is no agreement."""
    assert not agrees(published, number)


def test_a_missing_quantity_is_noticed() -> None:
    """An example that leaves out one of its published quantities does not pass."""
    one = Example("t", "s", {"a": "1", "b": "2"}, lambda: {"a": 1.0})
    assert one.disagreements() == ["computed ['a'], published ['a', 'b']"]
