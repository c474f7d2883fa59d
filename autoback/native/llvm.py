"""llvmlite, as far as native code needs it: text in, machine code out."""

import ctypes
import hashlib
from collections.abc import Sequence
from functools import cache
from typing import Any

import numpy as np  # noqa: TC002
from llvmlite import binding

from autoback.native import cache as disk

__all__ = ["Data", "MachineCode", "machine_name", "register_lanes"]

Data = dict[str, "np.ndarray[Any, Any]"]


@cache
def _features() -> dict[str, bool]:
    """What the processor can do; an empty dict where LLVM does not know."""
    try:
        return dict(binding.get_host_cpu_features())
    except RuntimeError:
        return {}


def _flat_features() -> str:
    return ",".join(f"{'+' if has else '-'}{name}" for name, has in sorted(_features().items()))


@cache
def register_lanes() -> int:
    """How many doubles one vector register holds: 8 with AVX-512, 4 with AVX, otherwise 2."""
    features = _features()
    return 8 if features.get("avx512f") and features.get("avx512dq") else 4 if features.get("avx") else 2


@cache
def machine_name() -> str:
    """Processor and LLVM version: machine code is valid for exactly these."""
    features = hashlib.sha256(_flat_features().encode()).hexdigest()[:12]
    return f"{binding.get_host_cpu_name()}-{features}-llvm{'.'.join(map(str, binding.llvm_version_info))}"


class MachineCode:
    """The machine code of one module.

    text: LLVM assembly. A text that was compiled before, in this process or in an earlier one of this user,
          is not compiled again: see `cache`.
    data: arrays that the code reads, by the names of the global pointers that point to them
    straight: whether the text is written out without loops
    """

    def __init__(self, text: str, data: Data | None = None, *, straight: bool = False) -> None:
        code = _COMPILED.get(text)
        if code is None:
            key = f"{machine_name()}\n{text}"
            code = disk.read(key)
            if code is None:
                code = _compiled(text, straight=straight)
                disk.write(key, code)
            if len(_COMPILED) >= _MOST_COMPILED:
                oldest, *_ = _COMPILED
                _COMPILED.pop(oldest, None)  # another thread may have been faster
            _COMPILED[text] = code
        empty = binding.parse_assembly("")
        empty.triple = _target(3).triple
        self._engine = binding.create_mcjit_compiler(empty, _new_target(3))
        self._engine.add_object_file(binding.ObjectFileRef.from_data(code))
        self._engine.finalize_object()
        self._data = data or {}  # lives as long as the code
        for name, array in self._data.items():
            ctypes.c_void_p.from_address(self._engine.get_global_value_address(name)).value = array.ctypes.data

    def function(self, name: str, result: Any, arguments: Sequence[Any]) -> Any:
        """A function of the module, callable through ctypes, which releases the interpreter lock."""
        found: Any = ctypes.CFUNCTYPE(result, *arguments)(self._engine.get_function_address(name))
        found.module = self  # the code lives as long as the function
        return found


#: Object code made in this process, by its text: a program that is recorded twice is compiled once.
_COMPILED: dict[str, bytes] = {}
_MOST_COMPILED = 64


def _compiled(text: str, *, straight: bool) -> bytes:
    """The object code of a module.

    LLVM's passes are for straight code alone, whose numbers they bring to registers. Of loops, which hold vectors already, they
    make next to nothing, in four times the time that all the rest takes; there only what lies on the stack becomes registers.
    """
    module, target = binding.parse_assembly(text), _target(3 if straight else 1)
    module.triple, module.data_layout = target.triple, str(target.target_data)
    options = binding.create_pipeline_tuning_options(speed_level=2)
    options.loop_vectorization = options.slp_vectorization = False  # what can be a vector is one already
    builder = binding.create_pass_builder(target, options)
    if straight:
        passes = builder.getModulePassManager()
    else:
        passes = binding.create_new_module_pass_manager()
        passes.add_sroa_pass()
    passes.run(module, builder)
    found: bytes = target.emit_object(module)
    return found


@cache
def _target(effort: int) -> Any:
    return _new_target(effort)


def _new_target(effort: int) -> Any:
    binding.initialize_native_target()
    binding.initialize_native_asmprinter()
    return binding.Target.from_default_triple().create_target_machine(
        cpu=binding.get_host_cpu_name(), features=_flat_features(), opt=effort, codemodel="jitdefault"
    )
