"""Whether a program is being recorded, and the refusal of what a recorded program cannot repeat."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar

__all__ = ["RecordingError", "is_recording", "recording", "refuse_while_recording"]


class RecordingError(TypeError):
    """A recorded number was asked to decide something now; the decision would freeze into the program.

    >>> from autoback import Value
    >>> with recording():
    ...     Value(1.0).data  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    autoback.engine.tracing.RecordingError: reading v.data would freeze this number into the recorded program; use maximum, ...
    """


recording_variable: ContextVar[bool] = ContextVar("recording", default=False)

#: Whether the code that asks runs within `recording`.
is_recording: Callable[[], bool] = recording_variable.get


@contextmanager
def recording() -> Iterator[None]:
    """Within it, comparisons are recorded as 0-or-1 Values, and branching on a Value is refused.

    >>> from autoback import Value
    >>> with recording():
    ...     if Value(1.0) > 0.0:  # doctest: +ELLIPSIS
    ...         pass
    Traceback (most recent call last):
    autoback.engine.tracing.RecordingError: a branch on it ... use maximum, minimum or where(condition, yes, no), which are recorded
    """
    token = recording_variable.set(True)
    try:
        yield
    finally:
        recording_variable.reset(token)


def refuse_while_recording(what: str, instead: str = "maximum, minimum or where(condition, yes, no), which are recorded") -> None:
    """Raise RecordingError, which says what would freeze a number into the program, while one is recorded.

    instead: what to write in its place
    """
    if recording_variable.get():
        raise RecordingError(f"{what} would freeze this number into the recorded program; use {instead}")
