"""The layout of every picture: in order, without overlap, and edges that keep clear of cards."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from autoback.view.frames import arrange_framed
from autoback.view.layout import Arrangement, arrange

SIZE = (40.0, 20.0)


@st.composite
def graphs(draw: st.DrawFn) -> list[list[int]]:
    """Up to 25 nodes in topological order, each with up to three earlier ones as inputs."""
    n = draw(st.integers(1, 25))
    return [draw(st.lists(st.integers(0, k - 1), max_size=3)) if k else [] for k in range(n)]


def laid_out(inputs: list[list[int]], flow: str = "LR") -> Arrangement:
    return arrange(inputs, [SIZE] * len(inputs), (30.0, 10.0), flow)


@given(graphs())
def test_no_two_cards_overlap(inputs: list[list[int]]) -> None:
    """Any two cards are apart along or across the flow."""
    centres = laid_out(inputs).centres
    for k, (x, y) in enumerate(centres):
        assert all(abs(x - a) >= SIZE[0] or abs(y - b) >= SIZE[1] for a, b in centres[:k])


@given(graphs())
def test_everything_lies_inside_the_picture(inputs: list[list[int]]) -> None:
    """No card and no bend is cut off."""
    layout = laid_out(inputs)
    corners = [(x + side * SIZE[0] / 2, y + side * SIZE[1] / 2) for x, y in layout.centres for side in (-1, 1)]
    for x, y in corners + [point for route in layout.routes.values() for point in route]:
        assert -1e-6 <= x <= layout.width + 1e-6 and -1e-6 <= y <= layout.height + 1e-6


@given(graphs())
def test_each_edge_runs_from_its_input_to_its_consumer_and_always_forward(inputs: list[list[int]]) -> None:
    """There is one route for each input, repeats too, and it never turns back."""
    layout = laid_out(inputs)
    assert set(layout.routes) == {(k, p) for k, below in enumerate(inputs) for p in range(len(below))}
    for (k, p), route in layout.routes.items():
        source, target = layout.centres[inputs[k][p]], layout.centres[k]
        assert route[0] == pytest.approx((source[0] + SIZE[0] / 2, source[1]))
        assert route[-1][0] == pytest.approx(target[0] - SIZE[0] / 2)
        assert abs(route[-1][1] - target[1]) <= SIZE[1] / 2
        assert all(a[0] <= b[0] + 1e-9 for a, b in pairwise(route))


@given(graphs())
def test_edges_pass_beside_the_cards_of_the_ranks_between(inputs: list[list[int]]) -> None:
    """Where an edge passes a rank, it runs straight and outside every card."""
    layout = laid_out(inputs)
    for route in layout.routes.values():
        for (x, y), (further, level) in zip(route[1:-1:2], route[2:-1:2], strict=True):
            assert y == level
            assert not [c for c in layout.centres if x < c[0] < further and abs(y - c[1]) < SIZE[1] / 2]


@given(graphs())
def test_top_to_bottom_is_left_to_right_turned(inputs: list[list[int]]) -> None:
    """The direction of flow only swaps the axes."""
    square = [(30.0, 30.0)] * len(inputs)
    across, down = arrange(inputs, square), arrange(inputs, square, flow="TB")
    assert [(y, x) for x, y in across.centres] == down.centres


def test_leaves_stand_directly_before_their_first_consumer() -> None:
    """A weight used late stands late, not at the far left."""
    layout = laid_out([[], [], [0, 1], [2], [], [3, 4]])
    assert layout.centres[4][0] == layout.centres[3][0]


def test_a_tree_has_no_crossing_and_parents_in_the_middle() -> None:
    """Two pairs and their sum: every consumer stands between its inputs."""
    layout = laid_out([[], [], [0, 1], [], [], [3, 4], [2, 5]])
    y = [centre[1] for centre in layout.centres]
    assert y[2] == pytest.approx((y[0] + y[1]) / 2) and y[5] == pytest.approx((y[3] + y[4]) / 2)
    assert y[6] == pytest.approx((y[2] + y[5]) / 2)


def test_a_chain_of_two_thousand_is_a_straight_line() -> None:
    """Depth is no obstacle."""
    layout = laid_out([[], *([k] for k in range(1999))])
    assert len({y for _, y in layout.centres}) == 1


@given(graphs(), st.integers(1, 4))
def test_frames_hold_their_cards_and_no_other(inputs: list[list[int]], count: int) -> None:
    """A frame is a box round its own cards, whatever the graph; where that cannot be, there are no frames."""
    size = len(inputs)
    frames = {str(k): list(range(k * size // count, (k + 1) * size // count)) for k in range(count)}
    frames |= {f"{key} inside": members[: len(members) // 2] for key, members in frames.items()}
    frames = {key: members for key, members in frames.items() if members}
    layout = arrange_framed(inputs, [SIZE] * size, frames, (30.0, 10.0))
    assert layout.frames.keys() == frames.keys()  # neighbours in topological order can always be framed
    for key, members in frames.items():
        left, top, width, height = layout.frames[key]
        for k, (x, y) in enumerate(layout.centres):
            across, down = abs(x - left - width / 2), abs(y - top - height / 2)
            inside = across <= (width - SIZE[0]) / 2 and down <= (height - SIZE[1]) / 2
            outside = across >= (width + SIZE[0]) / 2 - 1e-6 or down >= (height + SIZE[1]) / 2 - 1e-6
            assert inside if k in members else outside
    assert set(layout.routes) == {(k, p) for k, below in enumerate(inputs) for p in range(len(below))}


def test_a_frame_that_a_path_leaves_and_enters_again_is_left_out() -> None:
    """Such cards cannot stand in one box without the node between them; a frame within it can still be drawn."""
    assert arrange_framed([[], [0], [1]], [SIZE] * 3, {"around": [0, 2], "inside": [0]}).frames.keys() == {"inside"}


def test_an_arrow_out_of_a_frame_passes_the_other_cards_of_it() -> None:
    """From the first of two cards in a frame an arrow goes out beside the second, not behind it."""
    layout = arrange_framed([[], [0], [1], [2, 1]], [SIZE] * 4, {"frame": [1, 2]}, (30.0, 10.0))
    x, y = layout.centres[2]
    for (ax, ay), (bx, by) in pairwise(layout.routes[3, 1]):
        for t in range(101):
            px, py = ax + (bx - ax) * t / 100, ay + (by - ay) * t / 100
            assert abs(px - x) > SIZE[0] / 2 or abs(py - y) > SIZE[1] / 2


def test_the_cards_of_a_column_keep_their_order() -> None:
    """Neuron 1 stands above neuron 2, whatever would cross less."""
    layout = arrange([[], [], [1], [0]], [SIZE] * 4, columns=[[3, 2]])
    assert layout.centres[3][1] < layout.centres[2][1]


def crossings(layout: Arrangement) -> int:
    """How many pairs of edges change places between two ranks."""
    gaps: dict[float, list[tuple[float, float]]] = {}
    for route in layout.routes.values():
        for (x, start), (_, end) in zip(route[::2], route[1::2], strict=True):
            gaps.setdefault(round(x, 6), []).append((start, end))
    return sum((a - c) * (b - d) < 0 for edges in gaps.values() for k, (a, b) in enumerate(edges) for c, d in edges[:k])


def test_the_best_of_all_passes_is_kept() -> None:
    """Here an early pass finds an order without crossings, and a later one spoils it."""
    assert crossings(laid_out([[], [0], [0], [], [0, 1], [0, 3], [4], [0, 5]])) == 0


def test_edges_enter_in_the_order_in_which_they_arrive() -> None:
    """y − x, whose inputs stand the other way round, has two edges that do not cross at its door."""
    layout = laid_out([[], [], [1, 0]])
    assert crossings(layout) == 0
    assert layout.routes[2, 0][-1][1] > layout.routes[2, 1][-1][1]


def test_what_wants_the_same_place_stands_evenly_round_it() -> None:
    """Three inputs of one card: the middle one is level with it."""
    layout = laid_out([[], [], [], [0, 1, 2]])
    assert layout.centres[1][1] == pytest.approx(layout.centres[3][1])
