"""Tests of the engine: the table, Value, backward, gradients of gradients, checks."""
