"""Tests of native code: layout, functions, training, against the engine."""
