"""The most copied worked example of backpropagation, and the slip in it."""

from autoback import Value, sigmoid
from tests.published.examples import Between, example

POST = "Mazur, A Step by Step Backpropagation Example (2015): <https://mattmazur.com/2015/03/17/a-step-by-step-backpropagation-example/>"


class Network:
    """Two inputs, two hidden neurons, two outputs; one bias for each layer, which the post never trains."""

    def __init__(self):
        self.hidden = [Value(w, f"w{k}") for k, w in enumerate((0.15, 0.20, 0.25, 0.30), 1)]
        self.output = [Value(w, f"w{k}") for k, w in enumerate((0.40, 0.45, 0.50, 0.55), 5)]

    def forward(self):
        """(error, outputs, weighted sums of the outputs, hidden activations) of the one sample."""
        (w1, w2, w3, w4), (w5, w6, w7, w8) = self.hidden, self.output
        h1, h2 = sigmoid(w1 * 0.05 + w2 * 0.10 + 0.35), sigmoid(w3 * 0.05 + w4 * 0.10 + 0.35)
        z1, z2 = w5 * h1 + w6 * h2 + 0.60, w7 * h1 + w8 * h2 + 0.60
        o1, o2 = sigmoid(z1), sigmoid(z2)
        return 0.5 * (0.01 - o1) ** 2 + 0.5 * (0.99 - o2) ** 2, (o1, o2), (z1, z2), (h1, h2)

    def step(self):
        """First all gradients, then the step."""
        error, *_ = self.forward()
        for w in self.hidden + self.output:
            w.grad = 0.0
        error.backward()
        for w in self.hidden + self.output:
            w.data -= 0.5 * w.grad

    def hasty_step(self):
        """The output weights move first, and the hidden ones are blamed through weights that have moved already."""
        error, _, (z1, z2), (h1, h2) = self.forward()
        for w in self.hidden + self.output:
            w.grad = 0.0
        error.backward()
        for w in self.output:
            w.data -= 0.5 * w.grad
        for w in self.hidden:
            w.grad = 0.0
        w5, w6, w7, w8 = (w.data for w in self.output)
        (z1.grad * (w5 * h1 + w6 * h2) + z2.grad * (w7 * h1 + w8 * h2)).backward()
        for w in self.hidden:
            w.data -= 0.5 * w.grad


@example(
    "One step of a 2-2-2 network", POST,
    {
        "E": "0.298371109", "∂E/∂w₅": "0.082167041", "∂E/∂w₁": "0.000438568", "w₁⁺": "0.149780716", "w₂⁺": "0.19956143",
        "w₃⁺": "0.24975114", "w₄⁺": "0.29950229", "w₅⁺": "0.35891648", "w₆⁺": "0.408666186", "w₇⁺": "0.511301270", "w₈⁺": "0.561370121",
    },
)  # fmt: skip
def one_step():
    """The error, two of its derivatives, and all eight weights after the step."""
    net = Network()
    error, *_ = net.forward()
    net.step()
    gradients = {"∂E/∂w₅": net.output[0].grad, "∂E/∂w₁": net.hidden[0].grad}
    return {"E": error.data, **gradients} | {f"w{'₁₂₃₄₅₆₇₈'[k]}⁺": w.data for k, w in enumerate(net.hidden + net.output)}


@example(
    "10,000 rounds, and the slip", POST,
    {
        "E after 10,000 rounds": "0.0000351085",
        "E after one round": Between("0.291027924 (see below)", 0.2910277735, 0.2910277745),
        "o₁ after 10,000 rounds": Between("0.015912196 (see below)", 0.0159136195, 0.0159136205),
        "o₂ after 10,000 rounds": Between("0.984065734 (see below)", 0.9840642735, 0.9840642745),
        "E after one hasty round": "0.291027924",
        "o₁ after 10,000 hasty rounds": "0.015912196",
        "o₂ after 10,000 hasty rounds": "0.984065734",
    },
)  # fmt: skip
def slip():
    """The error after 10,000 rounds (the one before the last step) agrees. The error after one round and the two last outputs do not, for
    they are not those of the post's own weights: they belong to a program that moves the output weights first, and then takes the
    gradients of the hidden weights through weights that have moved already (`hasty_step`). The post mixes two programs, and many test
    suites have copied the wrong digits. The lesson of it: first all gradients, then the step.
    """
    right, hasty = Network(), Network()
    right.step()
    hasty.hasty_step()
    first = right.forward()[0].data, hasty.forward()[0].data
    for _ in range(9_998):
        right.step()
        hasty.hasty_step()
    error = right.forward()[0].data
    right.step()
    hasty.hasty_step()
    outputs = [o.data for net in (right, hasty) for o in net.forward()[1]]
    return {
        "E after 10,000 rounds": error, "E after one round": first[0],
        "o₁ after 10,000 rounds": outputs[0], "o₂ after 10,000 rounds": outputs[1],
        "E after one hasty round": first[1],
        "o₁ after 10,000 hasty rounds": outputs[2], "o₂ after 10,000 hasty rounds": outputs[3],
    }  # fmt: skip
