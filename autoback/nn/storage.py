"""Networks as files: exactly, through safetensors, or through JSON that can be read.

Both hold the architecture and, for each layer, the weights (one row for each neuron) and the biases
as doubles. A file is data from anywhere, so nothing of it is believed before it was checked, no
network is built larger than the file, and a network is changed only when all of its file was good.
"""

import json
import math
import os
import sys
from array import array
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NoReturn

from autoback.files import write_atomically
from autoback.nn.modules import MLP

__all__ = ["StorageError", "load", "save"]

#: One layer in a file: the rows of weights and the biases.
Arrays = tuple[list[list[float]], list[float]]

_FORMAT = "autoback 1"
_LARGEST = 2**28  # bytes: 33 million parameters, several GB as Values


class StorageError(ValueError):
    """A file does not hold the network it should."""


def save(net: MLP, path: str | os.PathLike[str]) -> Path:
    """The path, after it holds the network, every parameter to the last bit.

    path: ends in .safetensors, for the format other libraries read, or in .json, for people
    The file is replaced as a whole or, when something goes wrong, not at all.
    Raises TypeError for what is no MLP, ValueError for another ending or a parameter that is not finite,
    OSError when the file cannot be written.

    >>> import tempfile
    >>> net = MLP(2, [3, 1], seed=7)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     load(save(net, Path(folder, "net.json"))).state_dict() == net.state_dict()
    True
    """
    _require_mlp("save stores", net)
    write, _ = _format(path)
    for name, parameter in net.named_parameters():
        if not math.isfinite(parameter.data):
            raise ValueError(f"{name} is {parameter.data}, and a network file holds finite numbers")
    return write_atomically(path, write(net))


def load(path: str | os.PathLike[str], into: MLP | None = None) -> MLP:
    """The network in a file that `save` wrote.

    path: ends in .safetensors or .json
    into: a network of the same sizes and activations that takes over the parameters; by default a new one
    Raises StorageError, `into` being as it was, when the file is damaged, is not of a network or is of
    another one; ValueError for another ending; OSError when the file cannot be read.
    """
    if into is not None:
        _require_mlp("load fills", into)
    _, read = _format(path)
    with Path(path).open("rb") as file:
        data = file.read(_LARGEST + 1)
    try:
        if len(data) > _LARGEST:
            _refuse(f"a network file is at most {_LARGEST >> 20} MiB, and this one is larger")
        architecture, layers = read(data)
        layers = _checked(_shapes(architecture), layers)  # before a network is built: its size must be the file's
        net = into if into is not None else _build(architecture)
        if net.architecture() != architecture:
            _refuse(f"it holds {_build(architecture)!r}, not {net!r}; load it without `into`, or into a network like its own")
    except StorageError as error:
        raise StorageError(f"cannot load {path}: {error}") from None
    for layer, (weights, biases) in zip(net.layers, layers, strict=True):
        for neuron, row, bias in zip(layer.neurons, weights, biases, strict=True):
            neuron.bias.data = bias
            for parameter, number in zip(neuron.weights, row, strict=True):
                parameter.data = number
    return net


def _require_mlp(what: str, net: object) -> None:
    if not isinstance(net, MLP):
        raise TypeError(f"{what} an MLP, got a {type(net).__name__}")


def _format(path: str | os.PathLike[str]) -> "_Format":
    ending = Path(path).suffix.lower()
    if ending not in _FORMATS:
        raise ValueError(f"the name of a network file must end in {' or '.join(_FORMATS)}, got {os.fspath(path)!r}")
    return _FORMATS[ending]


# safetensors: named arrays of raw doubles, and text beside them


def _to_safetensors(net: MLP) -> bytes:
    import safetensors

    arrays: dict[str, tuple[array[float], list[int]]] = {}
    for k, layer in enumerate(net.layers):
        weights = array("d", [w.data for neuron in layer.neurons for w in neuron.weights])
        arrays[f"layers.{k}.weight"] = (weights, [layer.n_outputs, layer.n_inputs])
        arrays[f"layers.{k}.bias"] = (array("d", [neuron.bias.data for neuron in layer.neurons]), [layer.n_outputs])
    specs: dict[str, Any] = {}
    for name, (numbers, shape) in arrays.items():
        if sys.byteorder == "big":
            numbers.byteswap()
        if hasattr(safetensors, "TensorSpec"):  # since 0.8 it reads the numbers from where they are; `arrays` keeps them there
            address, count = numbers.buffer_info()
            specs[name] = safetensors.TensorSpec(dtype="float64", shape=shape, data_ptr=address, data_len=8 * count)
        else:
            specs[name] = {"dtype": "float64", "shape": shape, "data": numbers.tobytes()}
    # All metadata under one key: the library writes several in no fixed order, and equal networks should be equal files.
    about = {"format": _FORMAT, "architecture": net.architecture()}
    return bytes(safetensors.serialize(specs, {"autoback": json.dumps(about)}))


def _from_safetensors(data: bytes) -> tuple[Any, list[Arrays]]:
    import safetensors

    try:
        tensors = dict(safetensors.deserialize(data))  # type: ignore[no-untyped-call]
    except safetensors.SafetensorError as error:
        _refuse(f"it is not a whole safetensors file ({error})")
    # The library has checked the header by now; it gives out the metadata of files only, not of bytes.
    header = _json(data[8 : 8 + int.from_bytes(data[:8], "little")])
    architecture = _about(_json((header.get("__metadata__") or {}).get("autoback", "{}")))
    layers = []
    for k, (n_outputs, n_inputs) in enumerate(_shapes(architecture)):
        flat = _numbers(tensors, f"layers.{k}.weight", [n_outputs, n_inputs])
        rows = [flat[start : start + n_inputs] for start in range(0, len(flat), n_inputs)]
        layers.append((rows, _numbers(tensors, f"layers.{k}.bias", [n_outputs])))
    if tensors:
        _refuse(f"it has an array that belongs to no layer: {min(tensors)!r:.60}")
    return architecture, layers


def _numbers(tensors: dict[str, Any], name: str, shape: list[int]) -> list[float]:
    tensor = tensors.pop(name, None)
    if tensor is None:
        _refuse(f"the array {name} is missing")
    if tensor["dtype"] != "F64" or tensor["shape"] != shape:
        _refuse(f"{name} must be of F64 numbers in the shape {shape}, got {tensor['dtype']} in {tensor['shape']}")
    numbers = array("d", bytes(tensor["data"]))
    if sys.byteorder == "big":
        numbers.byteswap()
    return numbers.tolist()


# JSON: a line for each neuron


def _to_json(net: MLP) -> str:
    layers = []
    for layer in net.layers:
        rows = ",\n".join(f"        {json.dumps([w.data for w in neuron.weights])}" for neuron in layer.neurons)
        biases = json.dumps([neuron.bias.data for neuron in layer.neurons])
        layers.append(f'    {{\n      "weights": [\n{rows}\n      ],\n      "biases": {biases}\n    }}')
    head = f'  "format": "{_FORMAT}",\n  "architecture": {json.dumps(net.architecture())},\n'
    return f'{{\n{head}  "layers": [\n' + ",\n".join(layers) + "\n  ]\n}\n"


def _from_json(data: bytes) -> tuple[Any, list[Arrays]]:
    content = _json(data)
    architecture = _about(content)
    layers = content.get("layers")
    if not isinstance(layers, list) or not all(isinstance(layer, dict) for layer in layers):
        _refuse("its layers are not a list of objects")
    return architecture, [(layer.get("weights"), layer.get("biases")) for layer in layers]


def _json(data: bytes | str) -> dict[str, Any]:
    try:
        content = json.loads(data)
    except (ValueError, TypeError, RecursionError) as error:
        _refuse(f"it is not JSON ({error})")
    if not isinstance(content, dict):
        _refuse("its JSON is not an object")
    return content


_Format = tuple[Callable[[MLP], str | bytes], Callable[[bytes], tuple[Any, list[Arrays]]]]
_FORMATS: Mapping[str, _Format] = {".safetensors": (_to_safetensors, _from_safetensors), ".json": (_to_json, _from_json)}


# Belief comes after checking


def _about(about: Mapping[str, Any]) -> Any:
    if "architecture" not in about:
        _refuse("it does not say what network it holds; only files that autoback saved do")
    if about.get("format") != _FORMAT:
        _refuse(f"its format is {about.get('format')!r:.40}, and this autoback reads {_FORMAT!r}; use the autoback that saved it")
    return about["architecture"]


def _shapes(architecture: Any) -> list[tuple[int, int]]:
    """The shape (n_outputs, n_inputs) of the weights of each layer."""
    try:
        below, sizes = architecture["n_inputs"], architecture["sizes"]
        whole = isinstance(sizes, list) and all(type(size) is int and 0 < size <= _LARGEST for size in [below, *sizes])
    except (TypeError, KeyError):
        whole = False
    if not whole or not sizes:
        _refuse(f"its architecture has no sizes of at least 1: {architecture!r:.80}")
    return list(zip(sizes, [below, *sizes], strict=False))


def _checked(shapes: list[tuple[int, int]], layers: list[Arrays]) -> list[Arrays]:
    """The layers as finite floats in these shapes."""
    if len(layers) != len(shapes):
        _refuse(f"its architecture has {len(shapes)} layers, and it holds {len(layers)}")
    checked = []
    for k, ((n_outputs, n_inputs), (weights, biases)) in enumerate(zip(shapes, layers, strict=True), 1):
        if not isinstance(weights, list) or len(weights) != n_outputs:
            _refuse(f"layer {k} must have {n_outputs} rows of weights, got {_size(weights)}")
        rows = [_row(f"layer {k}, weights of neuron {j}", row, n_inputs) for j, row in enumerate(weights, 1)]
        checked.append((rows, _row(f"layer {k}, biases", biases, n_outputs)))
    return checked


def _row(name: str, row: object, length: int) -> list[float]:
    if not isinstance(row, list) or len(row) != length:
        _refuse(f"{name}: expected {length} numbers, got {_size(row)}")
    for number in row:
        if type(number) not in (float, int) or not -sys.float_info.max <= number <= sys.float_info.max:
            _refuse(f"{name}: expected finite numbers, got {number!r:.40}")
    return list(map(float, row))


def _size(found: object) -> str:
    return str(len(found)) if isinstance(found, list) else f"a {type(found).__name__}"


def _build(architecture: Mapping[str, Any]) -> MLP:
    try:
        return MLP.from_architecture(architecture)
    except (TypeError, ValueError) as error:
        _refuse(str(error))


def _refuse(why: str) -> NoReturn:
    raise StorageError(why)
