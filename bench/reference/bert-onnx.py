"""Writes src/language/fixtures/bert.onnx: the checkpoint of bert.json as PyTorch exports it to ONNX, with the
inputs and outputs that Hugging Face's Optimum names.

Usage: python3 bench/reference/bert-onnx.py  (PyTorch 1.13 wrote the committed file)
"""

import importlib
import pathlib
import sys

import torch
import torch.nn.functional as F

sys.path.insert(0, str(pathlib.Path(__file__).parent))
models = importlib.import_module("language-models")
torch.set_default_dtype(torch.float32)


class Bert(torch.nn.Module):
    def __init__(self):
        super().__init__()
        self.p = {
            name.removeprefix("bert."): models.formula(name, shape).float()
            for name, shape in models.bert_shapes.items()
        }
        self.layers = torch.nn.ModuleList()
        for i in range(models.LAYERS):
            at = f"encoder.layer.{i}"
            joined = [self.pair(f"{at}.attention.self.{part}") for part in ["query", "key", "value"]]
            values = [torch.cat(part) for part in zip(*joined)]
            for part in ["attention.output.dense", "attention.output.LayerNorm", "intermediate.dense"]:
                values += self.pair(f"{at}.{part}")
            values += self.pair(f"{at}.output.dense") + self.pair(f"{at}.output.LayerNorm")
            self.layers.append(models.encoder_layer(2, F.gelu, False, models.EPSILON, values))

    def pair(self, name):
        return [self.p[f"{name}.weight"], self.p[f"{name}.bias"]]

    def forward(self, input_ids, attention_mask, token_type_ids):
        x = self.p["embeddings.word_embeddings.weight"][input_ids]
        x = x + self.p["embeddings.position_embeddings.weight"][: input_ids.shape[1]]
        x = x + self.p["embeddings.token_type_embeddings.weight"][token_type_ids]
        x = F.layer_norm(x, [models.WIDTH], *self.pair("embeddings.LayerNorm"), models.EPSILON)
        states = [x]
        for layer in self.layers:
            states.append(layer(states[-1], src_key_padding_mask=attention_mask == 0))
        return tuple(states)


inputs = ["input_ids", "attention_mask", "token_type_ids"]
outputs = [f"hidden_states.{i}" for i in range(models.LAYERS + 1)]
torch.onnx.export(
    Bert(),
    (models.IDS, models.PRESENT, torch.zeros_like(models.IDS)),
    str(models.OUT / "bert.onnx"),
    input_names=inputs,
    output_names=outputs,
    dynamic_axes={name: {0: "batch", 1: "sequence"} for name in inputs + outputs},
    training=torch.onnx.TrainingMode.PRESERVE,  # its evaluation has an operator of its own; dropout is 0
    opset_version=14,
)
