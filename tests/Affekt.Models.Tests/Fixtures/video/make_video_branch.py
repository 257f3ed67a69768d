"""Writes a small video branch with random weights, four utterances, their logits and gradients, as PyTorch computes them
from the parts that are there alone: absent frames and tokens are cut out instead of masked.

usage: make_video_branch.py OUT.safetensors
Needs torch (1.13 was used).
"""
import json
import struct
import sys

import torch
from torch import nn

FRAME, WIDTH, HEADS, FORWARD, TOKEN, TEXT, META, HEAD = 10, 16, 2, 24, 12, 6, 3, 8
SIZES, EMBEDDING, T, L = [3, 4], 2, 8, 5
FRAMES = [[0, 1, 2, 3, 4, 5, 6, 7], [0, 1, 3, 4, 6, 7], [], [7]]
TOKENS = [5, 3, 4, 0]

torch.manual_seed(5)
parts = nn.ModuleDict({
    "projection": nn.Linear(FRAME, WIDTH),
    "layers": nn.ModuleList(
        nn.TransformerEncoderLayer(WIDTH, HEADS, FORWARD, dropout=0, batch_first=True) for _ in range(2)),
    "text": nn.ModuleDict({"key": nn.Linear(TOKEN, TEXT), "value": nn.Linear(TOKEN, TEXT)}),
    "metadata": nn.ModuleDict({
        "categories": nn.ModuleList(nn.Embedding(size, EMBEDDING) for size in SIZES),
        "projection": nn.Linear(EMBEDDING * len(SIZES), META),
    }),
    "head": nn.ModuleDict({"hidden": nn.Linear(WIDTH + TEXT + META, HEAD), "output": nn.Linear(HEAD, 7)}),
})
parts["text"].register_parameter("query", nn.Parameter(torch.empty(TEXT, 1)))
parts["text"].register_parameter("missing", nn.Parameter(torch.empty(TEXT)))
parts.register_parameter("missing_video", nn.Parameter(torch.empty(WIDTH)))
for parameter in parts.parameters():
    nn.init.normal_(parameter, 0, 0.4)
frames = torch.randn(4, T, FRAME, requires_grad=True)
tokens = torch.randn(4, L, TOKEN, requires_grad=True)
metadata = torch.tensor([[0, 3], [1, 2], [2, 1], [0, 0]])

feature = torch.arange(0, WIDTH, 2)
angle = torch.arange(T)[:, None] / 10000 ** (feature / WIDTH)
positions = torch.stack([angle.sin(), angle.cos()], 2).reshape(T, WIDTH)

logits = []
for row in range(4):
    if FRAMES[row]:
        x = (parts["projection"](frames[row]) + positions)[FRAMES[row]][None]
        for layer in parts["layers"]:
            x = layer(x)
        picture = x[0].mean(0)
    else:
        picture = parts.missing_video
    if TOKENS[row]:
        words = tokens[row, :TOKENS[row]]
        weights = (parts["text"]["key"](words) @ parts["text"].query / TEXT**0.5).softmax(0)
        text = (weights * parts["text"]["value"](words)).sum(0)
    else:
        text = parts["text"].missing
    categories = torch.cat([table(metadata[row, i]) for i, table in enumerate(parts["metadata"]["categories"])])
    joined = torch.cat([picture, text, parts["metadata"]["projection"](categories)])
    logits.append(parts["head"]["output"](parts["head"]["hidden"](joined).relu()))
logits = torch.stack(logits)
logits.square().sum().backward()

tensors = {f"state/{name}": tensor for name, tensor in parts.state_dict().items()}
tensors |= {f"grad/{name}": tensor.grad for name, tensor in parts.named_parameters()}
tensors |= {"frames": frames, "tokens": tokens, "logits": logits, "frames_grad": frames.grad, "tokens_grad": tokens.grad}
tensors["has_frame"] = torch.zeros(4, T, 1)
tensors["has_token"] = torch.zeros(4, L, 1)
for row in range(4):
    tensors["has_frame"][row, FRAMES[row]] = 1
    tensors["has_token"][row, :TOKENS[row]] = 1

header, body = {}, b""
for name, tensor in [*tensors.items(), ("metadata", metadata)]:
    values = tensor.detach().contiguous().numpy().tobytes()
    kind = "I64" if tensor.dtype == torch.int64 else "F32"
    header[name] = {"dtype": kind, "shape": list(tensor.shape), "data_offsets": [len(body), len(body) + len(values)]}
    body += values
header = json.dumps(header).encode()
header += b" " * (-len(header) % 8)
with open(sys.argv[1], "wb") as f:
    f.write(struct.pack("<Q", len(header)) + header + body)
