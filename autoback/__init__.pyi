"""A scalar autograd engine with a neural-net layer on top.

Made from the code by `python -m tests.regenerate`; do not edit.
"""

from autoback.engine.c.header import c_header as c_header
from autoback.engine.check import Check as Check
from autoback.engine.check import GradientMismatch as GradientMismatch
from autoback.engine.check import finite_differences as finite_differences
from autoback.engine.check import step_sweep as step_sweep
from autoback.engine.define import define_operation as define_operation
from autoback.engine.define import forget_operation as forget_operation
from autoback.engine.forward import jvp as jvp
from autoback.engine.functions import FUNCTIONS as FUNCTIONS
from autoback.engine.functions import elementary as elementary
from autoback.engine.functions import mean as mean
from autoback.engine.gradient import gradient as gradient
from autoback.engine.gradient import hessian as hessian
from autoback.engine.operations import OPERATIONS as OPERATIONS
from autoback.engine.operations import Operation as Operation
from autoback.engine.operations import OperationError as OperationError
from autoback.engine.rows import abs as abs
from autoback.engine.rows import acos as acos
from autoback.engine.rows import acosh as acosh
from autoback.engine.rows import add as add
from autoback.engine.rows import asin as asin
from autoback.engine.rows import asinh as asinh
from autoback.engine.rows import atan as atan
from autoback.engine.rows import atanh as atanh
from autoback.engine.rows import clip as clip
from autoback.engine.rows import cos as cos
from autoback.engine.rows import cosh as cosh
from autoback.engine.rows import div as div
from autoback.engine.rows import dot as dot
from autoback.engine.rows import elu as elu
from autoback.engine.rows import equal as equal
from autoback.engine.rows import erf as erf
from autoback.engine.rows import erfc as erfc
from autoback.engine.rows import exp as exp
from autoback.engine.rows import expm1 as expm1
from autoback.engine.rows import floor as floor
from autoback.engine.rows import gelu as gelu
from autoback.engine.rows import greater as greater
from autoback.engine.rows import greater_equal as greater_equal
from autoback.engine.rows import leaky_relu as leaky_relu
from autoback.engine.rows import log as log
from autoback.engine.rows import log10 as log10
from autoback.engine.rows import log1p as log1p
from autoback.engine.rows import log2 as log2
from autoback.engine.rows import maximum as maximum
from autoback.engine.rows import minimum as minimum
from autoback.engine.rows import mul as mul
from autoback.engine.rows import neg as neg
from autoback.engine.rows import pow as pow
from autoback.engine.rows import power as power
from autoback.engine.rows import relu as relu
from autoback.engine.rows import sigmoid as sigmoid
from autoback.engine.rows import silu as silu
from autoback.engine.rows import sin as sin
from autoback.engine.rows import sinh as sinh
from autoback.engine.rows import softplus as softplus
from autoback.engine.rows import sqrt as sqrt
from autoback.engine.rows import sub as sub
from autoback.engine.rows import sum as sum
from autoback.engine.rows import tan as tan
from autoback.engine.rows import tanh as tanh
from autoback.engine.rows import where as where
from autoback.engine.sequences import log_softmax as log_softmax
from autoback.engine.sequences import logsumexp as logsumexp
from autoback.engine.sequences import max as max
from autoback.engine.sequences import min as min
from autoback.engine.sequences import norm as norm
from autoback.engine.sequences import prod as prod
from autoback.engine.sequences import softmax as softmax
from autoback.engine.value import RecordingError as RecordingError
from autoback.engine.value import Value as Value
from autoback.engine.value import engine_name as engine_name
from autoback.engine.value import topological_order as topological_order
from autoback.expression import Expression as Expression
from autoback.expression import ExpressionError as ExpressionError
from autoback.expression import parse_expression as parse_expression
from autoback.native.function import compile as compile
from autoback.nn import datasets as datasets
from autoback.nn.evaluation import accuracy as accuracy
from autoback.nn.evaluation import check_gradients as check_gradients
from autoback.nn.evaluation import cost as cost
from autoback.nn.evaluation import predict as predict
from autoback.nn.health import Health as Health
from autoback.nn.health import health as health
from autoback.nn.history import History as History
from autoback.nn.history import Patience as Patience
from autoback.nn.initializers import INITIALIZERS as INITIALIZERS
from autoback.nn.initializers import ParkMiller as ParkMiller
from autoback.nn.initializers import constant as constant
from autoback.nn.losses import LOSSES as LOSSES
from autoback.nn.losses import absolute_error as absolute_error
from autoback.nn.losses import binary_cross_entropy as binary_cross_entropy
from autoback.nn.losses import cross_entropy as cross_entropy
from autoback.nn.losses import hinge as hinge
from autoback.nn.losses import l2_penalty as l2_penalty
from autoback.nn.losses import squared_error as squared_error
from autoback.nn.modules import ACTIVATIONS as ACTIVATIONS
from autoback.nn.modules import Embedding as Embedding
from autoback.nn.modules import Layer as Layer
from autoback.nn.modules import MLP as MLP
from autoback.nn.modules import Module as Module
from autoback.nn.modules import Neuron as Neuron
from autoback.nn.optimizers import Adam as Adam
from autoback.nn.optimizers import AdamW as AdamW
from autoback.nn.optimizers import OPTIMIZERS as OPTIMIZERS
from autoback.nn.optimizers import Optimizer as Optimizer
from autoback.nn.optimizers import RMSProp as RMSProp
from autoback.nn.optimizers import SGD as SGD
from autoback.nn.optimizers import clip_gradients as clip_gradients
from autoback.nn.schedules import Schedule as Schedule
from autoback.nn.storage import StorageError as StorageError
from autoback.nn.storage import load as load
from autoback.nn.storage import save as save
from autoback.nn.sweep import Sweep as Sweep
from autoback.nn.sweep import sweep as sweep
from autoback.nn.training import fit as fit
from autoback.view.drawing import Drawing as Drawing
from autoback.view.drawing import draw as draw
from autoback.view.explain import Explanation as Explanation
from autoback.view.explain import explain as explain
from autoback.view.lesson import Page as Page
from autoback.view.lesson import lesson as lesson
from autoback.view.lesson import worksheet as worksheet

__version__: str

__all__ = [
    "ACTIVATIONS",
    "INITIALIZERS",
    "LOSSES",
    "MLP",
    "OPERATIONS",
    "OPTIMIZERS",
    "SGD",
    "Adam",
    "AdamW",
    "Check",
    "Embedding",
    "GradientMismatch",
    "Health",
    "History",
    "Layer",
    "Module",
    "Neuron",
    "Operation",
    "OperationError",
    "Optimizer",
    "ParkMiller",
    "Patience",
    "RMSProp",
    "RecordingError",
    "Schedule",
    "StorageError",
    "Sweep",
    "Value",
    "absolute_error",
    "accuracy",
    "binary_cross_entropy",
    "check_gradients",
    "clip_gradients",
    "constant",
    "cost",
    "cross_entropy",
    "datasets",
    "define_operation",
    "elementary",
    "engine_name",
    "finite_differences",
    "fit",
    "forget_operation",
    "gradient",
    "health",
    "hessian",
    "hinge",
    "jvp",
    "l2_penalty",
    "load",
    "log_softmax",
    "logsumexp",
    "mean",
    "norm",
    "predict",
    "prod",
    "save",
    "softmax",
    "squared_error",
    "step_sweep",
    "sweep",
    "topological_order",
    "add",
    "sub",
    "mul",
    "div",
    "neg",
    "power",
    "exp",
    "log",
    "sqrt",
    "sin",
    "cos",
    "tan",
    "atan",
    "tanh",
    "log1p",
    "expm1",
    "sigmoid",
    "relu",
    "leaky_relu",
    "softplus",
    "silu",
    "gelu",
    "elu",
    "erf",
    "erfc",
    "sinh",
    "cosh",
    "asin",
    "acos",
    "asinh",
    "acosh",
    "atanh",
    "log2",
    "log10",
    "floor",
    "clip",
    "maximum",
    "minimum",
    "greater",
    "greater_equal",
    "equal",
    "where",
    "dot",
    "c_header",
    "draw",
    "explain",
    "lesson",
    "worksheet",
    "parse_expression",
    "Drawing",
    "Explanation",
    "Expression",
    "ExpressionError",
    "Page",
]
