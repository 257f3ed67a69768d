"""Writes what torchaudio's wav2vec 2.0 gives for the synthetic sound with weights that are a formula: "base" is
wav2vec2-base as published, "large" is wav2vec2-large-lv60 cut off after two layers. Of the last layer's states every
seventh frame and ninth feature are kept.

usage: make_full_size.py OUT.safetensors
Needs numpy, torch, torchaudio (0.13 was used).
"""
import json
import struct
import sys

import numpy as np
import torch
from torchaudio.models import wav2vec2_base, wav2vec2_model


def synthetic():
    """The same formula stands in SyntheticSound.cs."""
    samples, state = np.zeros(35200, np.float32), 12345
    for i in range(len(samples)):
        state = (state * 1664525 + 1013904223) % 2**32
        t = i / 16000
        loudness = 0.3 if t < 0.9 else 0.0042 if t < 1.3 else 0.0067 if t < 1.7 else 0.1
        sweep = np.sin(2 * np.pi * (120 * t + 400 * t * t))
        samples[i] = loudness * (sweep + 0.2 * (state / 2147483648 - 1))
    return samples


def weight(name, shape):
    """The same formula stands in Wav2Vec2FullSizeTests.cs: integers mixed from the name and the place, to (-1, 1)."""
    seed = 2166136261
    for character in name.encode():
        seed = (seed ^ character) * 16777619 % 2**32
    x = np.arange(np.prod(shape), dtype=np.uint32) * np.uint32(2654435761) + np.uint32(seed)
    for shift, factor in ((16, 0x7FEB352D), (15, 0x846CA68B)):
        x ^= x >> np.uint32(shift)
        x *= np.uint32(factor)
    x ^= x >> np.uint32(16)
    u = (x >> np.uint32(8)).astype(np.float64) / 2**23 - 1
    if name.endswith("weight_g"):
        u = 2.5 * (1 + 0.1 * u)
    elif name.endswith("layer_norm.weight"):
        u = 1 + 0.3 * u
    elif len(shape) == 1:
        u = 0.05 * u
    else:
        u = u * np.sqrt(3 * shape[0] / np.prod(shape))
    return torch.from_numpy(u.astype(np.float32).reshape(shape))


def published(name):
    """Hugging Face's name for torchaudio's."""
    return name.replace("encoder.feature_projection.", "feature_projection.").replace("encoder.transformer.", "encoder.")


wave = synthetic().astype(np.float64)
wave = torch.from_numpy(((wave - wave.mean()) / np.sqrt(wave.var() + 1e-7)).astype(np.float32))[None]
networks = {
    "base": wav2vec2_base(),
    "large": wav2vec2_model("layer_norm", None, True, 1024, 0.0, 128, 16, 2, 16, 0.0, 4096, 0.0, 0.0, True, 0.0, None),
}
tensors = {}
for key, network in networks.items():
    network.eval().load_state_dict({name: weight(published(name), tuple(t.shape)) for name, t in network.state_dict().items()})
    with torch.no_grad():
        states = network(wave)[0][0].numpy()
    print(key, states.shape, "standard deviation", states.std(), "over time", states.std(0).mean())
    tensors[key] = np.ascontiguousarray(states[::7, ::9]).astype("<f4")

header, offset = {}, 0
for key, values in tensors.items():
    header[key] = {"dtype": "F32", "shape": list(values.shape), "data_offsets": [offset, offset + values.nbytes]}
    offset += values.nbytes
header = json.dumps(header).encode()
header += b" " * (-len(header) % 8)
with open(sys.argv[1], "wb") as f:
    f.write(struct.pack("<Q", len(header)) + header + b"".join(values.tobytes() for values in tensors.values()))
