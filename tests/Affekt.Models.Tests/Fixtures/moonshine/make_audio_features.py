"""Writes what AudioEncoder should give for the synthetic sound, worked out with NumPy and a plain PyTorch version of
Moonshine's encoder.

usage: MOONSHINE=FOLDER_OF_encoder_model.onnx make_audio_features.py FOLDER_OF_moonshine_encoder.py OUT.safetensors
Needs numpy, onnx, torch; moonshine_encoder.py lies in ../shared/notes/reference.
"""
import json
import struct
import sys

import numpy as np
import torch

sys.path.insert(0, sys.argv[1])
import moonshine_encoder  # noqa: E402


def synthetic():
    """The same formula stands in SyntheticSound.cs and make_moonshine.mjs."""
    samples, state = np.zeros(35200, np.float32), 12345
    for i in range(len(samples)):
        state = (state * 1664525 + 1013904223) % 2**32
        t = i / 16000
        loudness = 0.3 if t < 0.9 else 0.0042 if t < 1.3 else 0.0067 if t < 1.7 else 0.1
        sweep = np.sin(2 * np.pi * (120 * t + 400 * t * t))
        samples[i] = loudness * (sweep + 0.2 * (state / 2147483648 - 1))
    return samples


x = synthetic().astype(np.float64)
frames = (len(x) - 895) // 384 + 1
power_db = np.array([10 * np.log10(np.mean(x[384 * t:384 * t + 895] ** 2)) for t in range(frames)])
below_peak = power_db.max() - power_db
active = below_peak <= 35
print(frames, "frames,", active.sum(), "active, nearest to the limit:", np.abs(below_peak - 35).min(), "dB")
level = np.sqrt(np.mean(10 ** (power_db[active] / 10)))
with torch.no_grad():
    states = moonshine_encoder.encode(moonshine_encoder.load(), torch.from_numpy((x * 0.1 / level).astype(np.float32)))[1:4]
taps = np.concatenate([(s - s.mean(1, keepdims=True)) / np.sqrt(s.var(1, keepdims=True) + 1e-5)
                       for s in (s.numpy().astype(np.float64) for s in states)], 1)[active]
features = np.concatenate([taps.mean(0), taps.std(0)]).astype("<f4")
header = json.dumps({"features": {"dtype": "F32", "shape": [len(features)], "data_offsets": [0, features.nbytes]}}).encode()
header += b" " * (-len(header) % 8)
with open(sys.argv[2], "wb") as f:
    f.write(struct.pack("<Q", len(header)) + header + features.tobytes())
