"""The XOR table: the smallest problem that one neuron cannot solve, learned by a network of three.

Shows the whole of a training run by hand, without `fit`: forward, backward, one step down, again.
It starts from the weights of a published run and ends at its numbers.

    python demos/xor.py [--quick]
"""

import sys

from autoback import MLP, datasets, mean, squared_error

xor = datasets.XOR


def cost(net):
    """The mean squared error over the four samples, as a graph."""
    return mean(squared_error(net(x), y) for x, y in zip(xor.inputs, xor.targets, strict=True))


def main(quick: bool = False) -> None:
    net = MLP(2, [2, 1], activation="sigmoid", output_activation="sigmoid", initializer="park_miller", seed=69)
    print(f"MSE before: {cost(net):.6f}")
    for _ in range(300 if quick else 10_000):
        net.zero_grad()
        cost(net).backward()
        for parameter in net.parameters():
            parameter.data -= 10.0 * parameter.grad
    print(f"MSE after:  {cost(net):.6f}")
    for x, y in xor.inputs:
        print(f"{x:.0f} xor {y:.0f}: {net([x, y]):.6f}")


if __name__ == "__main__":
    main(quick="--quick" in sys.argv)
