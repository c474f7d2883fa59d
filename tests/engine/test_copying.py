"""Copies and pickles: deep graphs, sharing kept, nothing shared with the original."""

import copy
import pickle
from collections.abc import Callable

import pytest

import autoback
from autoback import OPERATIONS, OperationError, RecordingError, Value, topological_order
from autoback.engine.copying import rerecorded
from autoback.engine.tracing import recording
from tests import oracles

DEEP = 100_000


def pickled(value: object) -> object:
    return pickle.loads(pickle.dumps(value))


def described(root: Value) -> list[tuple[object, ...]]:
    """Every field of every node, inputs by their place in the order."""
    order = topological_order(root)
    place = {node: k for k, node in enumerate(order)}
    return [(n.data, n.grad, n.op, tuple(place[below] for below in n.inputs), n.partials, n.label) for n in order]


@pytest.mark.parametrize("copied", [pickled, copy.deepcopy])
def test_a_copy_is_equal_and_apart(copied: object) -> None:
    """A copy has every field of every node, and shares no node with the original."""
    x, y = Value(2.0, "x"), Value(3.0, "y")
    shared = x * y
    root = shared.tanh() + shared * x
    root.backward()
    twin = copied(root)  # type: ignore[operator]
    assert described(twin) == described(root)
    assert not set(topological_order(twin)) & set(topological_order(root))
    leaf = next(node for node in topological_order(twin) if node.label == "x")
    leaf.data = 5.0
    twin.refresh()
    assert x.data == 2.0
    assert twin.data != root.data


@pytest.mark.parametrize("copied", [pickled, copy.deepcopy])
def test_a_deep_graph_is_copied(copied: object) -> None:
    """A graph a hundred thousand nodes deep is copied without recursion, what it shares being shared still."""
    x = Value(0.5, "x")
    root = oracles.chain(DEEP, x)
    twin = copied(root)  # type: ignore[operator]
    assert len(topological_order(twin)) == len(topological_order(root)) == DEEP + 1
    assert described(twin) == described(root)
    root.backward()
    twin.backward()
    assert topological_order(twin)[0].grad == x.grad


@pytest.mark.parametrize("copied", [pickled, copy.deepcopy])
def test_what_two_values_share_stays_shared_in_a_container(copied: object) -> None:
    """A list of Values with a common ancestor, copied, has a common ancestor."""
    x = Value(2.0)
    deep = oracles.chain(5000, x)
    left, right, again, leaf = copied([deep * 2.0, deep.tanh(), deep, x])  # type: ignore[operator]
    assert left.inputs[0] is right.inputs[0] is again
    assert topological_order(again)[0] is leaf


@pytest.mark.parametrize("protocol", range(2, pickle.HIGHEST_PROTOCOL + 1))
def test_every_pickle_protocol(protocol: int) -> None:
    """All protocols that know slots, which is 2 and above, can be written and read back."""
    root = oracles.chain(50, Value(0.5))
    assert described(pickle.loads(pickle.dumps(root, protocol))) == described(root)


def test_copy_copies_one_node() -> None:
    """copy.copy makes a second node on the same inputs, with a gradient of its own."""
    x = Value(2.0, "x")
    y = x * x
    twin = copy.copy(y)
    assert twin is not y
    assert twin.inputs == y.inputs
    assert twin.inputs[0] is x
    twin.grad = 7.0
    assert y.grad is None


def test_rows_are_never_copied() -> None:
    """A row is itself, in this process and in a pickle: is-comparisons stay true."""
    row = OPERATIONS["tanh"]
    assert pickled(row) is row
    assert copy.deepcopy(row) is row
    assert copy.copy(row) is row


def test_a_graph_is_recorded_again_with_other_numbers_for_some_leaves() -> None:
    """The other leaves keep theirs, all nodes their labels, and the graph itself is as it was."""
    w, x = Value(2.0, "w"), Value(3.0, "x")
    y = w * x
    y.label = "y"
    made = rerecorded(y, leaves={x: 5.0})
    assert [(node.data, node.label) for node in made.values()] == [(2.0, "w"), (5.0, "x"), (10.0, "y")]
    assert (x.data, y.data) == (3.0, 6.0)


def test_errors_survive_a_pickle() -> None:
    """The engine's error crosses a process boundary with its operation and operands."""
    with pytest.raises(OperationError) as caught:
        Value(-1.0).log()
    twin = pickled(caught.value)
    assert isinstance(twin, OperationError)
    assert (str(twin), twin.operation, twin.operands) == (str(caught.value), "log", (-1.0,))


@pytest.mark.parametrize("copied", [pickled, copy.deepcopy, copy.copy])
def test_a_copy_is_refused_while_recording(copied: Callable[[object], Value]) -> None:
    """A copy would freeze the number of its leaves into the program, so it is refused; to look at a Value is allowed."""
    with recording():
        for value in (Value(2.0), Value(2.0) * 3.0):
            with pytest.raises(RecordingError, match=r"a (copy|pickle) would freeze this number .* use the Value itself"):
                copied(value)
        assert (repr(Value(2.0)), f"{Value(2.0):.1f}") == ("Value(2.0)", "2.0")
    with pytest.raises(RecordingError):
        autoback.compile(lambda x: copied(x) * x)(2.0)
    assert copied(Value(2.0)).data == 2.0


class Named(Value):
    """A subclass with attributes of its own, in a slot and in a dict."""

    __slots__ = ("__dict__", "unit")

    def __init__(self, data: float, unit: str) -> None:
        super().__init__(data, "named")
        self.unit, self.notes = unit, ["a note"]


@pytest.mark.parametrize("copied", [pickled, copy.deepcopy, copy.copy])
def test_a_subclass_stays_one(copied: Callable[[Value], Named]) -> None:
    """A copy of an instance of a subclass has its class and attributes, without a call of its `__init__`."""
    x = Named(2.0, "m")
    x.grad = 3.0
    twin = copied(x)
    assert (type(twin), twin.data, twin.grad, twin.label, twin.unit, twin.notes) == (Named, 2.0, 3.0, "named", "m", ["a note"])
    assert (twin.notes is x.notes) == (copied is copy.copy)
    assert repr(twin) == "Named(2.0, label='named', grad=3.0)"


class Slotted(Value):
    """A subclass whose instances have no dict."""

    __slots__ = ("unit",)


@pytest.mark.parametrize("copied", [pickled, copy.deepcopy, copy.copy])
def test_a_subclass_without_a_dict_stays_one(copied: Callable[[Value], Slotted]) -> None:
    """What is in slots alone is copied and pickled, and nothing where there is nothing."""
    x = Slotted(2.0)
    assert not hasattr(copied(x), "unit")
    x.unit = "m"
    twin = copied(x)
    assert (type(twin), twin.data, twin.unit) == (Slotted, 2.0, "m")


@pytest.mark.parametrize("copied", [pickled, copy.deepcopy])
def test_a_subclass_in_a_graph_stays_one(copied: Callable[[Value], Value]) -> None:
    """A leaf of a subclass keeps its class where a graph above it is copied, also when it holds that graph."""
    x = Named(2.0, "m")
    x.above = x * x  # type: ignore[attr-defined]
    twin = copied(x.above)  # type: ignore[attr-defined]
    leaf = twin.inputs[0]
    assert type(leaf) is Named
    assert leaf.above is twin  # type: ignore[attr-defined]
