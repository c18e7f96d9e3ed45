"""The programs of examples/ once more, in torch and in jax.

Each program is written by hand over the names that both libraries share; ``Torch`` and ``Jax``
supply what they call differently, layers and losses by the libraries' own.  A reference takes the
inputs by name and returns every named value, the output last.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy

Values = dict[str, Any]


class Torch:
    """PyTorch, in double precision."""

    def __init__(self) -> None:
        import torch
        from torch.nn import functional

        self.torch, self.F = torch, functional

    def __getattr__(self, name: str) -> Any:
        return getattr(self.F if hasattr(self.F, name) else self.torch, name)

    def prelu(self, x: Any, a: Any) -> Any:
        return self.F.prelu(x, a.reshape(1))

    def gelu(self, x: Any) -> Any:
        return self.F.gelu(x, approximate="none")

    def conv2d(self, x: Any, kernel: Any, bias: Any = None, padding: int = 0) -> Any:
        return self.F.conv2d(x[None], kernel, bias, padding=padding)[0]

    def pool(self, kind: str, x: Any) -> Any:
        return getattr(self.F, f"{kind}_pool2d")(x[None], 2)[0]

    def upsample(self, x: Any) -> Any:
        return self.F.interpolate(x[None], scale_factor=2, mode="nearest")[0]

    def batch_norm(self, x: Any, gamma: Any, beta: Any) -> Any:
        return self.F.batch_norm(x, None, None, gamma, beta, training=True)

    def lstm(self, x: Any, h: Any, c: Any, w: Any, u: Any, b: Any) -> Any:
        start, weights = (h[None, None], c[None, None]), [w, u, b, 0 * b]
        states, *_ = self.torch.lstm(x[:, None], start, weights, True, 1, 0.0, False, False, False)
        return states[:, 0]

    def gru(self, x: Any, h: Any, w: Any, u: Any, b: Any, c: Any) -> Any:
        start, weights = h[None, None], [w, u, b, c]
        states, _ = self.torch.gru(x[:, None], start, weights, True, 1, 0.0, False, False, False)
        return states[:, 0]

    def run(self, reference: Reference, point: Values, labels: set[str]) -> tuple[Values, Values]:
        """Every named value, and the gradient of the output in each of them and in each input."""
        leaves = {
            name: self.torch.tensor(value, requires_grad=name not in labels)
            for name, value in point.items()
        }
        values = reference(self, **leaves)
        for value in values.values():
            value.retain_grad()
        list(values.values())[-1].backward()
        nodes = {**{name: x for name, x in leaves.items() if name not in labels}, **values}
        gradients = {
            name: numpy.zeros(x.shape) if x.grad is None else x.grad.numpy()
            for name, x in nodes.items()
        }
        return {name: value.detach().numpy() for name, value in values.items()}, gradients


class Jax:
    """JAX, in double precision; cells and normalization written out."""

    def __init__(self) -> None:
        import jax

        jax.config.update("jax_enable_x64", True)
        self.jax, self.np, self.nn = jax, jax.numpy, jax.nn

    def __getattr__(self, name: str) -> Any:
        return getattr(self.nn if hasattr(self.nn, name) else self.np, name)

    def prelu(self, x: Any, a: Any) -> Any:
        return self.np.where(x > 0, x, a * x)

    def gelu(self, x: Any) -> Any:
        return self.nn.gelu(x, approximate=False)

    def cross_entropy(self, scores: Any, labels: Any) -> Any:
        logp = self.nn.log_softmax(scores)
        return -self.np.mean(self.np.take_along_axis(logp, labels[..., None], axis=-1))

    def binary_cross_entropy(self, p: Any, t: Any) -> Any:
        return -self.np.mean(t * self.np.log(p) + (1 - t) * self.np.log1p(-p))

    def binary_cross_entropy_with_logits(self, s: Any, t: Any) -> Any:
        return self.np.mean(self.nn.softplus(s) - t * s)

    def mse_loss(self, y: Any, t: Any) -> Any:
        return self.np.mean((y - t) ** 2)

    def conv2d(self, x: Any, kernel: Any, bias: Any = None, padding: int = 0) -> Any:
        pads = [(padding, padding)] * 2
        out = self.jax.lax.conv_general_dilated(x[None], kernel, (1, 1), pads)[0]
        return out if bias is None else out + bias[:, None, None]

    def pool(self, kind: str, x: Any) -> Any:
        c, h, w = x.shape
        cells = x.reshape(c, h // 2, 2, w // 2, 2)
        return cells.max((2, 4)) if kind == "max" else cells.mean((2, 4))

    def upsample(self, x: Any) -> Any:
        return self.np.repeat(self.np.repeat(x, 2, axis=1), 2, axis=2)

    def batch_norm(self, x: Any, gamma: Any, beta: Any) -> Any:
        return (x - x.mean(0)) / self.np.sqrt(x.var(0) + 1e-5) * gamma + beta

    def lstm(self, x: Any, h: Any, c: Any, w: Any, u: Any, b: Any) -> Any:
        def cell(state: Any, row: Any) -> Any:
            h, c = state
            i, f, g, o = self.np.split(w @ row + u @ h + b, 4)
            c = self.nn.sigmoid(f) * c + self.nn.sigmoid(i) * self.np.tanh(g)
            h = self.nn.sigmoid(o) * self.np.tanh(c)
            return (h, c), h

        return self.jax.lax.scan(cell, (h, c), x)[1]

    def gru(self, x: Any, h: Any, w: Any, u: Any, b: Any, c: Any) -> Any:
        def cell(h: Any, row: Any) -> Any:
            r, z, n = self.np.split(w @ row + b, 3)
            hr, hz, hn = self.np.split(u @ h + c, 3)
            r, z = self.nn.sigmoid(r + hr), self.nn.sigmoid(z + hz)
            h = (1 - z) * self.np.tanh(n + r * hn) + z * h
            return h, h

        return self.jax.lax.scan(cell, h, x)[1]

    def run(self, reference: Reference, point: Values, labels: set[str]) -> tuple[Values, Values]:
        """Every named value, and the gradient of the output in each input."""
        fixed = {name: point[name] for name in labels}
        moving = {name: point[name] for name in point if name not in labels}

        def program(inputs: Values) -> Any:
            values = reference(self, **inputs, **fixed)
            return list(values.values())[-1], values

        inputs = {name: self.np.asarray(x) for name, x in moving.items()}
        gradients, values = self.jax.jit(self.jax.grad(program, has_aux=True))(inputs)
        return values, gradients


Reference = Callable[..., Values]


def layers(depth: int, activation: Callable[..., Any]) -> Reference:
    """A network of dense layers with half the sum of squared errors."""

    def reference(k: Any, x: Any, t: Any, **p: Any) -> Values:
        hidden = {}
        for layer in range(1, depth):
            s = p[f"W{layer}"] @ x + p[f"b{layer}"]
            other = p[f"V{layer}"] @ x + p[f"c{layer}"] if "V1" in p else p.get("a")
            x = hidden["h" if depth == 2 else f"h{layer}"] = (
                activation(k, s) if other is None else activation(k, s, other)
            )
        y = p[f"W{depth}"] @ x + p[f"b{depth}"]
        return {**hidden, "y": y, "L": ((y - t) ** 2).sum() / 2}

    return reference


ACTIVATIONS: dict[str, Callable[..., Any]] = {
    "sigmoid": lambda k, s: k.sigmoid(s),
    "tanh": lambda k, s: k.tanh(s),
    "relu": lambda k, s: k.relu(s),
    "leaky-relu": lambda k, s: k.leaky_relu(s),
    "prelu": lambda k, s, a: k.prelu(s, a),
    "elu": lambda k, s: k.elu(s),
    "gelu": lambda k, s: k.gelu(s),
    "siren": lambda k, s: k.sin(30 * s),
    "maxout": lambda k, s, other: k.maximum(s, other),
}


def logistic_regression(k: Any, X: Any, w: Any, b: Any, y: Any) -> Values:
    p = k.sigmoid(X @ w + b)
    return {"p": p, "L": k.binary_cross_entropy(p, y)}


def xor(k: Any, x: Any, W: Any, c: Any, w: Any) -> Values:
    u = W.T @ x + c
    h = k.relu(u)
    return {"u": u, "h": h, "y": w @ h}


def xor_batch(k: Any, X: Any, W: Any, c: Any, w: Any, b: Any, t: Any) -> Values:
    H = k.relu(X @ W + c)
    y = H @ w + b
    return {"H": H, "y": y, "J": k.mse_loss(y, t)}


def softmax_classifier(k: Any, X: Any, W: Any, b: Any, y: Any, **rest: Any) -> Values:
    S = X @ W + b
    data = k.cross_entropy(S, y)
    penalty = rest["lambda"] * (W * W).sum()
    return {"S": S, "data": data, "penalty": penalty, "L": data + penalty}


def conv_relu_pool_dense(k: Any, x: Any, K: Any, b: Any, W: Any, c: Any, y: Any) -> Values:
    a = k.relu(k.conv2d(x, K, b, padding=1))
    p = k.pool("max", a)
    s = W @ p.reshape(-1) + c
    return {"a": a, "p": p, "s": s, "L": k.cross_entropy(s, y)}


def residual_block(k: Any, x: Any, W1: Any, b1: Any, W2: Any, b2: Any, t: Any) -> Values:
    h = k.relu(W1 @ x + b1)
    F = W2 @ h + b2
    y = k.relu(x + F)
    return {"h": h, "F": F, "y": y, "L": ((y - t) ** 2).sum() / 2}


def batch_norm(k: Any, X: Any, W: Any, gamma: Any, beta: Any, T: Any) -> Values:
    Z = X @ W
    N = k.batch_norm(Z, gamma, beta)
    A = k.relu(N)
    return {"Z": Z, "N": N, "A": A, "L": k.mse_loss(A, T)}


def rnn(
    k: Any, X: Any, h0: Any, W: Any, U: Any, b: Any, V: Any, c: Any, y: Any
) -> Values:  # fmt: skip
    h, states = h0, {}
    for t in range(5):
        h = states[f"h{t + 1}"] = k.tanh(W @ X[t] + U @ h + b)
    H = k.stack(list(states.values()))
    S = H @ V.T + c
    return {**states, "H": H, "S": S, "L": k.cross_entropy(S, y)}


def lstm(
    k: Any, X: Any, h0: Any, c0: Any, W: Any, U: Any, b: Any, v: Any, t: Any
) -> Values:  # fmt: skip
    H = k.lstm(X, h0, c0, W, U, b)
    y = v @ H[4]
    return {"H": H, "y": y, "L": (y - t) ** 2 / 2}


def gru(
    k: Any, X: Any, h0: Any, W: Any, U: Any, b: Any, c: Any, v: Any, t: Any
) -> Values:  # fmt: skip
    H = k.gru(X, h0, W, U, b, c)
    y = v @ H[4]
    return {"H": H, "y": y, "L": (y - t) ** 2 / 2}


def autoencoder(k: Any, X: Any, W: Any, b: Any, V: Any, c: Any) -> Values:
    code = k.tanh(X @ W + b)
    Y = k.sigmoid(code @ V + c)
    return {"code": code, "Y": Y, "L": k.mse_loss(Y, X)}


def vae(
    k: Any, x: Any, A: Any, a: Any, M: Any, m: Any, S: Any, s: Any, noise: Any, D: Any, d: Any
) -> Values:
    h = k.tanh(A @ x + a)
    mu, logvar = M @ h + m, S @ h + s
    z = mu + k.exp(0.5 * logvar) * noise
    p = k.sigmoid(D @ z + d)
    reconstruction = 6 * k.binary_cross_entropy(p, x)
    divergence = (mu**2 + k.exp(logvar) - 1 - logvar).sum() / 2
    return {
        "h": h, "mu": mu, "logvar": logvar, "z": z, "p": p, "reconstruction": reconstruction,
        "divergence": divergence, "L": reconstruction + divergence,
    }  # fmt: skip


def mazur(k: Any, x: Any, W1: Any, b1: Any, W2: Any, b2: Any, t: Any) -> Values:
    neth = W1 @ x + b1
    outh = k.sigmoid(neth)
    neto = W2 @ outh + b2
    outo = k.sigmoid(neto)
    errors = (t - outo) ** 2 / 2
    return {
        "neth": neth, "outh": outh, "neto": neto, "outo": outo, "errors": errors, "E": errors.sum(),
    }  # fmt: skip


def u_net(k: Any, x: Any, K1: Any, K2: Any, K3: Any, K4: Any, T: Any) -> Values:
    down = k.relu(k.conv2d(x, K1, padding=1))
    bottom = k.relu(k.conv2d(k.pool("max", down), K2, padding=1))
    joined = k.concat([down, k.upsample(bottom)])
    up = k.relu(k.conv2d(joined, K3, padding=1))
    y = k.conv2d(up, K4)
    loss = k.binary_cross_entropy_with_logits(y, T)
    return {"down": down, "bottom": bottom, "joined": joined, "up": up, "y": y, "L": loss}


def encoder_decoder(k: Any, x: Any, K1: Any, b1: Any, K2: Any, b2: Any) -> Values:
    code = k.pool("avg", k.tanh(k.conv2d(x, K1, b1, padding=1)))
    y = k.conv2d(k.upsample(code), K2, b2, padding=1)
    return {"code": code, "y": y, "L": k.mse_loss(y, x)}


def cifar(k: Any, x: Any, W1: Any, W2: Any, y: Any) -> Values:
    h = k.relu(W1 @ x)
    s = W2 @ h
    return {"h": h, "s": s, "L": k.cross_entropy(s, y)}


def cs231n_l2(k: Any, W: Any, x: Any) -> Values:
    q = W @ x
    return {"q": q, "f": (q * q).sum()}


def cs231n_relu_vec(k: Any, x: Any, g: Any) -> Values:
    z = k.relu(x)
    return {"z": z, "L": (g * z).sum()}


def cs231n_matmul(k: Any, X: Any, W: Any, G: Any) -> Values:
    Y = X @ W
    return {"Y": Y, "L": (G * Y).sum()}


def cs231n_softmax_cat(k: Any, s: Any) -> Values:
    e = k.exp(s)
    Z = e.sum()
    p = e / Z
    return {"e": e, "Z": Z, "p": p, "L": -k.log(p[0])}


def cs231n_svm_vs_softmax(k: Any, W: Any, x: Any, b: Any) -> Values:
    s = W @ x + b
    p = k.softmax(s, -1)
    return {"s": s, "p": p, "L": -k.log(p[2])}


def cs231n_svm(k: Any, W: Any, x: Any, b: Any) -> Values:
    s = W @ x + b
    return {"s": s, "H": k.relu(s[0] - s[2] + 1) + k.relu(s[1] - s[2] + 1)}


def cs221_squared_loss(k: Any, w: Any, phi: Any, y: Any) -> Values:
    score = w @ phi
    residual = score - y
    return {"score": score, "residual": residual, "loss": residual**2}


def saito_mse(k: Any, y: Any, t: Any) -> Values:
    return {"E": 0.5 * ((y - t) ** 2).sum()}


def pytorch_blitz_mean(k: Any, x: Any) -> Values:
    y = x + 2
    z = y * y * 3
    return {"y": y, "z": z, "out": z.mean()}


def d2l_autograd(k: Any, x: Any) -> Values:
    return {"y": 2 * (x @ x)}


def d2l_autograd_sum(k: Any, x: Any) -> Values:
    u = x * x
    return {"u": u, "y": u.sum()}


REFERENCES: dict[str, Reference] = {
    **{f"two-layer-{name}": layers(2, rule) for name, rule in ACTIVATIONS.items()},
    **{f"three-layer-{name}": layers(3, rule) for name, rule in ACTIVATIONS.items()},
    **{
        reference.__name__.replace("_", "-"): reference
        for reference in (
            logistic_regression, xor, xor_batch, softmax_classifier, conv_relu_pool_dense,
            residual_block, batch_norm, rnn, lstm, gru, autoencoder, vae, mazur, u_net,
            encoder_decoder, cs231n_l2, cs231n_relu_vec, cs231n_matmul, cs231n_softmax_cat,
            cs231n_svm_vs_softmax, cs231n_svm, cs221_squared_loss, saito_mse, pytorch_blitz_mean,
            d2l_autograd, d2l_autograd_sum,
        )
    },
}  # fmt: skip
