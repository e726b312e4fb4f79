"""Writes src/language/fixtures/biogpt.json: a small random checkpoint in BioGPT's published format and
the hidden states that PyTorch, float64, computes from it.

Written after the published architecture (Luo et al. 2022; the checkpoint's own names): learned
positions with an offset of 2, embeddings times sqrt(width), normalisation before each sublayer, exact
GELU, a last normalisation.

Usage: python3 bench/reference/biogpt.py && npm run format  (PyTorch 1.13 wrote the committed file)
"""

import json
import pathlib

import torch
import torch.nn.functional as F

OUT = pathlib.Path(__file__).parents[2] / "src/language/fixtures/biogpt.json"
VOCABULARY, WIDTH, HEADS, LAYERS, INNER, CONTEXT = 13, 8, 2, 2, 16, 7
BATCH, LENGTH = 2, 6
EPSILON = 1e-12

torch.set_default_dtype(torch.float64)
torch.manual_seed(3)

# Embeddings are small, so that the first normalisation would show another epsilon.
shapes = {
    "biogpt.embed_tokens.weight": ([VOCABULARY, WIDTH], 0.02),
    "biogpt.embed_positions.weight": ([CONTEXT + 2, WIDTH], 0.02),
}
for layer in range(LAYERS):
    prefix = f"biogpt.layers.{layer}"
    for part in ["q_proj", "k_proj", "v_proj", "out_proj"]:
        shapes[f"{prefix}.self_attn.{part}.weight"] = ([WIDTH, WIDTH], 0.6)
        shapes[f"{prefix}.self_attn.{part}.bias"] = ([WIDTH], 0.4)
    shapes[f"{prefix}.self_attn_layer_norm.weight"] = ([WIDTH], 0.3)
    shapes[f"{prefix}.self_attn_layer_norm.bias"] = ([WIDTH], 0.3)
    shapes[f"{prefix}.fc1.weight"] = ([INNER, WIDTH], 0.6)
    shapes[f"{prefix}.fc1.bias"] = ([INNER], 0.4)
    shapes[f"{prefix}.fc2.weight"] = ([WIDTH, INNER], 0.6)
    shapes[f"{prefix}.fc2.bias"] = ([WIDTH], 0.4)
    shapes[f"{prefix}.final_layer_norm.weight"] = ([WIDTH], 0.3)
    shapes[f"{prefix}.final_layer_norm.bias"] = ([WIDTH], 0.3)
shapes["biogpt.layer_norm.weight"] = ([WIDTH], 0.3)
shapes["biogpt.layer_norm.bias"] = ([WIDTH], 0.3)


def initialise(name, shape, deviation):
    value = (torch.randn(shape) * deviation).mul(1e4).round() / 1e4
    return value + 1 if name.endswith("norm.weight") else value


p = {name: initialise(name, shape, deviation) for name, (shape, deviation) in shapes.items()}
ids = torch.randint(VOCABULARY, (BATCH, LENGTH))


def forward(epsilon=EPSILON, offset=2, scale=WIDTH**0.5, gelu=F.gelu):
    def norm(x, name):
        return F.layer_norm(x, [WIDTH], p[f"{name}.weight"], p[f"{name}.bias"], epsilon)

    def dense(x, name):
        return F.linear(x, p[f"{name}.weight"], p[f"{name}.bias"])

    def heads(x):
        return x.view(BATCH, LENGTH, HEADS, WIDTH // HEADS).transpose(1, 2)

    positions = p["biogpt.embed_positions.weight"][offset : offset + LENGTH]
    hidden = p["biogpt.embed_tokens.weight"][ids] * scale + positions
    future = torch.ones(LENGTH, LENGTH, dtype=torch.bool).triu(1)
    states = []
    for layer in range(LAYERS):
        prefix = f"biogpt.layers.{layer}"
        x = norm(hidden, f"{prefix}.self_attn_layer_norm")
        q, k, v = (heads(dense(x, f"{prefix}.self_attn.{part}_proj")) for part in "qkv")
        scores = q @ k.transpose(2, 3) / (WIDTH // HEADS) ** 0.5
        mixed = scores.masked_fill(future, float("-inf")).softmax(-1) @ v
        merged = mixed.transpose(1, 2).reshape(BATCH, LENGTH, WIDTH)
        hidden = hidden + dense(merged, f"{prefix}.self_attn.out_proj")
        x = norm(hidden, f"{prefix}.final_layer_norm")
        hidden = hidden + dense(gelu(dense(x, f"{prefix}.fc1")), f"{prefix}.fc2")
        states.append(hidden)
    states.append(norm(hidden, "biogpt.layer_norm"))
    return states, states[-1] @ p["biogpt.embed_tokens.weight"].T


def flat(tensor):
    return [float(f"{x:.7g}") for x in tensor.flatten().tolist()]


states, logits = forward()
# What the fixture is there to tell apart must show far above the tolerance of the test.
for other in [
    dict(epsilon=1e-5),
    dict(offset=0),
    dict(scale=1),
    dict(gelu=lambda x: 0.5 * x * (1 + torch.tanh((2 / torch.pi) ** 0.5 * (x + 0.044715 * x**3)))),
]:
    difference = (forward(**other)[0][-1] - states[-1]).abs().max().item()
    assert difference > 2e-4, (other, difference)

OUT.parent.mkdir(exist_ok=True)
OUT.write_text(
    json.dumps(
        dict(
            config=dict(
                model_type="biogpt",
                vocab_size=VOCABULARY,
                hidden_size=WIDTH,
                num_hidden_layers=LAYERS,
                num_attention_heads=HEADS,
                intermediate_size=INNER,
                hidden_act="gelu",
                max_position_embeddings=CONTEXT,
                scale_embedding=True,
                layer_norm_eps=EPSILON,
                bos_token_id=0,
                pad_token_id=1,
                eos_token_id=2,
            ),
            shape=[BATCH, LENGTH],
            ids=ids.flatten().tolist(),
            parameters={
                name: dict(shape=shape, data=flat(p[name])) for name, (shape, _) in shapes.items()
            },
            states=[flat(x) for x in states],
            logits=flat(logits),
        )
    )
    + "\n"
)
