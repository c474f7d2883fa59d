"""Networks as files: exactly, through safetensors, or through JSON that can be read.

Both hold the parameters of a module by name, arrays of doubles, and the architecture of an MLP, so that
`load` can build it; any other module is built by its own class, and `load(path, into=module)` fills it.
A file is data from anywhere, so it is checked first, no network is built larger than the file, and a
network is changed only when all of its file was good.
"""

import json
import math
import os
import sys
from array import array
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple, NoReturn

from autoback.engine.value import Value
from autoback.files import write_atomically
from autoback.nn.arguments import few
from autoback.nn.module import Module, flat, is_packaged, shape_of
from autoback.nn.modules import MLP

__all__ = ["FORMAT", "StorageError", "load", "save"]

#: What a file says of itself; the playground writes and reads it too.
FORMAT = "autoback 1"
_LARGEST = 2**28  # bytes: 33 million parameters, several GB as Values

Shape = tuple[int, ...]


class StorageError(ValueError):
    """A file does not hold the network it should."""


class _Content(NamedTuple):
    """What is in a file: what it says about itself, and numbers by name, nested as their shapes are."""

    about: Mapping[str, Any]
    numbers: dict[str, Any]


def save(net: Module, path: str | os.PathLike[str]) -> Path:
    """The path, after it holds the parameters of a module, every one to the last bit.

    net:  an MLP, which `load(path)` brings back; or any other Module, for `load(path, into=...)`
    path: ends in .safetensors, for the format other libraries read, or in .json, for people
    The file is replaced as a whole or, when something goes wrong, not at all.
    Raises TypeError for what is no Module; ValueError for another ending, for a parameter that is not finite, and for
    parameters that could not be brought back: two of one name, or some that the module's attributes do not hold;
    OSError when the file cannot be written.

    >>> import tempfile
    >>> net = MLP(2, [3, 1], seed=7)
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     load(save(net, Path(folder, "net.json"))).state_dict() == net.state_dict()
    True
    """
    _require_module("save stores", net)
    write, _ = _format(path)
    arrays = net.arrays()
    held = {parameter for each in arrays.values() for parameter in flat(each)}
    lost = [parameter.label or repr(parameter) for parameter in net.parameters() if parameter not in held]
    if lost:
        raise ValueError(
            f"{len(lost)} parameters of {type(net).__name__} would be lost, {few(lost)}: parameters() gives them, "
            "but no attribute holds them; make them attributes, or items of lists and dicts that are"
        )
    if not arrays:
        raise ValueError(f"{type(net).__name__} has no parameters to save")
    for name, each in arrays.items():
        for parameter in flat(each):
            if not math.isfinite(parameter.data):
                raise ValueError(f"{parameter.label or name} is {parameter.data}, and a network file holds finite numbers")
    architecture = _architecture(net, arrays)
    about = {"format": FORMAT} | ({"module": type(net).__name__} if architecture is None else {"architecture": architecture})
    return write_atomically(path, write(about, arrays))


def load(path: str | os.PathLike[str], into: Module | None = None) -> Any:
    """The network in a file that `save` wrote.

    path: ends in .safetensors or .json
    into: a module with parameters of the same names and shapes, which takes over the numbers; an MLP of the same
          activations too. By default a new MLP, if the file holds one
    Raises StorageError, `into` being as it was, when the file is damaged, is not of a network or is of
    another one; ValueError for another ending; OSError when the file cannot be read.

    >>> from tempfile import TemporaryDirectory
    >>> from autoback import MLP, load, save
    >>> with TemporaryDirectory() as folder:
    ...     load(save(MLP(2, [3, 1], "relu"), f"{folder}/net.json"))
    MLP(2, [3, 1], activation='relu')
    """
    if into is not None:
        _require_module("load fills", into)
    _, read = _format(path)
    with Path(path).open("rb") as file:
        data = file.read(_LARGEST + 1)
    try:
        if len(data) > _LARGEST:
            _refuse(f"a network file is at most {_LARGEST >> 20} MiB, and this one is larger")
        content = read(data)
        net = _network(content, into)
        arrays = net.arrays()
        checked = _checked({name: shape_of(each) or () for name, each in arrays.items()}, content.numbers, repr(net))
    except StorageError as error:
        raise StorageError(f"cannot load {path}: {error}") from None
    for name, each in arrays.items():
        for parameter, number in zip(flat(each), checked[name], strict=True):
            parameter.data = number
    return net


def _require_module(what: str, net: object) -> None:
    if not isinstance(net, Module):
        raise TypeError(f"{what} a Module, such as an MLP, got a {type(net).__name__}")


def _format(path: str | os.PathLike[str]) -> "_Format":
    ending = Path(path).suffix.lower()
    if ending not in _FORMATS:
        raise ValueError(f"the name of a network file must end in {' or '.join(_FORMATS)}, got {os.fspath(path)!r}")
    return _FORMATS[ending]


def _architecture(net: Module, arrays: Mapping[str, Any]) -> dict[str, Any] | None:
    """From what `load` can build the network again; None where its class has to."""
    if not isinstance(net, MLP) or not is_packaged(net):
        return None
    architecture = net.architecture()
    shapes = _shapes(architecture)
    if {name: shape_of(each) for name, each in arrays.items()} != shapes or "mixed" in net.activations:
        return None
    return architecture


def _network(content: _Content, into: Module | None) -> Module:
    """The module that takes over what is in a file, built only if the file has as many numbers."""
    about, numbers = content
    if about.get("format") != FORMAT and ("architecture" in about or "module" in about):
        _refuse(f"its format is {about.get('format')!r:.40}, and this autoback reads {FORMAT!r}; use the autoback that saved it")
    if "architecture" in about:
        architecture = about["architecture"]
        _checked(_shapes(architecture), numbers, "its architecture")
        made = _build(architecture)
        if isinstance(into, MLP) and into.architecture() != architecture:
            _refuse(f"it holds {made!r}, not {into!r}; load it without `into`, or into a network like its own")
        return made if into is None else into
    if "module" not in about:
        _refuse("it does not say what network it holds; only files that autoback saved do")
    if into is None:
        _refuse(f"it holds the parameters of a {about['module']!s:.60}, which only its own class can build: give load(path, into=...) one")
    return into


# safetensors: named arrays of raw doubles, and text beside them


def _to_safetensors(about: Mapping[str, Any], arrays: Mapping[str, Any]) -> bytes:
    import safetensors

    specs: dict[str, Any] = {}
    kept = {name: array("d", [parameter.data for parameter in flat(each)]) for name, each in arrays.items()}
    for name, numbers in kept.items():
        shape = list(shape_of(arrays[name]) or ())
        if sys.byteorder == "big":
            numbers.byteswap()
        if hasattr(safetensors, "TensorSpec"):  # since 0.8 it reads the numbers from where they are; `kept` keeps them there
            address, count = numbers.buffer_info()
            specs[name] = safetensors.TensorSpec(dtype="float64", shape=shape, data_ptr=address, data_len=8 * count)
        else:
            specs[name] = {"dtype": "float64", "shape": shape, "data": numbers.tobytes()}
    # All metadata under one key: the library writes several in no fixed order, and equal networks should be equal files.
    return bytes(safetensors.serialize(specs, {"autoback": json.dumps(about)}))


def _from_safetensors(data: bytes) -> _Content:
    import safetensors

    try:
        tensors = dict(safetensors.deserialize(data))  # type: ignore[no-untyped-call]
    except safetensors.SafetensorError as error:
        _refuse(f"it is not a whole safetensors file ({error})")
    # The library has checked the header by now; it gives out the metadata of files only, not of bytes.
    header = _json(data[8 : 8 + int.from_bytes(data[:8], "little")])
    about = _json((header.get("__metadata__") or {}).get("autoback", "{}"))
    numbers: dict[str, Any] = {}
    for name, tensor in tensors.items():
        if tensor["dtype"] != "F64":
            _refuse(f"{name} must be of F64 numbers, got {tensor['dtype']} in {tensor['shape']}")
        flat_numbers = array("d", bytes(tensor["data"]))
        if sys.byteorder == "big":
            flat_numbers.byteswap()
        numbers[name] = _nested(flat_numbers.tolist(), tensor["shape"])
    return _Content(about, numbers)


def _nested(numbers: list[float], shape: Sequence[int]) -> Any:
    if not shape:
        return numbers[0]
    if len(shape) == 1:
        return numbers
    size = len(numbers) // shape[0] if shape[0] else 0
    return [_nested(numbers[k * size : (k + 1) * size], shape[1:]) for k in range(shape[0])]


# JSON: a line for each neuron


def _to_json(about: Mapping[str, Any], arrays: Mapping[str, Any]) -> str:
    head = "".join(f"  {json.dumps(key)}: {json.dumps(value)},\n" for key, value in about.items())
    numbers = {name: _data(each) for name, each in arrays.items()}
    if "architecture" not in about:
        entries = ",\n".join(f"    {json.dumps(name)}: {_lines(each, 4)}" for name, each in numbers.items())
        return f'{{\n{head}  "parameters": {{\n{entries}\n  }}\n}}\n'
    layers = []
    for k in range(len(about["architecture"]["sizes"])):
        weights, biases = numbers[f"layers.{k}.weight"], numbers[f"layers.{k}.bias"]
        layers.append(f'    {{\n      "weights": {_lines(weights, 6)},\n      "biases": {json.dumps(biases)}\n    }}')
    return f'{{\n{head}  "layers": [\n' + ",\n".join(layers) + "\n  ]\n}\n"


def _data(each: Any) -> Any:
    return each.data if isinstance(each, Value) else [_data(part) for part in each]


def _lines(numbers: Any, indent: int) -> str:
    """Numbers as JSON, a row on each line where they have rows."""
    if not isinstance(numbers, list) or not isinstance(numbers[0], list):
        return json.dumps(numbers)
    space = " " * indent
    return "[\n" + ",\n".join(f"{space}  {_lines(row, indent + 2)}" for row in numbers) + f"\n{space}]"


def _from_json(data: bytes) -> _Content:
    content = _json(data)
    if "architecture" not in content:
        numbers = content.get("parameters", {})
        if not isinstance(numbers, dict):
            _refuse("its parameters are not an object")
        return _Content(content, numbers)
    layers = content.get("layers")
    if not isinstance(layers, list) or not all(isinstance(layer, dict) for layer in layers):
        _refuse("its layers are not a list of objects")
    names = {"weights": "weight", "biases": "bias"}
    return _Content(content, {f"layers.{k}.{names.get(key, key)}": layer[key] for k, layer in enumerate(layers) for key in layer})


def _json(data: bytes | str) -> dict[str, Any]:
    try:
        content = json.loads(data)
    except (ValueError, TypeError, RecursionError) as error:
        _refuse(f"it is not JSON ({error})")
    if not isinstance(content, dict):
        _refuse("its JSON is not an object")
    return content


_Format = tuple[Callable[[Mapping[str, Any], Mapping[str, Any]], str | bytes], Callable[[bytes], _Content]]
_FORMATS: Mapping[str, _Format] = {".safetensors": (_to_safetensors, _from_safetensors), ".json": (_to_json, _from_json)}


# Checking, before anything is built or changed


def _shapes(architecture: Any) -> dict[str, Shape]:
    """The arrays of an MLP: the shape (n_outputs, n_inputs) of the weights of each layer, and of its biases."""
    try:
        below, sizes = architecture["n_inputs"], architecture["sizes"]
        whole = isinstance(sizes, list) and all(type(size) is int and 0 < size <= _LARGEST for size in [below, *sizes])
    except (TypeError, KeyError):
        whole = False
    if not whole or not sizes:
        _refuse(f"its architecture has no sizes of at least 1: {architecture!r:.80}")
    shapes: dict[str, Shape] = {}
    for k, (n_outputs, n_inputs) in enumerate(zip(sizes, [below, *sizes], strict=False)):
        shapes |= {f"layers.{k}.weight": (n_outputs, n_inputs), f"layers.{k}.bias": (n_outputs,)}
    return shapes


def _checked(shapes: Mapping[str, Shape], numbers: Mapping[str, Any], owner: str) -> dict[str, list[float]]:
    """The numbers of each array as finite floats, row by row, if all are there and in these shapes."""
    missing = [name for name in shapes if name not in numbers]
    if missing:
        _refuse(f"the array {few(missing)} of {owner} is missing; it holds {few(list(numbers)) or 'none'}")
    extra = [name for name in numbers if name not in shapes]
    if extra:
        _refuse(f"it has an array that belongs to nothing in {owner}: {few(extra)!r:.60}")
    return {name: list(_row(name, numbers[name], shape, shape)) for name, shape in shapes.items()}


def _row(name: str, found: object, shape: Shape, whole: Shape) -> Iterator[float]:
    if not shape:
        if type(found) not in (float, int) or not -sys.float_info.max <= found <= sys.float_info.max:  # type: ignore[operator]
            _refuse(f"{name}: expected finite numbers, got {found!r:.40}")
        yield float(found)  # type: ignore[arg-type]
        return
    if not isinstance(found, list) or len(found) != shape[0]:
        got = len(found) if isinstance(found, list) else f"a {type(found).__name__}"
        _refuse(f"{name} must have {shape[0]} entries (the whole array has the shape {list(whole)}), got {got}")
    for k, each in enumerate(found):
        yield from _row(f"{name}.{k}" if shape[1:] else name, each, shape[1:], whole)


def _build(architecture: Mapping[str, Any]) -> MLP:
    try:
        return MLP.from_architecture(architecture)
    except (TypeError, ValueError) as error:
        _refuse(str(error))


def _refuse(why: str) -> NoReturn:
    raise StorageError(why)
