"""Writes what PyTorch gives for the starter's expression network on two synthetic faces, features and logits, each the mean
over the face and its mirror image, and the logits of the face moved by a pixel up and left and its mirror image down and right. With FER2013 unpacked as a third argument it also prints the accuracy on validation/.

    python3 make_expression.py bundles/starter/expression.safetensors expression.json [FER2013/validation]
"""
import json, struct, sys
import numpy as np, torch, torch.nn.functional as F

LABELS = ["neutral", "happy", "sad", "angry", "fear", "disgust", "surprise"]


def load(path):
    raw = open(path, "rb").read()
    length = struct.unpack("<Q", raw[:8])[0]
    types = {"F16": np.float16, "F32": np.float32, "I64": np.int64}
    return {
        name: torch.tensor(np.frombuffer(raw[8 + length:][slice(*entry["data_offsets"])], types[entry["dtype"]])
                           .reshape(entry["shape"]).astype(np.float32))
        for name, entry in json.loads(raw[8:8 + length]).items() if name != "__metadata__"}


state = load(sys.argv[1])


def conv(x, name, stride):
    w = state[name + ".conv.weight"]
    x = F.conv2d(x, w, None, stride, w.shape[2] // 2)
    return F.batch_norm(x, *(state[f"{name}.norm.{part}"] for part in ("running_mean", "running_var", "weight", "bias")))


def features(x):
    x = x - x.mean((1, 2, 3), keepdim=True)
    x = x / x.square().mean((1, 2, 3), keepdim=True).sqrt().clamp(min=4)
    x = F.relu(conv(F.relu(conv(x, "stem", 2)), "second", 1))
    for i, stride in enumerate([2, 2, 1]):
        name = f"blocks.{i}"
        y = conv(F.relu(conv(x, name + ".first", stride)), name + ".second", 1)
        x = F.relu(y + (conv(x, name + ".shortcut", stride) if name + ".shortcut.conv.weight" in state else x))
    return x.mean((2, 3))


@torch.no_grad()
def encode(grey, shift=0):
    x = F.pad(torch.tensor(grey, dtype=torch.float32).reshape(-1, 1, 48, 48), [shift] * 4, mode="replicate")
    both = (features(x[:, :, 2 * shift:, 2 * shift:]) + features(x[:, :, :48, :48].flip(3))) / 2
    return both, both @ state["head.weight"].T + state["head.bias"]


# The same formula stands in ExpressionEncoderTests.cs.
faces = np.array([(i * 31 + (i >> 5) * 17 + i // 2304 * 101) & 255 for i in range(2 * 2304)])
values, logits = encode(faces)
json.dump({"features": [round(v, 6) for v in values.flatten().tolist()], "logits": [round(v, 6) for v in logits.flatten().tolist()],
           "shifted_logits": [round(v, 6) for v in encode(faces, 1)[1].flatten().tolist()]},
          open(sys.argv[2], "w"))
print(logits)
if len(sys.argv) > 3:
    from pathlib import Path
    from PIL import Image
    right = total = 0
    for label, name in enumerate(LABELS):
        batch = np.stack([np.asarray(Image.open(f)) for f in sorted(Path(sys.argv[3], name).glob("*.jpg"))])
        hits = sum((encode(part)[1].argmax(1) == label).sum().item() for part in np.array_split(batch, len(batch) // 64 + 1))
        print(name, hits, len(batch))
        right, total = right + hits, total + len(batch)
    print("accuracy", right / total)
