"""The chain rule told for one graph: every use of a node, upstream × local, and their sum, from the rows of the table."""

import math
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import reduce
from html import escape
from operator import add
from pathlib import Path

from autoback.engine.operations import Operation
from autoback.engine.value import Value, record
from autoback.files import write_atomically
from autoback.view.notation import Notation
from autoback.view.reading import Edge, Reading
from autoback.view.rules import ATOM, FormulaReader, Phrase, character, sides, spelled
from autoback.view.sheets import Equation, HtmlSheet, LatexSheet, Math, Sheet, TextSheet

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

#: How many equations, paths, uses of one node and steps are told before the rest is summed up.
MOST_EQUATIONS, MOST_PATHS, MOST_USES, MOST_STEPS = 12, 12, 8, 12


@dataclass(frozen=True, repr=False)
class Explanation:
    """An explanation in three forms; a terminal shows the first, a notebook the third.

    text: lines of at most 80 columns; latex: a piece of a document (amsmath); mathml: a piece of HTML
    """

    text: str
    latex: str
    mathml: str

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

    def _repr_html_(self) -> str:
        return self.mathml


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
        ∂y/∂w = ∂y/∂z · ∂z/∂w = 0.42 × 2 = 0.8399
    <BLANKLINE>
    """
    targets = _targets(root, wrt)
    reading = Reading(root, targets)
    gradients, stale = reading.gradients(), _first_stale(reading)
    sheets: tuple[Sheet, ...] = (TextSheet(), LatexSheet(), HtmlSheet())
    for sheet in sheets:
        _Teller(reading, targets, sheet, gradients, stale).tell()
    return Explanation(*[sheet.finish() for sheet in sheets])


def _targets(root: Value, wrt: Value | Sequence[Value] | None) -> list[Value]:
    if not isinstance(root, Value):
        raise TypeError(f"explain(root, wrt=...) explains a Value, got a {type(root).__name__}: {root!r:.40}")
    if wrt is None:
        leaves = [node for node in Reading(root, []).order if node.op is None]
        return [leaf for leaf in leaves if leaf.label] or leaves
    targets = [wrt] if isinstance(wrt, Value) else list(wrt)
    for target in targets:
        if not isinstance(target, Value):
            raise TypeError(f"wrt must be a Value or a sequence of Values, got a {type(target).__name__}: {target!r:.40}")
    return list(dict.fromkeys(targets))


class _Teller:
    """Tells one reading on one sheet."""

    def __init__(
        self, reading: Reading, targets: Sequence[Value], sheet: Sheet, gradients: Mapping[Value, float], stale: Value | None
    ) -> None:
        self.reading, self.targets, self.sheet, self.gradients, self.stale = reading, targets, sheet, gradients, stale
        self.notation: Notation = sheet.notation
        self.root = reading.root
        self.numbers = stale is None  # those of a stale graph do not belong together
        self.told: set[Operation] = set()  # rows whose way with a gradient has been named
        self.tied: dict[Operation, list[Value]] = {}  # row -> the nodes that it uses just where its branches meet
        self.added = False  # whether it has been said that contributions add up

    # Small words

    def name(self, node: Value) -> Math:
        return Math(self.reading.symbol(node, self.notation).text)

    def derivative(self, of: Value, by: Value) -> Phrase:
        return Phrase(self.notation.derivative(self.name(of).marks, self.name(by).marks), ATOM)

    def number(self, number: float) -> Phrase:
        return spelled(number, self.notation)

    def product(self, numbers: Sequence[float]) -> str:
        return self._joined("*", [self.number(number) for number in numbers], "×").text

    def total(self, numbers: Sequence[float]) -> str:
        return self._joined("+", [self.number(number) for number in numbers]).text

    def _joined(self, symbol: str, phrases: Sequence[Phrase], times: str = "·") -> Phrase:
        reader = FormulaReader(self.notation, {}, times)
        return reduce(lambda left, right: reader.binary(symbol, left, right), phrases)

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
                self.sheet.equations([Equation(self.derivative(self.root, target).text, [self.number(1.0).text])])
            elif self.reading.count_paths(target):
                reaching.append(target)
            else:
                self.sheet.say(self.name(target), "does not reach", self.name(self.root), ": no operation leads from one to the other, so")
                self.sheet.equations([Equation(self.derivative(self.root, target).text, [self.number(0.0).text])])
        if self.stale is not None:
            self.sheet.say(
                "This graph is stale: a leaf was changed after", self.name(self.stale), "had been computed, and the numbers",
                "no longer belong together. Call refresh() on the root, then backward(). Until then only the rules can be told.",
            )  # fmt: skip
        if not reaching:
            return
        if len(reaching) > MOST_EQUATIONS:
            self.sheet.say(f"Of these {len(reaching)}, the first {MOST_EQUATIONS} are told; ask for another with wrt.")
            reaching = reaching[:MOST_EQUATIONS]
        if self.stale is None:
            self._say_what_backward_left(reaching)
        self._forward()
        self.sheet.heading("The chain rule")
        for target in reaching:
            self._paths(target)
        self._backward(reaching)
        if self.stale is None:
            self._meaning(reaching)

    def _say_what_backward_left(self, reaching: Sequence[Value]) -> None:
        without = [target for target in reaching if target.grad is None]
        if without:
            self.sheet.say(
                "No backward has reached", *self.names(without), "yet: the gradient is None, which is not the same as 0.",
                "The numbers below are what backward() on the root will find.",
            )  # fmt: skip
        for target in reaching:
            told = self.gradients[target]
            if target.grad is not None and abs(target.grad - told) > 1e-9 * max(abs(target.grad), abs(told)):
                self.sheet.say(
                    "The gradient stored at", self.name(target), "is", Math(self.number(target.grad).text), ", not the",
                    Math(self.number(told).text), "told here: it comes from another root, or several backwards have added up in it.",
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
            rule = self.reading.value_rule(node, self.notation)
            equations.append(
                Equation(self.name(node).marks, sides(rule, self.notation, self.numbers), rule.because if self.numbers else "")
            )
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
            nodes = [target, *[edge.above for edge in path]]
            way = reduce(lambda left, right: self.notation.infix(left, "→", right), [self.name(node).marks for node in nodes])
            equations.append(Equation(way, self._along(path, not self.numbers)))
        if self.numbers:
            total = [self.total([_product(path) for path in paths]), self.number(self.gradients[target]).text]
            equations.append(Equation(gradient, total))
        self.sheet.equations(equations)

    def _along(self, path: Sequence[Edge], symbols: bool) -> list[str]:
        """The product of a path's local derivatives, from the root down as the textbooks write it."""
        backwards = list(reversed(path))
        products = [self._chain(backwards).text] if symbols else []
        if self.numbers and len(path) > 1:
            products.append(self.product([edge.factor for edge in backwards]))
        return [*products, self.number(_product(path)).text] if self.numbers else products

    def _chain(self, backwards: Sequence[Edge]) -> Phrase:
        """∂C/∂a · ∂a/∂z; of a single edge its rule, since the name ∂C/∂a is also that of the whole gradient."""
        if len(backwards) == 1:
            return self.reading.edge_rule(backwards[0], self.notation).symbols
        return self._joined("*", [self.derivative(edge.above, edge.below) for edge in backwards])

    def _contribution(self, edge: Edge) -> Phrase:
        if edge.above is self.root:
            return self._chain([edge])
        return self._joined("*", [self.derivative(self.root, edge.above), self.derivative(edge.above, edge.below)])

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
        self.sheet.say(self.name(node), "is used", f"{_times(len(uses))}, by", *self._users(uses), *self._way(uses))
        if several and not self.added:
            self.sheet.say("Each use contributes, and the contributions add up.")
            self.added = True
        if direct := self._direct(node, uses):
            self.sheet.say(*direct)
        size = {edge: self.gradients[edge.above] * edge.factor for edge in uses}
        shown = set(sorted(uses, key=lambda edge: -abs(size[edge]))[:MOST_USES])
        gradient = self.derivative(self.root, node).text
        equations = []
        for edge in uses:
            if edge not in shown:
                continue
            rule = self.reading.edge_rule(edge, self.notation)
            if rule.tie and self.numbers:
                self.tied.setdefault(edge.row, []).append(node)
            because = rule.because if self.numbers else ""
            equations.append(Equation(self.derivative(edge.above, node).text, sides(rule, self.notation, self.numbers), because))
            if edge.above is self.root:  # its upstream is 1
                continue
            chain = self._contribution(edge).text
            figures = [self.product([self.gradients[edge.above], edge.factor]), self.number(size[edge]).text]
            if not several:
                equations.append(Equation(gradient, [chain, *(figures if self.numbers else [])]))
            elif self.numbers:
                equations.append(Equation(chain, figures))
        self.sheet.equations(equations)
        for row in [row for row, nodes in self.tied.items() if {*nodes} == {node}]:  # met for the first time
            self.sheet.say(f"Here the branches of {row.name} meet, and what counts is a convention: {row.convention}.")
        if not several:
            return
        terms = [size[edge] for edge in uses if edge in shown]
        if len(uses) > len(shown):
            rest = reduce(add, [size[edge] for edge in uses if edge not in shown])
            together: list[str | Math] = ["and contribute together", Math(self.number(rest).text)] if self.numbers else []
            self.sheet.say(f"The other {len(uses) - len(shown)} uses are smaller", *together, ".")
            terms.append(rest)
        if self.numbers:
            self.sheet.equations([Equation(gradient, [self.total(terms), self.number(self.gradients[node]).text])])
        elif len(uses) == len(shown):
            self.sheet.equations([Equation(gradient, [self._joined("+", [self._contribution(edge) for edge in uses]).text])])

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

    def _direct(self, node: Value, uses: Sequence[Edge]) -> list[str | Math]:
        """A word about ∂f/∂x where f uses x directly and also through others: the name has two meanings."""
        if len(uses) == 1 or not any(edge.above is self.root for edge in uses):
            return []
        return [
            self.name(self.root), "itself uses", self.name(node), ", with upstream 1. In the line of such a use",
            Math(self.derivative(self.root, node).text), "is the slope along that edge alone, in the last line the whole gradient.",
        ]  # fmt: skip

    def _way(self, uses: Sequence[Edge]) -> list[str | Math]:
        """The end of the sentence that names the users: what they do to a gradient, once for each row in an explanation."""
        rows = [row for row in dict.fromkeys(edge.row for edge in uses) if row not in self.told]
        self.told.update(rows)
        if len(uses) == 1:
            return [f", which {character(rows[0])}." if rows else "."]
        return [".", *[f"{row.name} {character(row)}." for row in rows]]

    def _meaning(self, reaching: Sequence[Value]) -> None:
        every = [Equation(self.derivative(self.root, node).text, [self.number(self.gradients[node]).text]) for node in reaching]
        if len(every) > 1:
            self.sheet.heading("The gradients")
            self.sheet.equations(every)
        node, gradient = reaching[0], self.gradients[reaching[0]]
        result = Math(self.notation.infix(every[0].left, "=", every[0].sides[0]))
        if kinks := [row.name for row, nodes in self.tied.items() if {*nodes} & {*self.reading.between(node)}]:
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


def _first_stale(reading: Reading) -> Value | None:
    """The first node whose numbers its inputs no longer give, or the named one that it is written into."""
    found: Value | None = None
    for node in reading.order:
        if node.op is not None and (_is_stale(node, node.op) if found is None else any(below is found for below in node.inputs)):
            found = node
            if node not in reading.inside:
                return node
    return None


def _is_stale(node: Value, row: Operation) -> bool:
    try:
        fresh = record(row, node.inputs)
    except ArithmeticError:
        return True
    return fresh.data != node.data or fresh.partials != node.partials
