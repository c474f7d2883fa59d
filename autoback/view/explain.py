"""The chain rule told for one graph: every use of a node, upstream × local, and their sum, from the rows of the table."""

import math
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from html import escape
from operator import add
from pathlib import Path

from autoback.engine.operation import Operation
from autoback.engine.value import Value
from autoback.files import write_atomically
from autoback.view.names import derivative
from autoback.view.notation import Notation
from autoback.view.phrases import ATOM, Phrase, equals, joined, product, spelled
from autoback.view.reading import Edge, Reading
from autoback.view.rules import character, sides
from autoback.view.sheets import Equation, HtmlSheet, LatexSheet, MarkdownSheet, Math, Sheet, TextSheet
from autoback.view.snapshot import Node, Snapshot

__all__ = ["Explanation", "explain"]

_PAGE = """\
<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>{title}</title>
<style>
:root {{ color-scheme: light dark; }}
body {{ font: 1.1rem/1.5 system-ui, sans-serif; max-width: 46rem; margin: 2rem auto; padding: 0 1rem; }}
math {{ font-family: "STIX Two Math", "Cambria Math", "Latin Modern Math", "DejaVu Math TeX Gyre", math; }}
</style>
{body}</html>
"""

#: How many equations, paths, uses of one node, steps and terms of a sum are told before the rest is summed up.
MOST_EQUATIONS, MOST_PATHS, MOST_USES, MOST_STEPS, MOST_TERMS = 12, 12, 8, 12, 4


@dataclass(frozen=True, repr=False)
class Explanation:
    """An explanation in four forms; a terminal shows the first, a notebook the last.

    text: lines of at most 80 columns; latex: a piece of a document (amsmath); mathml: a piece of HTML; markdown: for notebooks
    """

    text: str
    latex: str
    mathml: str
    markdown: str

    def __repr__(self) -> str:
        return self.text

    @property
    def page(self) -> str:
        """A whole page around the HTML, for a browser."""
        return _PAGE.format(title=escape(self.text.partition("\n")[0]), body=self.mathml)

    def save(self, path: str | os.PathLike[str]) -> Path:
        """The path, after the explanation is in it: as text for .txt, LaTeX for .tex, a page for .html.

        Raises ValueError for a name with another ending, OSError when it cannot be written.
        """
        forms = {".txt": self.text + "\n", ".tex": self.latex + "\n", ".html": self.page}
        form = forms.get(Path(path).suffix.lower())
        if form is None:
            raise ValueError(f"the name must end in .txt, .tex or .html to say what to write, got {os.fspath(path)!r:.80}")
        return write_atomically(path, form)

    def _repr_mimebundle_(self, include: object = None, exclude: object = None) -> dict[str, str]:
        """What a notebook shows: Markdown, of which it keeps the mathematics also where it does not trust the notebook."""
        return {"text/plain": self.text, "text/markdown": self.markdown, "text/latex": self.latex}


def explain(root: Value, wrt: Value | Sequence[Value] | None = None) -> Explanation:
    """The gradient of a graph's root, derived step by step with its own numbers.

    root: the Value that is differentiated
    wrt:  the Value, or several, with respect to which; default every labelled leaf
    Nothing is changed: where no backward has run, the text says so and tells what it would find.
    Raises TypeError when something other than a Value is given.

    >>> w, x = Value(0.5, "w"), Value(2.0, "x")
    >>> y = (w * x).tanh(); y.label = "y"
    >>> y.backward()
    >>> print("\\n".join(explain(y, wrt=w).text.splitlines()[8:13]))
    The chain rule
    ──────────────
    <BLANKLINE>
        ∂y/∂w = ∂y/∂(w·x) · ∂(w·x)/∂w = 0.42 × 2 ≈ 0.8399
    <BLANKLINE>
    """
    targets = _targets(root, wrt)
    snapshot = Snapshot(root, variables=targets or ())
    if targets is None:
        targets = [node for node in snapshot.order if node.op is None and not snapshot[node].constant]
    reading = Reading(snapshot, targets)
    sheets: tuple[Sheet, ...] = (TextSheet(), LatexSheet(), HtmlSheet(), MarkdownSheet())
    for sheet in sheets:
        _Teller(reading, targets, sheet).tell()
    return Explanation(*[sheet.finish() for sheet in sheets])


def _targets(root: Value, wrt: Value | Sequence[Value] | None) -> list[Value] | None:
    if not isinstance(root, Value):
        raise TypeError(f"explain(root, wrt=...) explains a Value, got a {type(root).__name__}: {root!r:.40}")
    if wrt is None:
        return None
    targets = [wrt] if isinstance(wrt, Value) else list(wrt)
    for target in targets:
        if not isinstance(target, Value):
            raise TypeError(f"wrt must be a Value or a sequence of Values, got a {type(target).__name__}: {target!r:.40}")
    return list(dict.fromkeys(targets))


class _Teller:
    """Writes one reading on one sheet."""

    def __init__(self, reading: Reading, targets: Sequence[Value], sheet: Sheet) -> None:
        self.reading, self.snapshot, self.targets, self.sheet = reading, reading.snapshot, targets, sheet
        self.notation: Notation = sheet.notation
        self.root = reading.root
        self.numbers = not self.snapshot.stale  # those of a stale graph do not belong together
        self.characterised: set[Operation] = set()  # rows of which it has been said what they do to a gradient
        self.ties: dict[Operation, list[Value]] = {}  # row -> the nodes that it uses just where its branches meet
        self.marked = False  # whether it has been said what x₍₁₎ means

    # Names and numbers

    def name(self, node: Value) -> Math:
        return Math(self._phrase(node).text)

    def _phrase(self, node: Value) -> Phrase:
        """A node by its name; what is not in the graph, by its label or its number."""
        if node in self.snapshot.index:
            return self.reading.symbol(node, self.notation)
        return Phrase(self.notation.symbol(node.label), ATOM) if node.label else spelled(node.data, self.notation)

    def derivative(self, of: Value, by: Value) -> Phrase:
        return derivative(self._phrase(of), self._phrase(by), self.notation)

    def contribution(self, edge: Edge) -> Phrase:
        """The symbol of what arrives along one edge: ∂L/∂w, or ∂L/∂x₍₁₎ where x is used several times."""
        return derivative(self._phrase(self.root), self.reading.mark(edge, self.notation), self.notation)

    def gradient(self, node: Value) -> float:
        return self.snapshot[node].gradient if node in self.snapshot.index else 0.0

    def number(self, number: float) -> Phrase:
        return spelled(number, self.notation)

    def product(self, numbers: Sequence[float]) -> Phrase:
        return product(numbers, self.notation)

    def total(self, numbers: Sequence[float]) -> Phrase:
        return self._joined("+", [self.number(number) for number in numbers])

    def _joined(self, symbol: str, phrases: Sequence[Phrase]) -> Phrase:
        return joined(symbol, phrases, self.notation)

    def names(self, nodes: Sequence[Value]) -> list[str | Math]:
        named: list[str | Math] = [self.name(node) for node in nodes[:MOST_EQUATIONS]]
        if len(nodes) > len(named):
            named.append(f"{len(nodes) - len(named)} more")
        return [part for k, name in enumerate(named) for part in (*(["," if k < len(named) - 1 else "and"] if k else []), name)]

    # The parts of the explanation

    def tell(self) -> None:
        self.sheet.heading("How", self.name(self.root), "depends on", *self.names(self.targets))
        reaching: list[Value] = []
        for target in self.targets:
            if target is self.root:
                self.sheet.say(self.name(target), "is the root itself, and changes exactly as much as itself:")
                self.sheet.equations([Equation(self.derivative(self.root, target).text, [self.number(1.0)])])
            elif target in self.snapshot.operands:
                self._say_why_constant(target)
            elif target in self.snapshot.index:  # every node of a graph leads to its root
                reaching.append(target)
            else:
                self.sheet.say(self.name(target), "does not reach", self.name(self.root), ": no operation leads from one to the other, so")
                self.sheet.equations([Equation(self.derivative(self.root, target).text, [self.number(0.0)])])
        if self.snapshot.stale:
            first = next(node for node in self.reading.shown if self.snapshot[node].stale)
            self.sheet.say(
                "This graph is stale: a leaf was changed after", self.name(first), "had been computed, and the numbers",
                "no longer belong together. Call refresh() on the root, then backward(). Until then only the rules can be told.",
            )  # fmt: skip
        if not reaching:
            return
        if len(reaching) > MOST_EQUATIONS:
            self.sheet.say(f"Of these {len(reaching)}, the first {MOST_EQUATIONS} are told; ask for another with wrt.")
            reaching = reaching[:MOST_EQUATIONS]
        if self.numbers:
            self._say_what_backward_left(reaching)
        self._forward()
        self.sheet.heading("The chain rule")
        for target in reaching:
            self._paths(target)
        self._backward(reaching)
        if self.numbers:
            self._meaning(reaching)

    def _say_what_backward_left(self, reaching: Sequence[Value]) -> None:
        without = [target for target in reaching if target.grad is None]
        if without:
            self.sheet.say(
                "No backward has reached", *self.names(without), "yet: the gradient is None, which is not the same as 0.",
                "The numbers below are what backward() on the root will find.",
            )  # fmt: skip
        for target in reaching:
            node = self.snapshot[target]
            if node.is_accumulated:
                self.sheet.say(
                    "The gradient stored at", self.name(target), "is", Math(self._accumulated(node)), ", and not the",
                    Math(self.number(node.gradient).text), "of this graph alone: backward() adds to what is there, and zero_grad()",
                    "was not called before it.",
                )  # fmt: skip

    def _accumulated(self, node: Node) -> str:
        """What a stored gradient consists of, 7 + 7 = 14."""
        parts = node.parts
        total = self.product(parts[:2]) if len(parts) > 3 else self.total(parts)
        stored = self.number(node.stored or 0.0)
        return self.notation.infix(total.text, equals(total, stored), stored.text)

    def _say_why_constant(self, target: Value) -> None:
        above = next(self.snapshot.order[k] for k, _ in self.snapshot.uses[self.snapshot.index[target]])
        row = above.op.name if above.op else ""
        self.sheet.say(
            self.name(target), f"is a constant of {row}, which has no derivative with respect to it, and backward() leaves it out.",
            "An exponent that is a Value with a label, as in x ** v, is a variable.",
        )  # fmt: skip

    def _forward(self) -> None:
        inner = [node for node in self.reading.shown if node.op is not None]
        if len(inner) > MOST_EQUATIONS:
            near = {edge.above for target in self.targets for edge in self.reading.uses.get(target, ())}
            first = [node for node in inner if node in near][: MOST_EQUATIONS // 2]
            shown = [*first, *[node for node in inner[-(MOST_EQUATIONS - len(first)) :] if node not in near]]
            self.sheet.heading(f"Forward: {len(shown)} of the {len(inner)} steps")
        else:
            shown = inner
            self.sheet.heading("Forward: each node after its inputs")
        equations = []
        for node in shown:
            rule, name = self.reading.value_rule(node, self.notation), self.name(node).marks
            told = [side for side in sides(rule, self.notation, self.numbers) if side.text != name]
            if told:
                equations.append(Equation(name, told, rule.because if self.numbers else ""))
        self.sheet.equations(equations)

    def _paths(self, target: Value) -> None:
        count = self.reading.count_paths(target)
        gradient = self.derivative(self.root, target).text
        if count > MOST_PATHS:
            zeros = str(int((count.bit_length() - 1) * math.log10(2)))  # Python refuses to print numbers of many thousand digits
            many = [f"{count:,}"] if count < 10**9 else ["More than", Math(self.notation.power("10", zeros))]
            edges = sum(len(self.reading.uses[node]) for node in self.reading.between(target))
            self.sheet.say(
                *many, "paths lead from", self.name(target), "to", self.name(self.root), ", too many to walk one by one.",
                f"Backward adds up wherever paths meet, and so needs each of the {edges} edges between them only once.",
            )  # fmt: skip
            return
        paths = list(self.reading.paths(target))
        if count == 1:
            rule = self.reading.edge_rule(paths[0][0], self.notation)
            single = sides(rule, self.notation, self.numbers)
            self.sheet.equations([Equation(gradient, single if len(paths[0]) == 1 else self._along(paths[0], True))])
            return
        self.sheet.say(f"{count} paths lead from", self.name(target), "to", self.name(self.root), ". Multiply along each, then add:")
        equations = []
        for path in paths:
            stops = [*[self.reading.mark(edge, self.notation).text for edge in path], self.name(self.root).marks]
            way = reduce(lambda left, right: self.notation.infix(left, "→", right), stops)
            equations.append(Equation(way, self._along(path, not self.numbers)))
        if self.numbers:
            total = [self.total([_product(path) for path in paths]), self.number(self.gradient(target))]
            equations.append(Equation(gradient, total))
        self.sheet.equations(equations)

    def _along(self, path: Sequence[Edge], symbols: bool) -> list[Phrase]:
        """The product of a path's local derivatives, from the root down as the textbooks write it."""
        backwards = list(reversed(path))
        products = [self._chain(backwards)] if symbols else []
        if self.numbers and len(path) > 1:
            products.append(self.product([edge.factor for edge in backwards]))
        return [*products, self.number(_product(path))] if self.numbers else products

    def _chain(self, backwards: Sequence[Edge]) -> Phrase:
        """∂C/∂a · ∂a/∂z; of a single edge its rule."""
        if len(backwards) == 1:
            return self.reading.edge_rule(backwards[0], self.notation).symbols
        return self._joined("*", [self.reading.slope(edge, self.notation) for edge in backwards])

    def _backward(self, reaching: Sequence[Value]) -> None:
        between = {node for target in reaching for node in self.reading.between(target)}
        steps = [node for node in reversed(self.reading.shown) if node in between and node is not self.root]
        self.sheet.heading("Backward: each node after all that use it")
        start = ", whose derivative with respect to itself is 1. Along every edge, upstream × local = contribution."
        self.sheet.say("It begins at", self.name(self.root), start)
        for position, node in enumerate(steps):
            if len(steps) > MOST_STEPS and position == MOST_STEPS // 2:
                self.sheet.say(f"({len(steps) - MOST_STEPS} more nodes in between are treated in the same way.)")
            if len(steps) <= MOST_STEPS or not MOST_STEPS // 2 <= position < len(steps) - MOST_STEPS // 2:
                self._step(node)

    def _step(self, node: Value) -> None:
        uses = self.reading.uses[node]
        several = len(uses) > 1
        self.sheet.say(self.name(node), "is used", f"{_times(len(uses))}, by", *self._users(uses), *self._effect(uses))
        if several and not self.marked:
            mark = Math(self.reading.mark(uses[0], self.notation).text)
            self.sheet.say("Along each arrow it is written as that use,", mark, "for the first; the contributions of all uses add up.")
            self.marked = True
        size = {edge: self.gradient(edge.above) * edge.factor for edge in uses}
        shown = set(sorted(uses, key=lambda edge: -abs(size[edge]))[:MOST_USES])
        equations = []
        for edge in uses:
            if edge not in shown:
                continue
            rule = self.reading.edge_rule(edge, self.notation)
            if rule.tie and self.numbers:
                self.ties.setdefault(edge.row, []).append(node)
            slope = self.reading.slope(edge, self.notation)
            equations.append(Equation(slope.text, sides(rule, self.notation, self.numbers), rule.because if self.numbers else ""))
            if edge.above is self.root:  # its upstream is 1
                continue
            chain = self._joined("*", [self.derivative(self.root, edge.above), slope])
            figures = [self.product([self.gradient(edge.above), edge.factor]), self.number(size[edge])]
            equations.append(Equation(self.contribution(edge).text, [chain, *(figures if self.numbers else [])]))
        self.sheet.equations(equations)
        for row in [row for row, nodes in self.ties.items() if {*nodes} == {node}]:  # met for the first time
            self.sheet.say(f"Here the branches of {row.name} meet, and what counts is a convention: {row.convention}.")
        if several:
            self._sum(node, [edge for edge in uses if edge in shown], size)

    def _sum(self, node: Value, shown: Sequence[Edge], size: Mapping[Edge, float]) -> None:
        """The gradient of a node that is used several times, as the sum over its uses."""
        terms = [size[edge] for edge in shown]
        if len(size) > len(shown):
            rest = reduce(add, [amount for edge, amount in size.items() if edge not in set(shown)])
            together: list[str | Math] = ["and contribute together", Math(self.number(rest).text)] if self.numbers else []
            self.sheet.say(f"The other {len(size) - len(shown)} uses are smaller", *together, ".")
            terms.append(rest)
        symbols = [self._joined("+", [self.contribution(edge) for edge in shown])] if len(size) <= MOST_TERMS else []
        numbers = [self.total(terms), self.number(self.gradient(node))] if self.numbers else []
        if symbols or numbers:
            self.sheet.equations([Equation(self.derivative(self.root, node).text, [*symbols, *numbers])])

    def _users(self, uses: Sequence[Edge]) -> list[str | Math]:
        """The users of a node, each with the operation that uses it."""
        users: dict[Value, dict[str, None]] = {}
        for edge in uses:
            users.setdefault(edge.above, {})[edge.row.name] = None
        if len(users) > MOST_USES:
            return [f"{len(users)} nodes"]
        parts: list[str | Math] = []
        for k, (above, rows) in enumerate(users.items()):
            parts += [*(["," if k < len(users) - 1 else "and"] if k else []), self.name(above), f"({', '.join(rows)})"]
        return parts

    def _effect(self, uses: Sequence[Edge]) -> list[str | Math]:
        """The end of the sentence that names the users: what they do to a gradient, once for each row in an explanation."""
        rows = [row for row in dict.fromkeys(edge.row for edge in uses) if row not in self.characterised]
        self.characterised.update(rows)
        if len(uses) == 1:
            return [f", which {character(rows[0])}." if rows else "."]
        return [".", *[f"{row.name} {character(row)}." for row in rows]]

    def _meaning(self, reaching: Sequence[Value]) -> None:
        every = [Equation(self.derivative(self.root, node).text, [self.number(self.gradient(node))]) for node in reaching]
        if len(every) > 1:
            self.sheet.heading("The gradients")
            self.sheet.equations(every)
        node, gradient = reaching[0], self.gradient(reaching[0])
        result = Math(self.notation.infix(every[0].left, "=", every[0].sides[0].text))
        if kinks := [row.name for row, nodes in self.ties.items() if {*nodes} & {*self.reading.between(node)}]:
            rows = " and ".join(kinks)
            self.sheet.say("So", result, f", by the convention of {rows}: at a kink a step up and a step down may find other slopes.")
            return
        if gradient == 0.0:
            self.sheet.say("So", result, ": a small change of", self.name(node), "does not change", self.name(self.root), "to first order.")
            return
        way = "grows" if gradient > 0.0 else "falls"
        much: list[str | Math] = ["as much."] if abs(gradient) == 1.0 else [Math(self.number(abs(gradient)).text), "times as much."]
        self.sheet.say("So", result, ": when", self.name(node), "grows by a little,", self.name(self.root), way, "by", *much)


def _product(path: Sequence[Edge]) -> float:
    return reduce(lambda product, edge: product * edge.factor, reversed(path), 1.0)


def _times(count: int) -> str:
    return {1: "once", 2: "twice"}.get(count, f"{count} times")
