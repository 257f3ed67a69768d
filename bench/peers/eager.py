"""Eager PyTorch as a rival of `affekt bench encoders`: answers one line of JSON for each line that it reads.

usage: eager.py FOLDER THREADS
FOLDER holds bert-base/, wav2vec2-base/ and inputs.safetensors. A request names the encoder, the work (inputs WORK.0,
WORK.1, ... are run one after the other), how often, and perhaps a file for the first output.
"""
import json
import os
import sys
import time

import numpy as np
import torch
import torchaudio

from networks import LOADERS
from safetensors_file import read_safetensors

folder, threads = sys.argv[1], int(sys.argv[2])
torch.set_num_threads(threads)
torch.set_grad_enabled(False)
inputs = read_safetensors(os.path.join(folder, "inputs.safetensors"))
networks = {}


def arguments(work):
    for i in range(sys.maxsize):
        array = inputs.get(f"{work}.{i}")
        if array is None:
            return
        tensor = torch.from_numpy(array.copy())
        yield (tensor, torch.ones_like(tensor)) if tensor.dtype == torch.int64 else (tensor,)


def answer(request):
    encoder, work = request["encoder"], request["work"]
    if encoder not in networks:
        networks[encoder] = LOADERS[encoder](os.path.join(folder, encoder))
    network, given = networks[encoder], list(arguments(work))
    if "output" in request:
        network(*given[0]).numpy().astype("<f4").tofile(request["output"])
    times = []
    for _ in range(request["runs"]):
        begin = time.perf_counter()
        for one in given:
            network(*one)
        times.append((time.perf_counter() - begin) * 1000)
    return {"ms": times}


print(json.dumps({"version": f"torch {torch.__version__}, torchaudio {torchaudio.__version__}, numpy {np.__version__}"}), flush=True)
for line in sys.stdin:
    print(json.dumps(answer(json.loads(line))), flush=True)
