"""An activation of your own, from one line of text: what a network knows beyond its data.

Two networks learn sin 3x from −2 to 2, one with tanh, one with snake, x + sin² ax / a for a = 3, which is defined here.
Between the samples both are right. Outside, tanh can only go on straight; snake has learnt that it goes up and down.
Source: Ziyin, Hartwig & Ueda, Neural Networks Fail to Learn Periodic Functions and How to Fix It, NeurIPS 2020.

    python demos/own_operation.py [--quick]
"""

import math
import sys

from autoback import MLP, OPERATIONS, Adam, check_gradients, define_operation, fit

snake = define_operation("snake", "x + sin(3 * x) * sin(3 * x) / 3", domain=(-1.0, 1.0))


def error(net, inputs):
    """The root mean square of what the network is off."""
    return math.sqrt(sum((net([x]).data - math.sin(3.0 * x)) ** 2 for x in inputs) / len(inputs))


def main(quick: bool = False) -> None:
    print(f"snake(x) = {OPERATIONS['snake'].value}")
    print(f"its derivative, found by the chain rule: {OPERATIONS['snake'].partials[0]}")
    [check] = check_gradients(snake, [0.5])
    print(f"at 0.5 that is {check.analytic:.6f}; by differences {check.numeric:.6f}")

    inside = [k / 20.0 for k in range(-40, 41)]
    outside = [x for k in range(1, 21) for x in (2.0 + k / 20.0, -2.0 - k / 20.0)]
    for activation in ("tanh", "snake"):
        net = MLP(1, [16, 1], activation=activation, seed=1)
        fit(net, [[x] for x in inside], [math.sin(3.0 * x) for x in inside], optimizer=Adam(0.01), epochs=400 if quick else 3000)
        print(f"{activation:5}: off by {error(net, inside):.3f} where it was taught, by {error(net, outside):.3f} beyond")


if __name__ == "__main__":
    main("--quick" in sys.argv)
