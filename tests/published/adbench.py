"""Objectives of an established benchmark of automatic differentiation, with the gradients its tests expect."""

import math

from autoback import Value, cos, exp, gradient, log, sin, sqrt
from tests.published.examples import example

ADBENCH = (
    "Šrajer, Kukelova & Fitzgibbon, A benchmark of selected algorithmic differentiation tools, "
    "Optimization Methods and Software 33 (2018); "
)
GMM = ADBENCH + "digits of ADBench, test/python/modules/common/gmm_tests.py, data/gmm/test.txt: <https://github.com/microsoft/ADBench>"
BA = ADBENCH + "digits of ADBench, test/python/modules/common/ba_tests.py, data/ba/test.txt: <https://github.com/microsoft/ADBench>"


def log_sum_exp(values):
    largest = max(value.data for value in values)
    total = exp(values[0] - largest)
    for value in values[1:]:
        total += exp(value - largest)
    return log(total) + largest


@example(
    "A Gaussian mixture", GMM,
    {
        "objective": "8.07380408004975791",
        "∂/∂α₁": "1.08662855508652456e-01", "∂/∂α₂": "-7.41270039523898472e-01", "∂/∂α₃": "6.32607184015246071e-01",
        "∂/∂μ₁₁": "1.11692576532787013", "∂/∂μ₁₂": "1.63333013551455269e-01", "∂/∂μ₂₁": "-2.19989824071193142e-02",
        "∂/∂μ₂₂": "2.27778292254236098e-01", "∂/∂μ₃₁": "1.20963025612832187", "∂/∂μ₃₂": "-6.06375920733956339e-02",
        "∂/∂q₁₁": "2.58529994051162237", "∂/∂q₁₂": "1.12632694524213789e-01", "∂/∂l₁": "3.85744309849611777e-01",
        "∂/∂q₂₁": "7.35180573182305508e-02", "∂/∂q₂₂": "5.41836362715595232", "∂/∂l₂": "-3.21494409677446469e-01",
        "∂/∂q₃₁": "1.71892309775004937", "∂/∂q₃₂": "8.60091090790866875e-01", "∂/∂l₃": "-9.94640930466322848e-01",
    },
)  # fmt: skip
def gaussian_mixture():
    """The log posterior of one point in the plane under three Gaussians with a Wishart prior: weights α, means μ, and for each inverse
    covariance factor the logarithms q of its diagonal and the number l below it.
    """
    alphas = [Value(a) for a in (-0.649014, 1.181166, -0.758453)]
    means = [[Value(m) for m in row] for row in ((0.092339, 0.186260), (0.345561, 0.396767), (0.538817, 0.419195))]
    factors = [
        [Value(q) for q in row]
        for row in ((0.586443, -0.851887, 0.800321), (-1.509405, 0.875874, -0.242790), (0.166813, -1.965419, -1.270071))
    ]
    x1, x2 = 1.175171, 2.029160
    gamma, m = 1.0, 0
    dimension, n_components, n_points = 2, 3, 1

    terms, prior = [], 0.0
    for alpha, (mu1, mu2), (q1, q2, below) in zip(alphas, means, factors, strict=True):
        d1, d2 = x1 - mu1, x2 - mu2
        y1, y2 = exp(q1) * d1, below * d1 + exp(q2) * d2
        terms.append(alpha + q1 + q2 - 0.5 * (y1**2 + y2**2))
        prior += 0.5 * gamma**2 * (exp(q1) ** 2 + exp(q2) ** 2 + below**2) - m * (q1 + q2)
    freedom = dimension + m + 1
    log_gamma = 0.5 * math.log(math.pi) + math.lgamma(0.5 * freedom) + math.lgamma(0.5 * (freedom - 1))  # multivariate, of two dimensions
    prior -= n_components * (freedom * dimension * math.log(gamma / math.sqrt(2.0)) - log_gamma)
    objective = log_sum_exp(terms) - n_points * (log_sum_exp(alphas) + 0.5 * dimension * math.log(2.0 * math.pi)) + prior

    leaves = [*alphas, *(mu for row in means for mu in row), *(q for row in factors for q in row)]
    names = "α₁ α₂ α₃ μ₁₁ μ₁₂ μ₂₁ μ₂₂ μ₃₁ μ₃₂ q₁₁ q₁₂ l₁ q₂₁ q₂₂ l₂ q₃₁ q₃₂ l₃".split()
    slopes = gradient(objective, leaves)
    return {"objective": objective.data} | {f"∂/∂{name}": slope.data for name, slope in zip(names, slopes, strict=True)}


CAMERA = "r₁ r₂ r₃ c₁ c₂ c₃ f u₀ v₀ k₁ k₂ X₁ X₂ X₃ w".split()
HORIZONTAL = (
    "2.28877202208246757e+02 6.34574811495545418e+02 -7.82222866259340549e+02 2.42892615607159668e+00 -1.17828079628011313e+01 "
    "2.54169312487743460e+00 -1.03657084958518086e+00 4.17022e-01 0.0 -3.50739521096005205e+02 -9.12107773668008576e+02 "
    "-2.42892615607159668e+00 1.17828079628011313e+01 -2.54169312487743460e+00 -6.45167039712987389e-01"
).split()
VERTICAL = (
    "-1.20542435994996879e+02 -3.85673240766460424e+02 9.75476291403326456e+01 -1.78372108529576567e+00 4.15466799433126077e+00 "
    "2.04025718029898906e+00 3.49176397433145880e-01 0.0 4.17022e-01 1.18149147704414503e+02 3.07250108960343255e+02 "
    "1.78372108529576567e+00 -4.15466799433126077e+00 -2.04025718029898906e+00 6.23335921553064054e-01"
).split()


@example(
    "Bundle adjustment", BA,
    {"horizontal error": "-2.69048849235189402e-01", "vertical error": "2.59944792677901881e-01", "weight error": "8.26092651515999976e-01"}
    | {f"∂ horizontal / ∂{name}": digits for name, digits in zip(CAMERA, HORIZONTAL, strict=True)}
    | {f"∂ vertical / ∂{name}": digits for name, digits in zip(CAMERA, VERTICAL, strict=True)}
    | {"∂ weight error / ∂w": "-8.34044e-01"},
)  # fmt: skip
def bundle_adjustment():
    """Where a camera sees a point, beside where it was seen: rotation r (Rodrigues' formula), centre c, focal length f, principal point
    (u₀, v₀), radial distortion k, the point X, and the weight w of the observation.
    """
    camera = (1.797201, 0.590697, -0.635786, 90.859550, 29.361415, 28.777534, 211.628116, -0.284531, -14.762924, 0.058931, 0.069976)
    point, weight = (4.173048, 5.586898, 1.403869), 0.417022
    leaves = [Value(x, name) for x, name in zip((*camera, *point, weight), CAMERA, strict=True)]
    r, c, (f, u0, v0, k1, k2), X, w = leaves[:3], leaves[3:6], leaves[6:11], leaves[11:14], leaves[14]

    def inner(a, b):
        return a[0] * b[0] + a[1] * b[1] + a[2] * b[2]

    def cross(a, b):
        return [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]]

    offset = [x - y for x, y in zip(X, c, strict=True)]
    angle = sqrt(inner(r, r))
    axis = [x / angle for x in r]
    along = inner(axis, offset) * (1.0 - cos(angle))
    p, q, depth = (x * cos(angle) + y * sin(angle) + z * along for x, y, z in zip(offset, cross(axis, offset), axis, strict=True))
    u, v = p / depth, q / depth
    squared = u**2 + v**2
    distortion = 1.0 + k1 * squared + k2 * squared**2
    errors = w * (u * distortion * f + u0 + 525.672849), w * (v * distortion * f + v0 - 161.811929)
    weight_error = 1.0 - w**2

    found = dict(zip(("horizontal error", "vertical error", "weight error"), (*(e.data for e in errors), weight_error.data), strict=True))
    for direction, error in zip(("horizontal", "vertical"), errors, strict=True):
        found |= {f"∂ {direction} / ∂{leaf.label}": slope.data for leaf, slope in zip(leaves, gradient(error, leaves), strict=True)}
    return found | {"∂ weight error / ∂w": gradient(weight_error, w).data}
