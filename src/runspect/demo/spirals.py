"""Two spirals and a small network that tells them apart, in NumPy: forward, backward and Adam by hand."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import numpy.typing as npt

from runspect.dataclass import dataclass, field

Floats = npt.NDArray[np.float64]
Labels = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Points:
    """`x` is (n, 2), `label` (n,) of 0 and 1."""

    x: Floats
    label: Labels


def spirals(count: int, noise: float, random: np.random.Generator) -> Points:
    """`count` points on two arms, each one and a quarter turns, blurred by `noise`."""
    label = random.integers(0, 2, count)
    turn = np.sqrt(random.uniform(0.02, 1.0, count)) * 2.5 * np.pi
    angle = turn + label * np.pi
    radius = turn / (2.5 * np.pi)
    x = np.stack((radius * np.cos(angle), radius * np.sin(angle)), axis=1)
    return Points(x + random.normal(0, noise, x.shape), label)


@dataclass(slots=True)
class Network:
    """Fully connected with tanh between the layers and a softmax over two classes at the end; mutable."""

    weights: list[Floats]
    biases: list[Floats]
    steps: int = 0
    first: list[Floats] = field(default_factory=list)
    second: list[Floats] = field(default_factory=list)

    @staticmethod
    def create(hidden: int, layers: int, random: np.random.Generator) -> Network:
        """Random weights (Glorot and Bengio 2010), biases 0."""
        sizes = [2, *[hidden] * layers, 2]
        weights = [random.normal(0, np.sqrt(2 / (a + b)), (a, b)) for a, b in pairwise(sizes)]
        return Network(weights, [np.zeros(size) for size in sizes[1:]])

    def train(self, batch: Points, learning_rate: float) -> tuple[float, float]:
        """One step of Adam (Kingma and Ba 2015). Returns loss and gradient norm before the step."""
        layers = self._forward(batch.x)
        share = _softmax(layers[-1])
        loss = _cross_entropy(share, batch.label)
        share[np.arange(len(batch.label)), batch.label] -= 1
        slope = share / len(batch.label)
        slopes: list[Floats] = []
        for i in reversed(range(len(self.weights))):
            slopes[:0] = [layers[i].T @ slope, slope.sum(axis=0)]
            slope = (slope @ self.weights[i].T) * (1 - layers[i] ** 2)
        self._adam(slopes, learning_rate)
        return loss, float(np.sqrt(sum(float((one**2).sum()) for one in slopes)))

    def judge(self, points: Points) -> tuple[float, float]:
        """Loss and accuracy."""
        share = _softmax(self._forward(points.x)[-1])
        return _cross_entropy(share, points.label), float((share.argmax(axis=1) == points.label).mean())

    def _forward(self, x: Floats) -> list[Floats]:
        """The input of each layer, and last the raw scores."""
        layers = [x]
        for i, (weight, bias) in enumerate(zip(self.weights, self.biases, strict=True)):
            score = layers[-1] @ weight + bias
            layers.append(score if i + 1 == len(self.weights) else np.tanh(score))
        return layers

    def _adam(self, slopes: list[Floats], learning_rate: float, beta1: float = 0.9, beta2: float = 0.999) -> None:
        if not self.first:
            self.first = [np.zeros_like(one) for one in slopes]
            self.second = [np.zeros_like(one) for one in slopes]
        self.steps += 1
        values = [one for pair in zip(self.weights, self.biases, strict=True) for one in pair]
        for value, slope, m, v in zip(values, slopes, self.first, self.second, strict=True):
            m += (1 - beta1) * (slope - m)
            v += (1 - beta2) * (slope**2 - v)
            rate = learning_rate * np.sqrt(1 - beta2**self.steps) / (1 - beta1**self.steps)
            value -= rate * m / (np.sqrt(v) + 1e-8)


def _softmax(scores: Floats) -> Floats:
    powers = np.exp(scores - scores.max(axis=1, keepdims=True))
    return np.asarray(powers / powers.sum(axis=1, keepdims=True), dtype=np.float64)


def _cross_entropy(share: Floats, label: Labels) -> float:
    return float(-np.log(np.maximum(share[np.arange(len(label)), label], 1e-12)).mean())
