"""Writes src/graph/fixtures/adamw.json: AdamW steps of PyTorch on a small least-squares problem.

Usage: python3 bench/reference/adamw.py && npm run format  (PyTorch 1.13 wrote the committed file)
"""

import json
import pathlib

import torch

OUT = pathlib.Path(__file__).parents[2] / "src/graph/fixtures/adamw.json"
STEPS, ROWS, INPUTS, OUTPUTS = 6, 5, 4, 3
OPTIONS = dict(beta1=0.8, beta2=0.95, epsilon=1e-6, weightDecay=0.1, clipNorm=1.0)
# Two groups of parameters as fine-tuning has them: one slower and with a decay of its own.
RATE, DECAY = 0.25, 3.0

torch.set_default_dtype(torch.float64)
torch.manual_seed(1)


def flat(tensor, digits=9):
    return [float(f"{x:.{digits}g}") for x in tensor.detach().flatten().tolist()]


def numbers(*shape, scale=1.0):
    return (torch.randn(*shape) * scale).mul(100).round() / 100


weight = numbers(OUTPUTS, INPUTS).requires_grad_()
bias = numbers(OUTPUTS).requires_grad_()
gain = numbers(OUTPUTS).requires_grad_()
initial = {"weight": flat(weight), "bias": flat(bias), "gain": flat(gain)}

optimiser = torch.optim.AdamW(
    [
        dict(params=[weight], weight_decay=OPTIONS["weightDecay"]),
        dict(params=[bias], weight_decay=0.0),
        dict(params=[gain], weight_decay=DECAY * OPTIONS["weightDecay"]),
    ],
    betas=(OPTIONS["beta1"], OPTIONS["beta2"]),
    eps=OPTIONS["epsilon"],
)

steps = []
for step in range(1, STEPS + 1):
    # Every other step has small data, so that its gradient is not clipped.
    x = numbers(ROWS, INPUTS, scale=2.0 if step % 2 else 0.1)
    target = numbers(ROWS, OUTPUTS, scale=2.0 if step % 2 else 0.1)
    learning_rate = 0.1 / step
    for group, rate in zip(optimiser.param_groups, [1, 1, RATE]):
        group["lr"] = learning_rate * rate
    optimiser.zero_grad()
    loss = (((x @ weight.T + bias) * gain - target) ** 2).sum() / 10
    loss.backward()
    norm = torch.nn.utils.clip_grad_norm_([weight, bias, gain], OPTIONS["clipNorm"])
    optimiser.step()
    steps.append(
        dict(
            learningRate=learning_rate,
            x=flat(x),
            target=flat(target),
            loss=loss.item(),
            gradientNorm=norm.item(),
            weight=flat(weight),
            bias=flat(bias),
            gain=flat(gain),
        )
    )

OUT.parent.mkdir(exist_ok=True)
OUT.write_text(
    json.dumps(
        dict(
            options=OPTIONS,
            shapes=dict(x=[ROWS, INPUTS], target=[ROWS, OUTPUTS]),
            trainables=dict(
                weight=dict(shape=[OUTPUTS, INPUTS]),
                bias=dict(shape=[OUTPUTS]),
                gain=dict(shape=[OUTPUTS], rate=RATE, decay=DECAY),
            ),
            initial=initial,
            steps=steps,
        )
    )
    + "\n"
)
print([(s["loss"], s["gradientNorm"]) for s in steps])
