"""What can be chosen by name, as types. Made from the code by `python -m tests.regenerate`; do not edit."""

from typing import Literal, TypeAlias

__all__ = ["ActivationName", "CurveName", "GradientMethod", "InitializerName", "LossName", "OptimizerName"]

ActivationName: TypeAlias = Literal[
    "identity",
    "sin",
    "tanh",
    "sigmoid",
    "relu",
    "leaky_relu",
    "softplus",
    "silu",
    "gelu",
    "elu",
]
CurveName: TypeAlias = Literal[
    "constant",
    "linear",
    "cosine",
    "quadratic",
]
GradientMethod: TypeAlias = Literal[
    "backprop",
    "finite_differences",
    "central_differences",
]
InitializerName: TypeAlias = Literal[
    "uniform",
    "xavier",
    "glorot",
    "he",
    "zeros",
    "constant",
    "park_miller",
]
LossName: TypeAlias = Literal[
    "squared_error",
    "absolute_error",
    "hinge",
    "binary_cross_entropy",
    "cross_entropy",
]
OptimizerName: TypeAlias = Literal[
    "sgd",
    "adam",
    "adamw",
    "rmsprop",
]
