"""The tests can fail: wrong rules are planted in every row, and every judge has to catch every one of them."""

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

Judge = Callable[[Operation], None]
JUDGES: list[Judge] = [oracles.judge_by_differences, oracles.judge_by_algebra, oracles.judge_by_check]

every_row = pytest.mark.parametrize("row", OPERATIONS.values(), ids=OPERATIONS)
compound_rows = pytest.mark.parametrize("row", [row for row in OPERATIONS.values() if row.elementary], ids=lambda row: row.name)


def planted(row: Operation) -> Iterator[tuple[str, Operation]]:
    """The row with one fault in one partial, for every fault and every partial that has a derivative."""
    for k in range(row.arity - row.constants):
        rule = row.partials[k]
        for fault, pattern in FAULTS.items():
            if rule == "0.0" and "+" not in pattern and " - " not in pattern:
                continue  # times anything, 0 stays the same rule
            partials = (*row.partials[:k], pattern.format(rule=rule), *row.partials[k + 1 :])
            yield f"partial {k} {fault}", replace(row, partials=partials)


def survivors(judge: Judge, faults: Iterator[tuple[str, Operation]]) -> list[str]:
    """The faults that a judge lets pass."""
    found = []
    for name, wrong in faults:
        try:
            judge(wrong)
        except AssertionError:
            continue
        found.append(name)
    return found


@pytest.mark.parametrize("judge", JUDGES, ids=lambda judge: judge.__name__)
@every_row
def test_planted_rules_are_caught(judge: Judge, row: Operation) -> None:
    """A partial that is negated, doubled or off by a millionth does not get past any judge."""
    assert survivors(judge, planted(row)) == []


def test_faults_are_planted_in_every_partial() -> None:
    """No row, and no partial of a row, is left out; and a judge who catches nothing would be noticed."""
    for row in OPERATIONS.values():
        names = [name for name, _ in planted(row)]
        for k in range(row.arity - row.constants):
            assert f"partial {k} 1e-6 too much" in names
        assert survivors(lambda row: None, planted(row)) == names
    assert sum(len(list(planted(row))) for row in OPERATIONS.values()) > 190


CURVED = [name for name, row in OPERATIONS.items() if not row.convention and name not in ("add", "sub", "neg", "sum")] + ["power"]


@pytest.mark.parametrize("judge", [oracles.judge_second_order, oracles.judge_second_order_by_algebra], ids=lambda judge: judge.__name__)
@pytest.mark.parametrize("name", CURVED)
def test_a_wrong_second_derivative_is_caught(judge: Judge, name: str) -> None:
    """A row whose gradient graph is not what its numbers say is caught where derivatives are taken again."""
    row = OPERATIONS[name]

    def faults() -> Iterator[tuple[str, Operation]]:
        for fault in ("doubled", "1e-6 too steep"):  # of f' = g(f) the second derivative is g'(f) g(f): a sign cancels
            wrong = replace(row, partials=tuple(FAULTS[fault].format(rule=rule) for rule in row.partials))
            object.__setattr__(wrong, "forward", row.forward)  # right numbers, wrong formulas
            yield fault, wrong

    assert survivors(judge, faults()) == []


@compound_rows
def test_a_compound_row_with_a_planted_fault_differs_from_its_elementary_definition(row: Operation) -> None:
    """A compound row with wrong partials, or with a value off by a millionth, no longer agrees with its elementary definition."""

    def faults() -> Iterator[tuple[str, Operation]]:
        for fault, pattern in FAULTS.items():
            yield fault, replace(row, partials=tuple(pattern.format(rule=rule) for rule in row.partials))
        value = f"sum(({row.value[4:-1]}) * 1.000001)" if row.nary else f"({row.value}) * 1.000001"
        yield "value", replace(row, value=value)

    assert survivors(oracles.judge_elementary, faults()) == []


@every_row
def test_an_unchanged_row_passes(row: Operation) -> None:
    """The judges condemn the fault and not the way it is planted: a copy of a row passes them all."""
    for judge in JUDGES:
        judge(replace(row))
