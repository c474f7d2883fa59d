"""Two ways to a gradient: nudge every parameter and look, or follow the chain rule back once.

The walk that the classic C tutorials take with XOR: first the slow way, a step h for each parameter
in turn, which is easy to believe; then backprop, which is exact and takes one pass. Shows both
gradients side by side, how the error of the slow way depends on h, and how long each trains.

    python demos/finite_differences.py [--quick]
"""

import sys

from autoback import MLP, SGD, datasets, fit, mean, squared_error

xor = datasets.XOR


def cost(net):
    """The mean squared error over the four samples, as a graph."""
    return mean(squared_error(net(x), y) for x, y in zip(xor.inputs, xor.targets, strict=True))


def slope(net, parameter, h, both_sides):
    """How the cost changes with one parameter: (C(w + h) − C(w)) / h, or (C(w + h) − C(w − h)) / 2h."""
    here = parameter.data
    parameter.data = here + h
    above = cost(net).data
    parameter.data = here - h if both_sides else here
    below = cost(net).data
    parameter.data = here
    return (above - below) / (2 * h if both_sides else h)


def untrained():
    return MLP(2, [2, 1], activation="sigmoid", output_activation="sigmoid", initializer="park_miller", seed=69)


def main(quick: bool = False) -> None:
    net = untrained()
    cost(net).backward()

    print("the gradient of the untrained network, three times (h = 0.1)\n")
    print("parameter       weight     forward     central    backprop")
    for parameter in net.parameters():
        forward, central = (slope(net, parameter, 0.1, both_sides) for both_sides in (False, True))
        print(f"{parameter.label:<10} {parameter.data:11.6f} {forward:11.8f} {central:11.8f} {parameter.grad:11.8f}")

    print("\nthe largest error over all parameters: too large an h cuts corners, too small an h drowns in rounding\n")
    print("     h     forward     central")
    for power in range(1, 13):
        h = 10.0**-power
        errors = [
            max(abs(slope(net, parameter, h, both_sides) - parameter.grad) for parameter in net.parameters())
            for both_sides in (False, True)
        ]
        print(f"{h:6.0e}  {errors[0]:10.1e}  {errors[1]:10.1e}")

    steps = 20 if quick else 2000
    print(f"\ntraining for {steps} steps, each way\n")
    seconds = {}
    for method in ("finite_differences", "backprop"):
        net = untrained()
        history = fit(net, xor.inputs, xor.targets, optimizer=SGD(rate=10.0), epochs=steps, gradient_method=method)
        seconds[method] = history.seconds
        print(f"{method:<20} MSE {cost(net):.6f} after {history.seconds:6.3f} s")
    print(f"\nbackprop is {seconds['finite_differences'] / seconds['backprop']:.1f} times as fast, and the more parameters the more so")


if __name__ == "__main__":
    sys.stdout.reconfigure(encoding="utf-8")  # Greek and superscripts, also into a file on Windows
    main(quick="--quick" in sys.argv)
