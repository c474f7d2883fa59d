"""Which rows of the table a neuron can have as its activation."""

from collections.abc import Iterator, Mapping
from typing import cast

from autoback.engine.operations import OPERATIONS, Operation
from autoback.nn.names import ActivationName

__all__ = ["ACTIVATIONS"]


class _Activations(Mapping[str, Operation | None]):
    """Every row that says it is an activation, those of the user included; "identity" is none."""

    def __getitem__(self, name: str) -> Operation | None:
        if name == "identity":
            return None
        row = OPERATIONS[name]
        if not row.activation:
            raise KeyError(name)
        return row

    def __iter__(self) -> Iterator[str]:
        yield "identity"
        yield from (name for name, row in OPERATIONS.items() if row.activation)

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def __repr__(self) -> str:
        return f"<activations {', '.join(self)}>"


#: What a neuron can do to its weighted sum: a row of the table, or nothing.
ACTIVATIONS: Mapping[ActivationName, Operation | None] = cast("Mapping[ActivationName, Operation | None]", _Activations())
