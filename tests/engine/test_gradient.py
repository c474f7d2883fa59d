"""`gradient`: derivatives that are graphs, to any order, equal to what `backward` finds."""

import math
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given

from autoback import (
    FUNCTIONS,
    OPERATIONS,
    Operation,
    OperationError,
    Value,
    dot,
    exp,
    gradient,
    hessian,
    power,
    sin,
    tanh,
    topological_order,
)
from autoback.engine.gradient import local_derivatives
from autoback.engine.value import record
from tests import oracles
from tests.graphs import Program, programs


@given(programs(40))
def test_gradient_equals_backward(program: Program) -> None:
    """The gradient as a graph and the gradient as numbers agree to the last digit or two, on any graph."""
    leaves = program.leaves()
    root = program(*leaves)
    root.backward()
    for graph, leaf in zip(gradient(root, leaves), leaves, strict=True):
        assert graph.data == pytest.approx(leaf.grad or 0.0, rel=1e-14, abs=1e-15)


@pytest.mark.parametrize("row", OPERATIONS.values(), ids=OPERATIONS)
def test_gradient_of_one_operation_equals_backward_bit_for_bit(row: Operation) -> None:
    """For a single node the formula read as a graph rounds as the formula read as Python."""
    for point in oracles.points(row):
        leaves = [Value(x) for x in point]
        node = record(row, tuple(leaves))
        assert [Value(x).data if isinstance(x, float) else x.data for x in local_derivatives(node)] == list(node.partials)
        node.backward()
        free = oracles.variables(row, point)
        assert [slope.data for slope in gradient(node, [leaves[k] for k in free])] == [leaves[k].grad for k in free]


def test_gradient_of_a_network_equals_backward_bit_for_bit() -> None:
    """Where each gradient is folded in the same order, graph and numbers are one."""
    w = [[Value(0.1 * (j - k) + 0.05) for k in range(3)] for j in range(4)]
    v = [Value(0.3 - 0.2 * j) for j in range(4)]
    x = [Value(0.5), Value(-1.0), Value(2.0)]
    root = (dot(v, [tanh(dot(row, x)) for row in w]).sigmoid() - 1.0) ** 2
    root.backward()
    leaves = [*x, *v, *[weight for row in w for weight in row]]
    assert [slope.data for slope in gradient(root, leaves)] == [leaf.grad for leaf in leaves]


@given(programs(8))
def test_second_derivatives_are_symmetric(program: Program) -> None:
    """The hessian of a smooth function is symmetric, and its entries are slopes of the gradient."""
    leaves = program.leaves()
    matrix = hessian(program(*leaves), leaves)
    n = len(leaves)
    for j in range(n):

        def first(point: list[float], j: int = j) -> float:
            at = [Value(x) for x in point]
            return gradient(program(*at), at[j]).data

        for k in range(n):
            assert matrix[j][k].data == pytest.approx(matrix[k][j].data, rel=1e-11, abs=1e-12)
            oracles.close(matrix[j][k].data, oracles.difference(first, list(program.at), k), 1e-7, f"∂²/∂x{j}∂x{k} of {program}")


def tanh_derivatives(t: float) -> list[float]:
    """Tanh and its first five derivatives as polynomials of t = tanh(x), from d/dx = (1 - t²) d/dt, multiplied out."""
    return [
        t,
        1 - t**2,
        -2 * t + 2 * t**3,
        -2 + 8 * t**2 - 6 * t**4,
        16 * t - 40 * t**3 + 24 * t**5,
        16 - 136 * t**2 + 240 * t**4 - 120 * t**6,
    ]


@pytest.mark.parametrize("at", [-1.7, -0.3, 0.0, 0.5, 1.0, 2.2])
def test_derivatives_of_tanh_to_order_five(at: float) -> None:
    """Differentiating tanh five times agrees with the closed forms to 1e-12."""
    x = Value(at)
    y = tanh(x)
    for order, expected in enumerate(tanh_derivatives(math.tanh(at))):
        assert y.data == pytest.approx(expected, rel=1e-12, abs=1e-12), order
        y = gradient(y, x)


def test_derivatives_of_sine_go_round() -> None:
    """Four derivatives of the sine are the sine again."""
    x = y = Value(0.7)
    y = sin(x)
    for expected in (math.cos(0.7), -math.sin(0.7), -math.cos(0.7), math.sin(0.7)):
        y = gradient(y, x)
        assert y.data == pytest.approx(expected, rel=1e-15)


def test_derivatives_of_the_exponential_are_itself() -> None:
    """Ten derivatives of e^x are e^x, without a node being added."""
    x = Value(0.7)
    first = y = exp(x)
    for _ in range(10):
        y = gradient(y, x)
    assert y is first


@pytest.mark.parametrize("n", [2, 3, 4])
def test_a_power_runs_out(n: int) -> None:
    """x**n has n derivatives that are not zero, at 0 as anywhere."""
    for at in (0.0, 1.5):
        x = Value(at)
        y = x**n
        for k in range(n):
            assert y.data == pytest.approx(math.perm(n, k) * at ** (n - k), rel=1e-14)
            y = gradient(y, x)
        assert y.data == math.factorial(n)
        assert gradient(y, x).data == 0.0


def test_the_hessian_of_a_quadratic_form_is_its_matrix() -> None:
    """½ xᵀAx has the hessian A."""
    a = [[2.0, -1.0, 0.0], [-1.0, 3.0, 0.5], [0.0, 0.5, 1.0]]
    x = [Value(0.3), Value(-0.7), Value(1.1)]
    form = 0.5 * dot(x, [dot(row, x) for row in a])
    assert [[entry.data for entry in row] for row in hessian(form, x)] == [pytest.approx(row, abs=1e-15) for row in a]


def test_one_input_or_several() -> None:
    """One Value gives one Value, a sequence gives a list, also of one or of none."""
    x = Value(2.0)
    y = x * x
    assert gradient(y, x).data == 4.0
    assert [slope.data for slope in gradient(y, (x, x))] == [4.0, 4.0]
    assert gradient(y, []) == []


def test_an_input_without_influence_has_gradient_zero() -> None:
    """What the output does not depend on, or depends on only as a constant exponent, has gradient 0."""
    x, n, stranger = Value(2.0), Value(3.0), Value(1.0)
    y = record(OPERATIONS["power"], (x, n))
    assert [slope.data for slope in gradient(y, [x, n, stranger])] == [12.0, 0.0, 0.0]


def test_an_output_changes_as_fast_as_itself() -> None:
    """d(y)/d(y) is 1."""
    x = Value(2.0)
    assert gradient(x, x).data == 1.0
    y = x * x
    assert gradient(y, y).data == 1.0


def test_an_inner_node_is_an_input_like_any_other() -> None:
    """The gradient along an inner node counts all paths through it."""
    x = Value(2.0)
    y = x * x
    z = y * y + y
    assert gradient(z, [y, x])[0].data == 9.0
    assert gradient(z, [y, x])[1].data == 36.0


def test_no_grad_is_touched() -> None:
    """gradient returns what it finds, and writes nothing on the graph."""
    x = Value(2.0)
    y = x * x
    y.backward()
    gradient(y * y, x)
    assert (x.grad, y.grad) == (4.0, 1.0)


def test_a_gradient_can_stand_in_a_loss() -> None:
    """A penalty on a gradient has a gradient itself: the slope of (2x)² is 8x."""
    x = Value(3.0)
    slope = gradient(x * x, x)
    (slope * slope).backward()
    assert x.grad == 24.0


def test_a_gradient_is_refreshed_with_its_graph() -> None:
    """A gradient graph is a graph: change a leaf, refresh, and it holds the new gradient."""
    x = Value(1.0)
    slope = gradient(tanh(x) * x, x)
    x.data = -0.5
    slope.refresh()
    fresh = Value(-0.5)
    assert slope.data == gradient(tanh(fresh) * fresh, fresh).data


def test_several_consumers_meet_in_one_dot() -> None:
    """Where several consumers meet, upstream · local is one dot, so the backward of a layer of dots is dots again."""
    x = Value(0.5)
    weights = [Value(k) for k in (1.0, 2.0, 3.0)]
    hidden = [tanh(w * x) for w in weights]
    slope = gradient(dot([Value(k) for k in (4.0, 5.0, 6.0)], hidden), x)
    assert slope.op is OPERATIONS["dot"]
    assert len(slope.inputs) == 6


def test_local_derivatives_are_the_rules_of_the_table() -> None:
    """The partials of a product are its operands, not copies of them."""
    x, y = Value(2.0), Value(3.0)
    assert [id(part) for part in local_derivatives(x * y)] == [id(y), id(x)]
    assert local_derivatives(x + y) == [1.0, 1.0]
    assert local_derivatives(x) == []


def test_a_deep_graph_has_a_gradient() -> None:
    """gradient does not recurse either."""
    x = Value(0.5)
    root = oracles.chain(30_000, x)
    root.backward()
    assert gradient(root, x).data == pytest.approx(x.grad, rel=1e-12)


@pytest.mark.parametrize("name", ["relu", "leaky_relu", "abs", "softplus"])
def test_second_derivatives_of_kinked_rows(name: str) -> None:
    """The slope of a straight piece is constant, so its gradient is 0; softplus, which is round, has one of 1/4 at 0."""
    x = Value(0.0 if name == "softplus" else 1.5)
    slope = gradient(FUNCTIONS[name](x), x)
    assert gradient(slope, x).data == (0.25 if name == "softplus" else 0.0)


@pytest.mark.parametrize("arguments", [(1.0, Value(1.0)), (Value(1.0), 1.0), (Value(1.0), [1.0]), (Value(1.0), ["x"])])
def test_only_values_have_gradients(arguments: tuple[Value, Value]) -> None:
    """Numbers have no graph, and the error says what came."""
    with pytest.raises(TypeError, match=r"Value|iterable"):
        gradient(*arguments)


def test_an_overflow_in_a_gradient_names_the_operation() -> None:
    """A gradient too large for a double is the engine's error too."""
    x = Value(1e-200)
    y = (x * 1e200) * 1e200
    with pytest.raises(ArithmeticError, match="mul"):
        gradient(y, x)


def test_topology_of_a_gradient_shares_the_forward_graph() -> None:
    """The gradient of e^x·x reuses e^x instead of computing it again."""
    x = Value(0.5)
    y = exp(x)
    assert sum(node.op is OPERATIONS["exp"] for node in topological_order(gradient(y * x, x))) == 1


def test_a_derivative_that_has_none_itself_is_a_number() -> None:
    """d/dx x^1.5 at 0 is 0, as backward says, although its own slope there is infinite; asking for that one is the error."""
    x = Value(0.0, "x")
    y = x**1.5
    first = gradient(y, x)
    y.backward()
    assert (first.data, x.grad) == (0.0, 0.0)
    assert not first.is_stale()
    first.refresh()
    assert first.data == 0.0
    with pytest.raises(OperationError, match="at 0 the exponent must be 0 or at least 1"):
        gradient(first, x)
    with pytest.raises(OverflowError, match="the gradient of x"):
        first.backward()
    x.data = 4.0
    first.refresh()
    assert (first.data, gradient(first, x).data) == (3.0, 0.375)


def test_a_value_as_exponent_of_power_may_change() -> None:
    """power with a Value as exponent is pow: its slopes and its gradient graph follow the exponent."""
    x, n = Value(3.0), Value(2.0)
    first = gradient(power(x, n), [x, n])
    n.data = 3.0
    for slope in first:
        slope.refresh()
    assert [slope.data for slope in first] == pytest.approx([27.0, 27.0 * math.log(3.0)], rel=1e-15)
    assert (power(x, 2.0).op, power(x, n).op) == (OPERATIONS["power"], OPERATIONS["pow"])
    assert (x.power(n).op, type(power(2.0, 3))) == (OPERATIONS["pow"], float)


@pytest.mark.parametrize(
    ("output", "inputs", "got"), [(Value(1.0), 3, "int: 3"), (3, Value(1.0), "int: 3"), (Value(1.0), ["x"], "str: 'x'")]
)
def test_what_is_no_value_is_named(output: Value, inputs: Value, got: str) -> None:
    """gradient and hessian say what came in place of a Value."""
    with pytest.raises(TypeError, match=f"takes Values, got a {got}"):
        gradient(output, inputs)
    if not isinstance(inputs, Value):
        with pytest.raises(TypeError, match=f"takes Values, got a {got}"):
            hessian(output, inputs)
    with pytest.raises(TypeError, match=r"write hessian\(y, \[x\]\)"):
        hessian(Value(1.0), Value(1.0))  # type: ignore[arg-type]


def test_threads_may_take_gradients_of_one_graph() -> None:
    """gradient and jvp touch nothing of the graph, so any number of threads may ask for them at once."""
    w = [Value(0.1 * k) for k in range(1, 9)]
    root = tanh(dot(w, [w[-1 - k] * 0.5 for k in range(8)])) ** 2
    expected = [slope.data for slope in gradient(root, w)]
    with ThreadPoolExecutor(4) as pool:
        found = [run.result() for run in [pool.submit(lambda: [slope.data for slope in gradient(root, w)]) for _ in range(200)]]
    assert all(slopes == expected for slopes in found)
    assert [leaf.grad for leaf in w] == [None] * 8
