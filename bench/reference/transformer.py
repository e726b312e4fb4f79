"""Writes src/graph/fixtures/transformer.json: loss, gradients and five AdamW steps of a small pre-norm
causal transformer in PyTorch, float64.

Usage: python3 bench/reference/transformer.py && npm run format  (PyTorch 1.13 wrote the committed file)
"""

import json
import pathlib

import torch
import torch.nn.functional as F

OUT = pathlib.Path(__file__).parents[2] / "src/graph/fixtures/transformer.json"
VOCABULARY, WIDTH, HEADS, LAYERS, BATCH, LENGTH = 11, 8, 2, 2, 2, 5
STEPS, LEARNING_RATE = 5, 0.01
OPTIONS = dict(beta1=0.9, beta2=0.99, epsilon=1e-8, weightDecay=0.1, clipNorm=0.5)

torch.set_default_dtype(torch.float64)
torch.manual_seed(2)

# Projections to queries, keys and values have no bias: that of the keys has no gradient, and AdamW
# would turn its rounding errors into steps.
shapes = {"tokens": [VOCABULARY, WIDTH], "positions": [LENGTH, WIDTH]}
for layer in range(LAYERS):
    shapes |= {
        f"{layer}.norm1.gain": [WIDTH],
        f"{layer}.norm1.bias": [WIDTH],
        f"{layer}.query": [WIDTH, WIDTH],
        f"{layer}.key": [WIDTH, WIDTH],
        f"{layer}.value": [WIDTH, WIDTH],
        f"{layer}.out.weight": [WIDTH, WIDTH],
        f"{layer}.out.bias": [WIDTH],
        f"{layer}.norm2.gain": [WIDTH],
        f"{layer}.norm2.bias": [WIDTH],
        f"{layer}.up.weight": [2 * WIDTH, WIDTH],
        f"{layer}.up.bias": [2 * WIDTH],
        f"{layer}.down.weight": [WIDTH, 2 * WIDTH],
        f"{layer}.down.bias": [WIDTH],
    }
shapes |= {"norm.gain": [WIDTH], "norm.bias": [WIDTH]}


def flat(tensor):
    return [float(f"{x:.7g}") for x in tensor.detach().flatten().tolist()]


def initialise(name, shape):
    value = (torch.randn(shape) * 0.4).mul(1000).round() / 1000
    return (value + 1 if name.endswith("gain") else value).requires_grad_()


p = {name: initialise(name, shape) for name, shape in shapes.items()}
ids = torch.randint(VOCABULARY, (BATCH, LENGTH))
targets = torch.randint(VOCABULARY, (BATCH * LENGTH,))
weights = torch.tensor([1, 1, 1, 0, 2, 1, 0.5, 1, 1, 0])


def norm(x, name):
    return F.layer_norm(x, [WIDTH], p[f"{name}.gain"], p[f"{name}.bias"])


def heads(x):
    return x.view(BATCH, LENGTH, HEADS, WIDTH // HEADS).transpose(1, 2)


def loss_of():
    hidden = p["tokens"][ids] + p["positions"]
    future = torch.ones(LENGTH, LENGTH, dtype=torch.bool).triu(1)
    for layer in range(LAYERS):
        x = norm(hidden, f"{layer}.norm1")
        q, k, v = (heads(x @ p[f"{layer}.{part}"].T) for part in ["query", "key", "value"])
        scores = q @ k.transpose(2, 3) / (WIDTH // HEADS) ** 0.5
        mixed = scores.masked_fill(future, float("-inf")).softmax(-1) @ v
        merged = mixed.transpose(1, 2).reshape(BATCH, LENGTH, WIDTH)
        hidden = hidden + F.linear(merged, p[f"{layer}.out.weight"], p[f"{layer}.out.bias"])
        x = norm(hidden, f"{layer}.norm2")
        x = F.gelu(F.linear(x, p[f"{layer}.up.weight"], p[f"{layer}.up.bias"]))
        hidden = hidden + F.linear(x, p[f"{layer}.down.weight"], p[f"{layer}.down.bias"])
    logits = norm(hidden, "norm") @ p["tokens"].T
    each = F.cross_entropy(logits.view(-1, VOCABULARY), targets, reduction="none")
    return (each * weights).sum() / weights.sum()


optimiser = torch.optim.AdamW(
    [
        dict(params=[x for x in p.values() if x.dim() > 1], weight_decay=OPTIONS["weightDecay"]),
        dict(params=[x for x in p.values() if x.dim() == 1], weight_decay=0.0),
    ],
    lr=LEARNING_RATE,
    betas=(OPTIONS["beta1"], OPTIONS["beta2"]),
    eps=OPTIONS["epsilon"],
)

initial = {name: flat(x) for name, x in p.items()}
losses = []
for step in range(STEPS):
    optimiser.zero_grad()
    loss = loss_of()
    loss.backward()
    losses.append(loss.item())
    if step == 0:
        first = {name: flat(x.grad) for name, x in p.items()}
    torch.nn.utils.clip_grad_norm_(p.values(), OPTIONS["clipNorm"])
    optimiser.step()

parameters = {
    name: dict(shape=shape, initial=initial[name], gradient=first[name], final=flat(p[name]))
    for name, shape in shapes.items()
}
OUT.parent.mkdir(exist_ok=True)
OUT.write_text(
    json.dumps(
        dict(
            heads=HEADS,
            layers=LAYERS,
            batch=BATCH,
            length=LENGTH,
            ids=ids.flatten().tolist(),
            targets=targets.tolist(),
            weights=weights.tolist(),
            learningRate=LEARNING_RATE,
            options=OPTIONS,
            losses=losses,
            parameters=parameters,
        )
    )
    + "\n"
)
print(losses, min(sum(x * x for x in g) ** 0.5 for g in first.values()))
