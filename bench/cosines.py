"""Compares features in bf16 or int8 with those in single precision: the cosine of each input's vector.

usage: cosines.py FOLDER PRECISION..., where FOLDER holds text-fp32.safetensors, text-int8.safetensors and so on as
precision.sh leaves them
"""
import json
import os
import sys

import numpy as np

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "peers"))
from safetensors_file import read_safetensors

report = {}
for kind in ("text", "sound"):
    exact = read_safetensors(os.path.join(sys.argv[1], f"{kind}-fp32.safetensors"))
    report[kind] = {"n": len(exact)}
    for precision in sys.argv[2:]:
        found = read_safetensors(os.path.join(sys.argv[1], f"{kind}-{precision}.safetensors"))
        cosines = [
            float(found[name] @ values / np.sqrt((found[name] @ found[name]) * (values @ values)))
            for name, values in ((name, values.astype(np.float64)) for name, values in exact.items())
        ]
        report[kind][precision] = {"mean": round(float(np.mean(cosines)), 6), "min": round(min(cosines), 6)}
print(json.dumps(report, indent=2))
