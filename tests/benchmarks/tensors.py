"""The same training in NumPy, JAX and PyTorch: a dense network, and a GPT. What is not installed is left out."""

from collections.abc import Callable
from time import process_time
from typing import Any

import gpt  # beside this file
import numpy as np
from measure import Row, median, same


def matrices(values: np.ndarray, sizes: list[int]) -> list[np.ndarray]:
    """Weights and biases of two layers as matrices."""
    n, h, m = sizes
    first, second = values[: h * (n + 1)].reshape(h, n + 1), values[h * (n + 1) :].reshape(m, h + 1)
    return [first[:, :n], first[:, n], second[:, :h], second[:, h]]


def numpy_epoch(start: np.ndarray, sizes: list[int], x: np.ndarray, y: np.ndarray, want: np.ndarray, repeats: int) -> list[Row]:
    """Backpropagation written out by hand, a batch at a time."""
    p = [np.ascontiguousarray(a) for a in matrices(start, sizes)]

    def epoch() -> None:
        for first in range(0, len(x), 32):
            bx, by = x[first : first + 32], y[first : first + 32]
            a = np.tanh(bx @ p[0].T + p[1])
            out = 1.0 / (1.0 + np.exp(-(a @ p[2].T + p[3])))
            delta = 2.0 / len(bx) * (out - by) * out * (1.0 - out)
            below = delta @ p[2] * (1.0 - a * a)
            for parameter, slope in zip(p, (below.T @ bx, below.sum(0), delta.T @ a, delta.sum(0)), strict=True):
                parameter -= 0.1 * slope  # noqa: PLW2901  # in place

    epoch()
    for got, wanted in zip(p, matrices(want, sizes), strict=True):
        same("NumPy", got, wanted)
    return [("", "NumPy by hand", median(epoch, repeats), "")]


def jax_epoch(start: np.ndarray, sizes: list[int], x: np.ndarray, y: np.ndarray, want: np.ndarray, repeats: int) -> list[Row]:
    """The whole epoch as one jitted scan over the full batches, the last one after it."""
    try:
        import jax
        import jax.numpy as jnp
    except ImportError:
        return []
    jax.config.update("jax_enable_x64", True)
    whole = len(x) // 32 * 32

    def cost(p: Any, x: Any, y: Any) -> Any:
        a = jnp.tanh(x @ p[0].T + p[1])
        return jnp.mean(jnp.sum((jax.nn.sigmoid(a @ p[2].T + p[3]) - y) ** 2, axis=1))

    def step(p: Any, batch: Any) -> Any:
        loss, slopes = jax.value_and_grad(cost)(p, *batch)
        return [a - 0.1 * g for a, g in zip(p, slopes, strict=True)], loss

    @jax.jit
    def epoch(p: Any, x: Any, y: Any) -> Any:
        p, losses = jax.lax.scan(step, p, (x[:whole].reshape(-1, 32, sizes[0]), y[:whole].reshape(-1, 32, sizes[2])))
        return (step(p, (x[whole:], y[whole:]))[0] if whole < len(x) else p), losses

    p, gx, gy = [jnp.array(a) for a in matrices(start, sizes)], jnp.array(x), jnp.array(y)
    begun = process_time()
    made = jax.block_until_ready(epoch(p, gx, gy))
    ready = process_time() - begun
    for got, wanted in zip(made[0], matrices(want, sizes), strict=True):
        same("JAX", got, wanted)
    return [("", "JAX, jitted loop", median(lambda: jax.block_until_ready(epoch(p, gx, gy)), repeats), f"ready in {ready:.2f} s")]


def torch_epoch(start: np.ndarray, sizes: list[int], x: np.ndarray, y: np.ndarray, want: np.ndarray, repeats: int) -> list[Row]:
    """The usual loop: forward, backward, update; of a small network the same with the first two compiled."""
    try:
        import torch
    except ImportError:
        return []
    torch.set_num_threads(1)
    tx, ty = torch.tensor(x), torch.tensor(y)

    def cost(p: list[Any], bx: Any, by: Any) -> Any:
        return ((torch.sigmoid(torch.tanh(bx @ p[0].T + p[1]) @ p[2].T + p[3]) - by) ** 2).sum(1).mean()

    def epoch(p: list[Any], cost: Callable[..., Any]) -> None:
        for first in range(0, len(x), 32):
            slopes = torch.autograd.grad(cost(p, tx[first : first + 32], ty[first : first + 32]), p)
            with torch.no_grad():
                for a, g in zip(p, slopes, strict=True):
                    a.sub_(g, alpha=0.1)

    rows: list[Row] = []
    ways = [("eager", cost), ("compiled", torch.compile(cost, dynamic=False))][: 2 if sum(sizes) < 200 else 1]
    for how, function in ways:
        p = [torch.tensor(a.copy(), requires_grad=True) for a in matrices(start, sizes)]
        try:
            epoch(p, function)
        except torch._dynamo.exc.TorchDynamoException as error:  # without a C++ compiler, for one
            print(f"PyTorch does not compile here: {error!s:.80}")
            continue
        for got, wanted in zip(p, matrices(want, sizes), strict=True):
            same("PyTorch", got.detach().numpy(), wanted)
        rows.append(("", f"PyTorch, {how}", median(lambda p=p, f=function: epoch(p, f), repeats), ""))  # type: ignore[misc]
    return rows


def gpt_loss(m: dict[str, Any], tokens: list[int], xp: Any, relu: Callable[[Any], Any]) -> Any:
    """The loss of `gpt.loss` on matrices: xp is `jax.numpy` or `torch`."""
    n = len(tokens) - 1

    def norm(x: Any) -> Any:
        return x * ((x * x).mean(-1)[:, None] + 1e-5) ** -0.5

    x = norm(m["tokens"][tokens[:-1]] + m["positions"][:n])
    skip, x = x, norm(x)
    query, key, value = ((x @ m[name].T).reshape(n, gpt.HEADS, gpt.HEAD) for name in ("query", "key", "value"))
    powers = xp.tril(xp.exp(xp.einsum("ihd,jhd->hij", query, key) / gpt.HEAD**0.5))
    shares = powers / powers.sum(-1)[:, :, None]
    x = xp.einsum("hij,jhd->ihd", shares, value).reshape(n, gpt.WIDTH) @ m["out"].T + skip
    skip, x = x, norm(x)
    logits = (relu(x @ m["up"].T) @ m["down"].T + skip) @ m["logits"].T
    powers = xp.exp(logits)
    return -xp.log(powers[np.arange(n), tokens[1:]] / powers.sum(-1)).mean()


def cut(flat: Any) -> dict[str, Any]:
    """A flat vector of parameters as matrices by name."""
    found, at = {}, 0
    for name, (rows, columns) in gpt.SHAPES.items():
        found[name] = flat[at : at + rows * columns].reshape(rows, columns)
        at += rows * columns
    return found


def gpt_in_jax(start: np.ndarray, tokens: list[int], steps: int, want: np.ndarray) -> list[Row]:
    """All steps in one jitted loop."""
    try:
        import jax
        import jax.numpy as jnp
    except ImportError:
        return []
    jax.config.update("jax_enable_x64", True)

    def step(state: Any, number: Any) -> Any:
        p, m, v = state
        value, g = jax.value_and_grad(lambda flat: gpt_loss(cut(flat), np.array(tokens), jnp, jax.nn.relu))(p)
        m, v = 0.9 * m + 0.1 * g, 0.95 * v + 0.05 * g * g
        return (p - 0.01 * (m / (1.0 - 0.9**number)) / (jnp.sqrt(v / (1.0 - 0.95**number)) + 1e-8), m, v), value

    train = jax.jit(lambda p: jax.lax.scan(step, (p, jnp.zeros_like(p), jnp.zeros_like(p)), jnp.arange(1.0, steps + 1.0))[0][0])
    p = jnp.array(start)
    begun = process_time()
    made = jax.block_until_ready(train(p))
    ready = process_time() - begun
    same("JAX", made, want)
    return [("", "JAX, jitted loop", median(lambda: jax.block_until_ready(train(p)), 15) / steps, f"ready in {ready:.2f} s")]


def gpt_in_torch(start: np.ndarray, tokens: list[int], steps: int, want: np.ndarray) -> list[Row]:
    """The usual loop with the fused Adam; and the same with the loss compiled."""
    try:
        import torch
    except ImportError:
        return []
    torch.set_num_threads(1)

    def loss(m: dict[str, Any]) -> Any:
        return gpt_loss(m, tokens, torch, torch.relu)

    def train(loss: Callable[[dict[str, Any]], Any]) -> Any:
        m = {name: matrix.clone().requires_grad_() for name, matrix in cut(torch.tensor(start)).items()}
        adam = torch.optim.Adam(m.values(), 0.01, (0.9, 0.95), fused=True)
        for _ in range(steps):
            adam.zero_grad()
            loss(m).backward()
            adam.step()
        return torch.cat([matrix.detach().ravel() for matrix in m.values()])

    rows: list[Row] = []
    for how, function in (("eager", loss), ("compiled", torch.compile(loss, dynamic=False))):
        try:
            made = train(function)
        except torch._dynamo.exc.TorchDynamoException as error:
            print(f"PyTorch does not compile here: {error!s:.80}")
            continue
        same("PyTorch", made.numpy(), want)
        rows.append(("", f"PyTorch, {how}", median(lambda f=function: train(f), 7) / steps, ""))  # type: ignore[misc]
    return rows
