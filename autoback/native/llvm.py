"""llvmlite, and what little is needed of it: text in, machine code out."""

import ctypes
import hashlib
from collections.abc import Sequence
from functools import cache
from typing import Any

from llvmlite import binding as llvm

__all__ = ["MachineCode", "machine_name", "register_lanes"]


@cache
def _target() -> Any:
    return _new_target()


@cache
def _features() -> dict[str, bool]:
    """What the processor can do; nothing special where LLVM cannot tell."""
    try:
        return dict(llvm.get_host_cpu_features())
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
    """Processor and LLVM version: machine code is kept for exactly these."""
    features = hashlib.sha256(_flat_features().encode()).hexdigest()[:12]
    return f"{llvm.get_host_cpu_name()}-{features}-llvm{'.'.join(map(str, llvm.llvm_version_info))}"


class MachineCode:
    """One module as machine code.

    text:  LLVM assembly
    code:  the object code that an earlier MachineCode made of the same text, to skip compiling
    """

    def __init__(self, text: str, code: bytes | None = None) -> None:
        self.text = text
        found = code if code is not None else _KEPT.get(text)
        if found is None:
            module = llvm.parse_assembly(text)
            target = _target()
            module.triple, module.data_layout = target.triple, str(target.target_data)
            # What can be a vector is one already: searching for more takes time and finds nothing.
            options = llvm.create_pipeline_tuning_options(speed_level=2)
            options.loop_vectorization = options.slp_vectorization = False
            passes = llvm.create_pass_builder(target, options)
            passes.getModulePassManager().run(module, passes)
            found = target.emit_object(module)
        self.code: bytes = found
        if text not in _KEPT and len(_KEPT) >= _MOST_KEPT:
            del _KEPT[next(iter(_KEPT))]
        _KEPT[text] = self.code
        empty = llvm.parse_assembly("")
        empty.triple = _target().triple
        self._engine = llvm.create_mcjit_compiler(empty, _new_target())
        self._engine.add_object_file(llvm.ObjectFileRef.from_data(self.code))
        self._engine.finalize_object()

    def function(self, name: str, result: Any, arguments: Sequence[Any]) -> Any:
        """A function of the module, callable through ctypes, which releases the interpreter lock."""
        found: Any = ctypes.CFUNCTYPE(result, *arguments)(self._engine.get_function_address(name))
        found.module = self  # the code lives as long as what calls it
        return found


#: MachineCode code made in this process, by its text: recording the same program twice compiles once.
_KEPT: dict[str, bytes] = {}
_MOST_KEPT = 64


def _new_target() -> Any:
    llvm.initialize_native_target()
    llvm.initialize_native_asmprinter()
    return llvm.Target.from_default_triple().create_target_machine(
        cpu=llvm.get_host_cpu_name(), features=_flat_features(), opt=3, codemodel="jitdefault"
    )
