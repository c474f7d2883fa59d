"""The chain rule, told: how a gradient comes about, in symbols and in the graph's own numbers.

First one neuron, as a textbook would write it; then a number that is used twice, where contributions
add up; then a weight deep in a network. Everything is read from the table of operations, and from the
graph: nothing is hidden when a backward is missing or the graph is stale. The last explanation is also
written as a page, explaining.html, with real fractions, and as explaining.tex for a paper.

    python demos/explaining.py [--quick]
"""

import sys

from autoback import MLP, Value, explain, maximum, parse_expression, squared_error


def title(text: str) -> None:
    print(f"\n{'=' * 80}\n{text}\n{'=' * 80}\n")


def main(quick: bool = False) -> None:
    title("One neuron: L = (tanh(w*x + b) - y)**2")
    root, leaves = parse_expression("L = (tanh(w*x + b) - y)**2").evaluate(w=0.5, x=2.0, b=1.0, y=0.0)
    root.backward()
    print(explain(root, wrt=leaves["w"]))

    title("A number that is used twice: f = max(x, 3) * x")
    x = Value(4.0, "x")
    f = maximum(x, 3.0) * x
    f.label = "f"
    f.backward()
    print(explain(f, wrt=x))

    title("What is not there is not made up: the same after x has changed, without refresh()")
    x.data = 2.0
    print(explain(f, wrt=x))
    f.refresh()

    title("A weight of the first layer of a 2-2-1 network")
    net = MLP(2, [2, 1], activation="sigmoid", output_activation="sigmoid", seed=1)
    cost = squared_error(net([1.0, 0.0]), 1.0)
    cost.label = "C"
    cost.backward()
    explanation = explain(cost, wrt=net.layers[0].neurons[0].weights[0])
    print(explanation)

    explanation.save("explaining.html")
    explanation.save("explaining.tex")
    print("\nwrote explaining.html and explaining.tex")


if __name__ == "__main__":
    sys.stdout.reconfigure(encoding="utf-8")  # Greek and superscripts, also into a file on Windows
    main(quick="--quick" in sys.argv)
