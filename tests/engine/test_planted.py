"""The tests can fail: wrong rules are planted in every row, and every judge has to catch them."""

from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest

from autoback import OPERATIONS, Operation
from tests import oracles

FAULTS = {
    "negated": "-({rule})",
    "doubled": "2.0 * ({rule})",
    "1e-6 too much": "({rule}) + 0.000001",
    "1e-6 too little": "({rule}) - 0.000001",
    "1e-6 too steep": "({rule}) * 1.000001",
}

JUDGES = [oracles.judge_by_differences, oracles.judge_by_algebra, oracles.judge_by_check]
COMPOUND = pytest.mark.parametrize("row", [row for row in OPERATIONS.values() if row.elementary], ids=lambda row: row.name)


def planted() -> Iterator[tuple[str, Operation]]:
    """Every row with one fault in one partial, for every fault and every partial that has a derivative."""
    for row in OPERATIONS.values():
        for k in range(row.arity - row.constants):
            rule = row.partials[k]
            for fault, pattern in FAULTS.items():
                if rule == "0.0" and "+" not in pattern and " - " not in pattern:
                    continue  # times anything, 0 stays the same rule
                partials = (*row.partials[:k], pattern.format(rule=rule), *row.partials[k + 1 :])
                yield f"{row.name} partial {k} {fault}", replace(row, partials=partials)


PLANTED = dict(planted())


@pytest.mark.parametrize("judge", JUDGES, ids=lambda judge: judge.__name__)
@pytest.mark.parametrize("wrong", PLANTED.values(), ids=PLANTED)
def test_a_planted_rule_is_caught(judge: Callable[[Operation], None], wrong: Operation) -> None:
    """A partial that is negated, doubled or off by a millionth does not get past any judge."""
    with pytest.raises(AssertionError):
        judge(wrong)


def test_faults_are_planted_in_every_row() -> None:
    """No row, and no partial of a row, is left out."""
    for row in OPERATIONS.values():
        for k in range(row.arity - row.constants):
            assert f"{row.name} partial {k} 1e-6 too much" in PLANTED


CURVED = [name for name, row in OPERATIONS.items() if not row.convention and name not in ("add", "sub", "neg", "sum")] + ["power"]


@pytest.mark.parametrize("judge", [oracles.judge_second_order, oracles.judge_second_order_by_algebra], ids=lambda judge: judge.__name__)
@pytest.mark.parametrize("fault", ["doubled", "1e-6 too steep"])  # of f' = g(f) the second derivative is g'(f) g(f): a sign cancels
@pytest.mark.parametrize("name", CURVED)
def test_a_wrong_second_derivative_is_caught(judge: Callable[[Operation], None], fault: str, name: str) -> None:
    """A row whose gradient graph is not what its numbers say is caught where derivatives are taken again."""
    row = OPERATIONS[name]
    wrong = replace(row, partials=tuple(FAULTS[fault].format(rule=rule) for rule in row.partials))
    object.__setattr__(wrong, "forward", row.forward)  # right numbers, wrong formulas
    with pytest.raises(AssertionError):
        judge(wrong)


@COMPOUND
@pytest.mark.parametrize("fault", FAULTS)
def test_a_planted_rule_differs_from_the_elementary_definition(row: Operation, fault: str) -> None:
    """A compound row with a wrong rule no longer agrees with its elementary definition."""
    with pytest.raises(AssertionError):
        oracles.judge_elementary(replace(row, partials=tuple(FAULTS[fault].format(rule=rule) for rule in row.partials)))


@COMPOUND
def test_a_planted_value_is_caught(row: Operation) -> None:
    """A compound row whose value is off by a millionth no longer agrees with its elementary definition."""
    value = f"sum(({row.value[4:-1]}) * 1.000001)" if row.nary else f"({row.value}) * 1.000001"
    with pytest.raises(AssertionError):
        oracles.judge_elementary(replace(row, value=value))


@pytest.mark.parametrize("row", OPERATIONS.values(), ids=OPERATIONS)
def test_an_unchanged_row_passes(row: Operation) -> None:
    """The judges condemn the fault and not the way it is planted: a copy of a row passes them all."""
    for judge in JUDGES:
        judge(replace(row))
