"""The twin of bench/engine-tasks.js in PyTorch, started by bench/engine.js and bench/device.js.

Also started by bench/encode.js, with weights and windows in files. Reads what the task is made of from the
first line, then for each number of runs prints one line with what they took. The formulas are those of src/language/biogpt.ts and src/model; the grouping layer
takes its products in the same order.
"""

import json
import resource
import sys
import time

try:
    import numpy as np
    import torch
    import torch.nn.functional as F
except ImportError:
    sys.exit(0)  # bench/engine.js says so


def numbers(value):
    """Noise, whole numbers or a constant, the same ones as in engine-tasks.js."""
    shape = value["shape"]
    size = int(np.prod(shape))
    kind = dict(float32=np.float32, float16=np.float16, int32=np.int64)[value["type"]]
    if "value" in value:
        return torch.from_numpy(np.full(shape, value["value"], kind))
    if "upTo" in value:
        return torch.from_numpy(np.minimum(np.arange(size), value["upTo"]).astype(kind))
    x = np.arange(1, size + 1, dtype=np.uint32) * np.uint32(0x9E3779B1)
    x ^= np.uint32((value["seed"] + 1) * 0x85EBCA6B % 2**32)
    x = (x ^ (x >> np.uint32(15))) * np.uint32(0x2C1B3C6D)
    x = (x ^ (x >> np.uint32(12))) * np.uint32(0x297A2D39)
    uniform = (x ^ (x >> np.uint32(15))) / 2**32
    if "below" in value:
        data = np.floor(uniform * value["below"])
    else:
        data = ((2 * uniform - 1) * value["noise"]).astype(np.float32)
    return torch.from_numpy(data.astype(kind).reshape(shape))


def tensors_of(path):
    """The tensors of a safetensors file, float32."""
    with open(path, "rb") as file:
        size = int.from_bytes(file.read(8), "little")
        header = json.loads(file.read(size))
        data = file.read()
    kinds = dict(F32=np.float32, F16=np.float16)
    return {
        name: torch.from_numpy(
            np.frombuffer(data[slice(*entry["data_offsets"])], kinds[entry["dtype"]])
            .reshape(entry["shape"])
            .astype(np.float32)
        )
        for name, entry in header.items()
        if name != "__metadata__"
    }


def linear(name, x):
    if name in INT8:
        return INT8[name](x)
    return F.linear(x, P[f"{name}.weight"], P[f"{name}.bias"])


def norm(name, x, epsilon=1e-5):
    return F.layer_norm(x, x.shape[-1:], P[f"{name}.weight"], P[f"{name}.bias"], epsilon)


def attend(q, k, v, heads, mask):
    """Queries [B, N, d] on keys and values [B, M, d]."""
    q, k, v = (x.unflatten(-1, (heads, -1)).transpose(1, 2) for x in (q, k, v))
    scores = q @ k.transpose(-1, -2) * q.shape[-1] ** -0.5
    if mask is not None:
        scores = scores + mask
    return (scores.softmax(-1) @ v).transpose(1, 2).flatten(-2)


# The language model


def biogpt_states(ids):
    width, epsilon = config["hidden_size"], config["layer_norm_eps"]
    length = ids.shape[1]
    tokens = F.embedding(ids, P["biogpt.embed_tokens.weight"]) * width**0.5
    x = tokens + P["biogpt.embed_positions.weight"][2 : 2 + length]
    states = []
    for layer in range(config["num_hidden_layers"]):
        at = f"biogpt.layers.{layer}"
        normed = norm(f"{at}.self_attn_layer_norm", x, epsilon)
        qkv = (linear(f"{at}.self_attn.{part}_proj", normed) for part in "qkv")
        mixed = attend(*qkv, config["num_attention_heads"], CAUSAL[:length, :length])
        x = x + linear(f"{at}.self_attn.out_proj", mixed)
        inner = linear(f"{at}.fc1", norm(f"{at}.final_layer_norm", x, epsilon))
        x = x + linear(f"{at}.fc2", F.gelu(inner))
        states.append(x)
    return states


def language():
    states = norm("biogpt.layer_norm", biogpt_states(P["ids"])[-1], config["layer_norm_eps"])
    logits = states.flatten(0, 1) @ P["biogpt.embed_tokens.weight"].T
    return F.cross_entropy(logits, P["targets"].flatten())


def encode():
    states = biogpt_states(P["ids"])
    return [states[level - 1].cpu() for level in description["levels"]]


def corpus():
    """Every window, batch by batch, with states in float16 as ours: those that are kept of the last level."""
    kept = []
    for ids, windows in BATCHES:
        states = biogpt_states(ids)
        levels = [states[level - 1].half() for level in description["levels"]]
        for states, window in zip(levels[-1], windows):
            kept.append(states[window["row"] : window["row"] + window["count"]])
    return [torch.cat(kept)]


def batches_of(windows):
    """Of windows sorted by length as many tokens as `batch`; else `batch` windows as they come."""
    batch = config["batch"]
    if config["sorted"]:
        windows = sorted(windows, key=lambda window: len(window["ids"]))
    groups = [[]]
    for window in windows:
        one_more = len(groups[-1]) + 1
        too_many = one_more * len(window["ids"]) > batch if config["sorted"] else one_more > batch
        if groups[-1] and too_many:
            groups.append([])
        groups[-1].append(window)
    return [
        (
            torch.nn.utils.rnn.pad_sequence([torch.tensor(w["ids"]) for w in group], True, 1),
            group,
        )
        for group in groups
    ]


# Pair matching


def attention(name, x, context, mask=None):
    q = linear(f"{name}.query", x)
    k, v = (linear(f"{name}.{part}", context) for part in ("key", "value"))
    return linear(f"{name}.out", attend(q, k, v, config["heads"], mask))


def feed_forward(name, x):
    inner = linear(f"{name}.inner", norm(f"{name}.norm2", x))
    return x + linear(f"{name}.outer", F.gelu(inner))


def grouping_block(name, tokens):
    gain, bias = P[f"{name}.norm.weight"], P[f"{name}.norm.bias"]
    x = F.layer_norm(tokens, tokens.shape[-1:])
    for layer in range(len(config["centroids"])):
        at = f"{name}.{layer}"
        if layer > 0:
            for i in range(config["selfAttention"]):
                one = f"{at}.self{i}"
                normed = norm(f"{one}.norm1", x)
                x = feed_forward(one, x + attention(f"{one}.attention", normed, normed))
        keyed = P[f"{at}.centroids"] @ P[f"{at}.query"].T @ P[f"{at}.key"].T
        if layer == 0:
            keyed = keyed * gain
        scores = (x @ (keyed * config["width"] ** -0.5).T).transpose(1, 2)
        if layer == 0:
            scores = scores + P["tokenMask"]
        mixed = scores.softmax(-1) @ x
        x = linear(f"{at}.value", mixed * gain + bias if layer == 0 else mixed)
    return norm(f"{name}.out", x)


def rearrange(x, index):
    return torch.cat([x, x.new_zeros(1, x.shape[-1])])[index]


def branch(x, mask, language):
    """Of [B, 1, d] without a mask, else of tokens [R, d] in the places that the mask has."""
    batch = P["phases"].shape[0]
    packed = mask is not None
    places = (lambda x: rearrange(x, P["tokens"]).unflatten(0, (batch, -1))) if packed else None
    levels = len(config["levels"])
    for level in range(levels):
        at = f"branch.{level}"
        own = norm(f"{at}.norm1", x)
        if packed:
            q, k, v = (places(linear(f"{at}.self.{part}", own)) for part in ("query", "key", "value"))
            if level == levels - 1:
                x = x[:batch]
                q = linear(f"{at}.self.query", own[:batch]).unsqueeze(1)
            mixed = attend(q, k, v, config["heads"], mask).flatten(0, 1)
            if level < levels - 1:
                mixed = rearrange(mixed, P["places"])
            x = x + linear(f"{at}.self.out", mixed)
        else:
            x = x + attention(f"{at}.self", own, own)
            x = x + attention(f"{at}.fusion", norm(f"{at}.norm3", x), language[level])
        x = feed_forward(at, x)
    return norm("branch.out", x if packed else x[:, 0])


def pretrain():
    levels = [P[f"level{i}"].float() for i in range(len(config["levels"]))]
    grouped = [grouping_block(f"language.{i}", level) for i, level in enumerate(levels)]
    batch = levels[0].shape[0]
    first = P["branch.class"].expand(batch, -1)
    phase = F.embedding(P["phases"], P["branch.phase.weight"])
    molecules = norm("branch.molecule.norm", linear("branch.molecule", P["molecules"]))
    diseases = F.embedding(P["diseases"], P["branch.disease.weight"])
    tokens = torch.cat([first, phase, molecules, diseases])
    criteria = F.normalize(
        linear("match.criteria", branch(first.unsqueeze(1), None, grouped)), dim=-1
    )
    both = F.normalize(linear("match.molecules", branch(tokens, P["mask"], None)), dim=-1)
    logits = criteria @ both.T * P["match.logitScale"].exp() + P["repeats"]
    own = torch.arange(batch, device=device)
    return (F.cross_entropy(logits, own) + F.cross_entropy(logits.T, own)) / 2


description = json.loads(sys.stdin.readline())
config = description["config"]
run = globals()[description["task"]]
device = description.get("device", "cpu")
if device == "cuda" and not torch.cuda.is_available():
    sys.exit(0)  # bench/device.js measures without it
torch.set_num_threads(description["threads"])
P = {value["name"]: numbers(value).to(device) for value in description["values"]}
INT8 = {}
if "weights" in description:
    P = tensors_of(description["weights"])
    with open(description["work"]) as file:
        BATCHES = batches_of(json.load(file)["windows"])
    if config.get("int8"):
        torch.backends.quantized.engine = "onednn"
        for name in [name[:-7] for name, value in P.items() if ".layers." in name and value.ndim > 1]:
            weight = P[f"{name}.weight"]
            layer = torch.nn.Linear(weight.shape[1], weight.shape[0])
            layer.weight, layer.bias = map(torch.nn.Parameter, (weight, P[f"{name}.bias"]))
            layer.qconfig = torch.ao.quantization.per_channel_dynamic_qconfig
            INT8[name] = torch.ao.nn.quantized.dynamic.Linear.from_float(layer)
trained = [P[value["name"]].requires_grad_() for value in description["values"] if value["trained"]]
if "max_position_embeddings" in config:
    context = config["max_position_embeddings"]
    CAUSAL = torch.full((context, context), -1e9, device=device).triu(1)

optimiser = None
if description.get("adam"):
    adam = description["adam"]
    decayed = [parameter for parameter in trained if parameter.ndim > 1]
    others = [parameter for parameter in trained if parameter.ndim <= 1]
    optimiser = torch.optim.AdamW(
        [
            dict(params=decayed, weight_decay=adam["weightDecay"]),
            dict(params=others, weight_decay=0.0),
        ],
        lr=description["learningRate"],
        betas=(adam["beta1"], adam["beta2"]),
        eps=adam["epsilon"],
    )


def train():
    optimiser.zero_grad(set_to_none=True)
    loss = run()
    loss.backward()
    torch.nn.utils.clip_grad_norm_(trained, adam["clipNorm"])
    optimiser.step()
    return loss.item()


print(json.dumps(dict(version=torch.__version__)), flush=True)
for line in sys.stdin:
    times, cpu = [], []
    for _ in range(int(line)):
        start, before = time.perf_counter(), time.process_time()
        if optimiser:
            result = train()
        else:
            with torch.inference_mode():
                result = run()
        times.append(time.perf_counter() - start)
        cpu.append(time.process_time() - before)
    agreement = result if optimiser else result[-1].float().abs().mean(dtype=torch.float64).item()
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    print(json.dumps(dict(times=times, cpu=cpu, agreement=agreement, peak=peak)), flush=True)
