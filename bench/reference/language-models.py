"""Writes src/language/fixtures/{gpt2,bert,llama,qwen2,qwen3}.json: small checkpoints in the published
formats (names, shapes, configuration) and the hidden states that PyTorch, float64, computes from them.

GPT-2 and BERT are PyTorch's own TransformerEncoderLayer; the Llama family is written after its papers, with
rotary positions as complex numbers (Su et al. 2021, section 3.2). The numbers of a parameter are a formula of
its name that src/language/test-support.ts shares, so they need not be committed.

Usage: python3 bench/reference/language-models.py && npm run format  (PyTorch 1.13 wrote the committed files)
"""

import json
import math
import pathlib

import torch
import torch.nn.functional as F

OUT = pathlib.Path(__file__).parents[2] / "src/language/fixtures"
VOCABULARY, WIDTH, INNER, LAYERS, CONTEXT = 13, 8, 12, 2, 7
BATCH, LENGTH = 2, 5
IDS = torch.tensor([[7, 6, 10, 4, 9], [11, 7, 6, 12, 5]])
EPSILON = 1e-3

torch.set_default_dtype(torch.float64)


def formula(name, shape):
    """Numbers from -0.5 to 0.5, those of a norm's weight from 0.5 to 1.5: FNV-1a, then a congruential generator."""
    state = 0x811C9DC5
    for byte in name.encode():
        state = ((state ^ byte) * 0x01000193) % 2**32
    numbers = []
    for _ in range(math.prod(shape)):
        state = (state * 1664525 + 1013904223) % 2**32
        numbers.append(state / 2**32 - 0.5 + bool(len(shape) == 1 and name.endswith(".weight")))
    return torch.tensor(numbers).reshape(shape)


def dense(name, out, inner, bias=True):
    return {f"{name}.weight": [out, inner], **({f"{name}.bias": [out]} if bias else {})}


def norm(name):
    return {f"{name}.weight": [WIDTH], f"{name}.bias": [WIDTH]}


def encoder_layer(heads, activation, norm_first, epsilon, values):
    """PyTorch's layer with: in_proj, out_proj, norm1, linear1, linear2, norm2 (weight and bias each)."""
    layer = torch.nn.TransformerEncoderLayer(
        WIDTH, heads, INNER, 0.0, activation, epsilon, batch_first=True, norm_first=norm_first
    )
    names = ["self_attn.in_proj_weight", "self_attn.in_proj_bias"]
    for part in ["self_attn.out_proj", "norm1", "linear1", "linear2", "norm2"]:
        names += [f"{part}.weight", f"{part}.bias"]
    layer.load_state_dict(dict(zip(names, values, strict=True)))
    return layer.requires_grad_(False)


GPT2 = dict(
    model_type="gpt2",
    vocab_size=VOCABULARY,
    n_positions=CONTEXT,
    n_embd=WIDTH,
    n_layer=LAYERS,
    n_head=2,
    n_inner=INNER,
    activation_function="gelu_new",
    layer_norm_epsilon=EPSILON,
)
gpt2_shapes = {"wte.weight": [VOCABULARY, WIDTH], "wpe.weight": [CONTEXT, WIDTH], **norm("ln_f")}
for i in range(LAYERS):
    gpt2_shapes |= norm(f"h.{i}.ln_1") | norm(f"h.{i}.ln_2")
    for part, inner, out in [
        ("attn.c_attn", WIDTH, 3 * WIDTH),
        ("attn.c_proj", WIDTH, WIDTH),
        ("mlp.c_fc", WIDTH, INNER),
        ("mlp.c_proj", INNER, WIDTH),
    ]:
        gpt2_shapes |= {f"h.{i}.{part}.weight": [inner, out], f"h.{i}.{part}.bias": [out]}
gpt2_shapes = {f"transformer.{name}": shape for name, shape in gpt2_shapes.items()}


def gpt2(approximate="tanh", epsilon=EPSILON):
    p = {name: formula(name, shape) for name, shape in gpt2_shapes.items()}
    x = p["transformer.wte.weight"][IDS] + p["transformer.wpe.weight"][:LENGTH]
    future = torch.ones(LENGTH, LENGTH, dtype=torch.bool).triu(1)
    states = []
    for i in range(LAYERS):
        values = []
        for part in ["attn.c_attn", "attn.c_proj", "ln_1", "mlp.c_fc", "mlp.c_proj", "ln_2"]:
            at = f"transformer.h.{i}.{part}"
            weight = p[f"{at}.weight"]
            values += [weight if "ln" in part else weight.T, p[f"{at}.bias"]]
        activation = lambda y: F.gelu(y, approximate=approximate)  # noqa: E731
        x = encoder_layer(2, activation, True, epsilon, values)(x, src_mask=future)
        states.append(x)
    last = [p[f"transformer.ln_f.{part}"] for part in ["weight", "bias"]]
    return states + [F.layer_norm(x, [WIDTH], *last, epsilon)]


BERT = dict(
    model_type="bert",
    vocab_size=VOCABULARY,
    hidden_size=WIDTH,
    num_hidden_layers=LAYERS,
    num_attention_heads=2,
    intermediate_size=INNER,
    hidden_act="gelu",
    max_position_embeddings=CONTEXT,
    type_vocab_size=2,
    layer_norm_eps=EPSILON,
)
bert_shapes = {
    "embeddings.word_embeddings.weight": [VOCABULARY, WIDTH],
    "embeddings.position_embeddings.weight": [CONTEXT, WIDTH],
    "embeddings.token_type_embeddings.weight": [2, WIDTH],
    **norm("embeddings.LayerNorm"),
}
for i in range(LAYERS):
    at = f"encoder.layer.{i}"
    for part in ["query", "key", "value"]:
        bert_shapes |= dense(f"{at}.attention.self.{part}", WIDTH, WIDTH)
    bert_shapes |= dense(f"{at}.attention.output.dense", WIDTH, WIDTH)
    bert_shapes |= norm(f"{at}.attention.output.LayerNorm") | norm(f"{at}.output.LayerNorm")
    bert_shapes |= dense(f"{at}.intermediate.dense", INNER, WIDTH)
    bert_shapes |= dense(f"{at}.output.dense", WIDTH, INNER)
bert_shapes = {f"bert.{name}": shape for name, shape in bert_shapes.items()}
# The second text is shorter: its last two tokens are padding.
PRESENT = torch.tensor([[1, 1, 1, 1, 1], [1, 1, 1, 0, 0]])


def bert(approximate="none", epsilon=EPSILON, present=PRESENT, token_type=0):
    p = {name: formula(name, shape) for name, shape in bert_shapes.items()}

    def pair(name):
        return [p[f"bert.{name}.weight"], p[f"bert.{name}.bias"]]

    x = p["bert.embeddings.word_embeddings.weight"][IDS]
    x = x + p["bert.embeddings.position_embeddings.weight"][:LENGTH]
    x = x + p["bert.embeddings.token_type_embeddings.weight"][token_type]
    x = F.layer_norm(x, [WIDTH], *pair("embeddings.LayerNorm"), epsilon)
    states = []
    for i in range(LAYERS):
        at = f"encoder.layer.{i}"
        separate = [pair(f"{at}.attention.self.{part}") for part in ["query", "key", "value"]]
        values = [torch.cat(part) for part in zip(*separate)]
        for part in ["attention.output.dense", "attention.output.LayerNorm", "intermediate.dense"]:
            values += pair(f"{at}.{part}")
        values += pair(f"{at}.output.dense") + pair(f"{at}.output.LayerNorm")
        activation = lambda y: F.gelu(y, approximate=approximate)  # noqa: E731
        layer = encoder_layer(2, activation, False, epsilon, values)
        x = layer(x, src_key_padding_mask=present == 0)
        states.append(x)
    return states + [x]


DECODER = dict(
    vocab_size=VOCABULARY,
    hidden_size=WIDTH,
    intermediate_size=INNER,
    num_hidden_layers=LAYERS,
    num_attention_heads=4,
    num_key_value_heads=2,
    hidden_act="silu",
    max_position_embeddings=CONTEXT,
    rms_norm_eps=EPSILON,
)
LLAMA3 = dict(
    rope_type="llama3",
    factor=4.0,
    low_freq_factor=1.0,
    high_freq_factor=4.0,
    original_max_position_embeddings=16,
)
LLAMA = dict(model_type="llama", **DECODER, head_dim=4, rope_theta=100.0, rope_scaling=LLAMA3)
QWEN2 = {**DECODER, "num_attention_heads": 2, "num_key_value_heads": 1, "rope_theta": 50.0}
QWEN2 = dict(model_type="qwen2", **QWEN2, tie_word_embeddings=True)
QWEN3 = dict(model_type="qwen3", **DECODER, head_dim=6, rope_theta=1000.0)


def decoder_shapes(config):
    heads, groups = config["num_attention_heads"], config["num_key_value_heads"]
    d = config.get("head_dim", WIDTH // heads)
    bias = config["model_type"] == "qwen2"
    shapes = {"embed_tokens.weight": [VOCABULARY, WIDTH], "norm.weight": [WIDTH]}
    for i in range(LAYERS):
        at = f"layers.{i}"
        shapes |= dense(f"{at}.self_attn.q_proj", heads * d, WIDTH, bias)
        shapes |= dense(f"{at}.self_attn.k_proj", groups * d, WIDTH, bias)
        shapes |= dense(f"{at}.self_attn.v_proj", groups * d, WIDTH, bias)
        shapes |= dense(f"{at}.self_attn.o_proj", WIDTH, heads * d, False)
        if config["model_type"] == "qwen3":
            shapes |= {f"{at}.self_attn.{part}_norm.weight": [d] for part in "qk"}
        for part in ["gate_proj", "up_proj"]:
            shapes |= dense(f"{at}.mlp.{part}", INNER, WIDTH, False)
        shapes |= dense(f"{at}.mlp.down_proj", WIDTH, INNER, False)
        for part in ["input_layernorm", "post_attention_layernorm"]:
            shapes[f"{at}.{part}.weight"] = [WIDTH]
    return {f"model.{name}": shape for name, shape in shapes.items()}


def turned_frequencies(d, theta, scaling):
    frequencies = [theta ** (-2 * pair / d) for pair in range(d // 2)]
    if not scaling:
        return torch.tensor(frequencies)
    # Llama 3.1's published rule, by wavelengths.
    longest = scaling["original_max_position_embeddings"] / scaling["low_freq_factor"]
    shortest = scaling["original_max_position_embeddings"] / scaling["high_freq_factor"]
    result = []
    for frequency in frequencies:
        length = 2 * math.pi / frequency
        if length < shortest:
            result.append(frequency)
        elif length > longest:
            result.append(frequency / scaling["factor"])
        else:
            ratio = scaling["original_max_position_embeddings"] / length
            smooth = (ratio - scaling["low_freq_factor"]) / (
                scaling["high_freq_factor"] - scaling["low_freq_factor"]
            )
            result.append((1 - smooth) * frequency / scaling["factor"] + smooth * frequency)
    return torch.tensor(result)


def decoder(config, **other):
    config = {**config, **other}
    p = {name: formula(name, shape) for name, shape in decoder_shapes(config).items()}
    heads, groups = config["num_attention_heads"], config["num_key_value_heads"]
    d = config.get("head_dim", WIDTH // heads)
    frequencies = turned_frequencies(d, config["rope_theta"], config.get("rope_scaling"))
    turns = torch.polar(torch.ones(LENGTH, d // 2), torch.arange(LENGTH)[:, None] * frequencies)

    def rms(x, name):
        root = (x.square().mean(-1, keepdim=True) + config["rms_norm_eps"]).sqrt()
        return x / root * p[f"model.{name}.weight"]

    def linear(x, name):
        return F.linear(x, p[f"model.{name}.weight"], p.get(f"model.{name}.bias"))

    def rotate(x):  # [B, T, H, d], the halves of a head are real and imaginary parts
        y = torch.complex(*x.chunk(2, -1)) * turns[:, None]
        return torch.cat([y.real, y.imag], -1)

    x = p["model.embed_tokens.weight"][IDS]
    states = []
    for i in range(LAYERS):
        at = f"layers.{i}.self_attn"
        y = rms(x, f"layers.{i}.input_layernorm")
        q = linear(y, f"{at}.q_proj").view(BATCH, LENGTH, heads, d)
        k = linear(y, f"{at}.k_proj").view(BATCH, LENGTH, groups, d)
        v = linear(y, f"{at}.v_proj").view(BATCH, LENGTH, groups, d)
        if config["model_type"] == "qwen3":
            q, k = rms(q, f"{at}.q_norm"), rms(k, f"{at}.k_norm")
        q, k = rotate(q), rotate(k)
        mixed = torch.zeros(BATCH, LENGTH, heads, d)
        for head in range(heads):
            group = head // (heads // groups)
            for t in range(LENGTH):
                scores = torch.einsum("bd,bsd->bs", q[:, t, head], k[:, : t + 1, group])
                weights = (scores / math.sqrt(d)).softmax(-1)
                mixed[:, t, head] = torch.einsum("bs,bsd->bd", weights, v[:, : t + 1, group])
        x = x + linear(mixed.flatten(2), f"{at}.o_proj")
        y = rms(x, f"layers.{i}.post_attention_layernorm")
        at = f"layers.{i}.mlp"
        inner = F.silu(linear(y, f"{at}.gate_proj")) * linear(y, f"{at}.up_proj")
        x = x + linear(inner, f"{at}.down_proj")
        states.append(x)
    return states + [rms(x, "norm")]


def write(config, shapes, forward, others, present=None):
    states = forward()
    seen = torch.ones_like(IDS) if present is None else present
    # What the fixture is there to tell apart must show far above the tolerance of the test.
    for other in others:
        difference = (forward(**other)[-1] - states[-1])[seen == 1].abs().max().item()
        assert difference > 3e-4, (config["model_type"], other, difference)
    content = dict(
        config=config,
        parameters=shapes,
        ids=IDS.tolist(),
        present=seen.tolist(),
        # [B, T, D] after each block, then normalised
        states=[[float(f"{x:.7g}") for x in state.flatten().tolist()] for state in states],
    )
    OUT.joinpath(f"{config['model_type']}.json").write_text(json.dumps(content) + "\n")


if __name__ == "__main__":
    write(GPT2, gpt2_shapes, gpt2, [dict(epsilon=1e-5), dict(approximate="none")])
    others = [dict(approximate="tanh"), dict(present=PRESENT * 0 + 1), dict(token_type=1)]
    write(BERT, bert_shapes, bert, [dict(epsilon=1e-12), *others], PRESENT)
    for model, others in [
        (LLAMA, [dict(rms_norm_eps=1e-6), dict(rope_theta=1e4), dict(rope_scaling=None)]),
        (QWEN2, [dict(rms_norm_eps=1e-6), dict(rope_theta=1e4)]),
        (QWEN3, [dict(rms_norm_eps=1e-6), dict(rope_theta=1e4)]),
    ]:
        forward = lambda model=model, **other: decoder(model, **other)  # noqa: E731
        write(model, decoder_shapes(model), forward, others)
