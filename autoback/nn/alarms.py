"""Alarms: what can be wrong with a network in training, each a row of a table that Python and the playground read."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from operator import eq, ge, gt, lt
from typing import Any, Literal

from autoback.nn.arguments import few
from autoback.text import percent, short

__all__ = ["ALARMS", "FLAT", "GOOD_RATIO", "MISFITS", "SWEPT", "WRONG", "Alarm", "alarms", "say"]

#: A derivative below this is as good as none: tanh beyond ±1.83 has it, a sigmoid beyond ±3.48 at a quarter of its largest.
FLAT = 0.03
#: An answer further from its target than this part of the distance between the targets is wrong.
WRONG = 0.4
#: A step should change a weight by about this part of it.
GOOD_RATIO = 1e-3

_COMPARE = {">": gt, ">=": ge, "<": lt, "==": eq}


@dataclass(frozen=True)
class Alarm:
    """A sentence, and when it is true.

    about: what the quantities are of: an array of "parameters", or the whole "network"
    when:  (quantity, comparison, number), all of which have to hold; a quantity that is not known, or NaN, holds nowhere
    says:  the sentence, with the quantities in braces; {dead:%} in per cent
    """

    name: str
    about: Literal["parameters", "network"]
    when: tuple[tuple[str, Literal[">", ">=", "<", "=="], float], ...]
    says: str

    def holds(self, quantities: Mapping[str, Any]) -> bool:
        """Whether the alarm is true of these quantities."""
        return all(name in quantities and _COMPARE[sign](quantities[name], limit) for name, sign, limit in self.when)


#: What the quantities are, say `LayerHealth` and `health`.
ALARMS = (
    Alarm(
        "saturated", "parameters", (("units", ">", 0), ("saturated", ">", 0.5)),
        "{name}: {saturated:%} of the activations are saturated, so little gradient passes: "
        "no harm where the answers are right; else start from smaller weights, or scale the inputs to about -1 to 1",
    ),
    Alarm(
        "dead", "parameters", (("dead", ">", 0),),
        "{name}: {dead:%} of the units are dead: their derivative is 0 for every sample, so they cannot learn: "
        "start anew with a lower rate or smaller weights, or take leaky_relu",
    ),
    Alarm(
        "symmetric", "parameters", (("alike", "==", 1),),
        "{name}: the units all have the same weights, so they stay alike: start from random numbers",
    ),
    Alarm(
        "diverging", "network", (("change", ">", 1),),
        "a step would change the parameters by {change} times their size, so training will probably diverge: "
        "lower the rate or scale the data",
    ),
    Alarm(
        "vanishing", "network", (("shrink", ">", 1e3),),
        "the gradient vanishes: that of {first} is {shrink} times smaller than the largest: "
        "take an activation that does not go flat, as relu, fewer layers, or skip connections",
    ),
    Alarm(
        "exploding", "network", (("largest", ">", 1e3),),
        "the gradient explodes: its size is {largest}: start from smaller weights, scale data and targets down, or clip it",
    ),
    Alarm("motionless", "network", (("largest", "==", 0),), "no gradient reaches any parameter: nothing will move"),
    Alarm("misfit", "network", (("misfits", ">", 0),), "loss and last layer do not fit: {misfit}"),
    Alarm(
        "stuck", "network", (("steps", ">=", 1000), ("fall", "<", 0.03), ("swing", "<", 1), ("wrong", ">=", 0.1)),
        "Stuck: the loss stands still at {loss}, and {misses} of {samples} answers stay wrong: {which}. "
        "Gradient descent rarely leaves such a flat valley: start from another seed, or with more neurons",
    ),
)  # fmt: skip

#: Why a loss and a last layer do not fit; `check_outputs` says when.
MISFITS = {
    "logits": "{loss} takes logits, numbers of any size, which it turns into probabilities itself; but {last}, the last operation of "
    'the network, gives {interval}: make the last layer "identity" (output_activation="identity")',
    "target": "{place} is {target}, but {last}, the last operation of the network, gives {interval}: "
    'make the last layer "identity" (output_activation="identity"), or scale the targets',
}

#: What a sweep over seeds came to.
SWEPT = "{stuck} of {count} stuck{which}; best is seed {best}, loss {loss}"


def alarms(about: str, *each: Mapping[str, Any]) -> Iterator[str]:
    """The sentences that are true of some arrays of parameters, or of a network, in the order of the table.

    What is true of several arrays is said once, with all their names.

    >>> list(alarms("network", {"largest": 0.0}))
    ['no gradient reaches any parameter: nothing will move']
    """
    for alarm in ALARMS:
        if alarm.about == about:
            groups: dict[str, list[str]] = {}
            for quantities in each:
                if alarm.holds(quantities):
                    groups.setdefault(say(alarm.says, {**quantities, "name": "{name}"}), []).append(quantities.get("name", ""))
            for text, names in groups.items():
                yield text.replace("{name}", few(names))


def say(text: str, quantities: Mapping[str, Any]) -> str:
    """A text with quantities in its braces: numbers as people write them, {share:%} in per cent.

    >>> say("{dead:%} of {name}", {"dead": 0.125, "name": "layers.0.weight"})
    '13% of layers.0.weight'
    """

    def put(place: re.Match[str]) -> str:
        quantity = quantities[place[1]]
        return percent(quantity) if place[2] else quantity if isinstance(quantity, str) else short(quantity)

    return re.sub(r"\{(\w+)(:%)?\}", put, text)
