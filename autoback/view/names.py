"""One name for every node of a graph, the same in every view.

A node is called by its label; a nameless number by itself; a nameless node by the phrase it stands for
while that is short (w·x + b), else by the textbook's letter: z and a in a neuron, L at the end. Only what
has no word at all is v₁, v₂, ...
"""

import re
from collections.abc import Collection, Sequence

from autoback.engine.value import Value
from autoback.nn.naming import Names as Indices
from autoback.text import clean, columns
from autoback.view.neurons import find
from autoback.view.notation import TEXT, Notation
from autoback.view.phrases import ATOM, PRODUCT, QUOTIENT, Phrase, spelled
from autoback.view.rules import formula

__all__ = ["LONGEST", "Names", "derivative"]

#: How many characters of a label are shown.
LONGEST = 40

#: How many columns a phrase may have that is to be a name, and one operation on two labels.
_SHORT, _PAIR = 12, 16

_DERIVATIVE = re.compile("∂(.+)/∂([^/∂]+)")


class Names:
    """The names of the nodes of one graph.

    order:     the nodes, inputs first, the root last
    constants: leaves that are called by their number

    >>> from autoback.engine.value import topological_order
    >>> w, x, b = Value(0.5, "w"), Value(2.0, "x"), Value(-1.5, "b")
    >>> order = topological_order(((w * x + b).tanh() - 1.0) ** 2)
    >>> names = Names(order, [node for node in order if node.op is None and node.label is None])
    >>> [names.text(node) for node in order]
    ['w', 'x', 'w·x', 'b', 'w·x + b', 'a', '1', 'a − 1', '2', 'L']
    """

    def __init__(self, order: Sequence[Value], constants: Collection[Value] = ()) -> None:
        self._symbols: dict[Value, str] = {}  # labels and letters
        self._constants = set(constants)
        self._phrases: dict[tuple[Value, Notation], Phrase] = {}
        self._brief: set[Value] = set()  # sums that are called by their first term
        self._taken: dict[str, int] = {}
        self._counts: dict[str, int] = {}
        for node in order:
            if label := clean(node.label or "", LONGEST):
                self._label(node, label)
        root = order[-1]
        if root not in self._symbols and root.op is not None and "L" not in self._taken:
            self._label(root, "L")
        unnamed = [node for node in order if node.op is None and node not in self._symbols and node not in self._constants]
        for node in unnamed:
            self._invent(node, "x", alone=len(unnamed) == 1)
        neurons = _neurons(order)
        for node in order:
            if node not in self._symbols and node not in self._constants:
                self._name(node, neurons.get(node, ""))

    def _label(self, node: Value, name: str) -> None:
        count = self._taken[name] = self._taken.get(name, 0) + 1
        self._symbols[node] = name if count == 1 else f"{name}#{count}"

    def _invent(self, node: Value, letter: str, alone: bool = False) -> None:
        name = letter
        while name in self._taken or (name == letter and not alone):
            self._counts[letter] = self._counts.get(letter, 0) + 1
            name = Indices(1)(letter, self._counts[letter])
        self._label(node, name)

    def _name(self, node: Value, letter: str) -> None:
        """The phrase of a node where it is short and new, else its letter, else a v."""
        below = [self.phrase(each) for each in node.inputs] if len(node.inputs) <= 4 else []
        width = sum(columns(phrase.text) for phrase in below)
        pair = len(below) <= 2 and all(each.op is None for each in node.inputs)
        spoken = bool(below) and width < (_PAIR if pair else _SHORT)
        if spoken and not (letter.startswith("a") and node.inputs[0].op is not None and node.inputs[0] in self._symbols):
            phrase = formula(node, self.phrase, TEXT)
            short = columns(phrase.text) <= (_PAIR if pair else _SHORT) and not phrase.branches
            if short and phrase.text not in self._taken:
                self._taken[phrase.text] = 1
                self._phrases[node, TEXT] = phrase
                return
        if len(letter) > 1:
            self._label(node, letter)
        elif not letter and node.op is not None and node.op.nary and len(node.op.terms(node.inputs)) > 1:
            brief = formula(node, self.phrase, TEXT, brief=True)  # w₁·x₁ + …
            if columns(brief.text) <= _PAIR and brief.text not in self._taken:
                self._taken[brief.text] = 1
                self._brief.add(node)
                self._phrases[node, TEXT] = brief
            else:
                self._invent(node, "v")
        else:
            self._invent(node, letter or "v", alone=letter != "")

    def phrase(self, node: Value, notation: Notation = TEXT) -> Phrase:
        """The name of a node in one notation, with what a reader must know to put it into a formula."""
        known = self._phrases.get((node, notation))
        if known is None:
            if node in self._symbols:
                known = _symbol(self._symbols[node], notation)
            elif node in self._constants:
                known = spelled(node.data, notation)
            else:
                known = formula(node, lambda below: self.phrase(below, notation), notation, brief=node in self._brief)
            self._phrases[node, notation] = known
        return known

    def whole(self, node: Value, notation: Notation = TEXT) -> Phrase:
        """The name of a node for a formula that has to say all: a sum that is called by its first term is written out."""
        if node in self._brief:
            return formula(node, lambda below: self.phrase(below, notation), notation)
        return self.phrase(node, notation)

    def text(self, node: Value) -> str:
        """The name of a node as plain text."""
        return self.phrase(node).text

    def is_word(self, node: Value) -> bool:
        """Whether a node is called by a label or a letter, and not by the phrase or the number that it is."""
        return node in self._symbols


def derivative(of: Phrase, by: Phrase, notation: Notation) -> Phrase:
    """∂of/∂by, with a name that is more than a letter in parentheses."""
    above, below = [phrase.text if phrase.binds >= ATOM else notation.parentheses(phrase.text) for phrase in (of, by)]
    return Phrase(notation.derivative(above, below), ATOM if notation.stacked else PRODUCT)


def _symbol(name: str, notation: Notation) -> Phrase:
    """A label; ∂L/∂w is one that is a derivative."""
    parts = _DERIVATIVE.fullmatch(name)
    if parts is None:
        return Phrase(notation.symbol(name), ATOM)
    of, by = (_symbol(part.removeprefix("(").removesuffix(")"), notation) for part in parts.groups())
    return Phrase(derivative(of, by, notation).text, QUOTIENT)


def _neurons(order: Sequence[Value]) -> dict[Value, str]:
    """The letters of the nodes of neurons, z and a: by layer and neuron, or numbered, or plain if there is only one."""
    units = find(order)
    inside = {node for unit in units for node in (unit.z, unit.a)}
    # An activation whose neuron has another shape: tanh(w*x + b).
    others = [node for node in order if node.op is not None and node.op.activation and node not in inside]
    others = [node for node in others if node.inputs[0].op is not None]
    single = len(units) + len(others) == 1
    widest = max([unit.neuron + 1 for unit in units], default=1)
    letters: dict[Value, str] = {}
    for unit in units:
        index = Indices(1) if single else Indices(widest, unit.layer + 1, unit.neuron + 1)
        letters |= {unit.a: index("a"), unit.z: index("z")}
    for number, node in enumerate(others, 1):
        index = Indices(1) if single else Indices(1, None, number)
        letters[node] = index("a")
        letters.setdefault(node.inputs[0], index("z"))
    return letters
