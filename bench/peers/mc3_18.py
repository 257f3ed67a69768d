"""torchvision's mc3_18 up to its last block in eager PyTorch, single precision, as `affekt bench video` compares with.

Writes a network with random weights (state.pth) and random pixels (pixels.bin) into FOLDER and its versions as a line of JSON;
then, for each line that it reads, runs once and answers with the milliseconds; "write" also writes the features
(features.bin, [frames, 512]).

usage: mc3_18.py FOLDER FRAMES SIDE THREADS
Needs torch and torchvision (1.13 and 0.14 were used).
"""
import json
import sys
import time

import torch
import torchvision
from torchvision.models.video import mc3_18

folder, frames, side, threads = sys.argv[1], *map(int, sys.argv[2:])
torch.set_num_threads(threads)
torch.manual_seed(3)
network = mc3_18()
for module in network.modules():
    if isinstance(module, torch.nn.BatchNorm3d):
        module.weight.data.uniform_(0.5, 1)
        module.bias.data.normal_(0, 0.2)
        module.running_mean.normal_(0, 0.2)
        module.running_var.uniform_(0.5, 1.5)
network.eval()
pixels = torch.randint(0, 256, (frames, side, side, 3), dtype=torch.uint8)
torch.save(network.state_dict(), f"{folder}/state.pth")
pixels.numpy().tofile(f"{folder}/pixels.bin")
mean = torch.tensor([0.43216, 0.394666, 0.37645])
deviation = torch.tensor([0.22803, 0.22145, 0.216989])
trunk = torch.nn.Sequential(network.stem, network.layer1, network.layer2, network.layer3, network.layer4)


def run():
    clip = ((pixels / 255 - mean) / deviation).permute(3, 0, 1, 2)[None].contiguous()
    return trunk(clip)[0].mean((2, 3)).t().contiguous()


print(json.dumps({"torch": torch.__version__, "torchvision": torchvision.__version__, "threads": torch.get_num_threads()}), flush=True)
with torch.no_grad():
    for line in sys.stdin:
        begin = time.perf_counter()
        features = run()
        taken = (time.perf_counter() - begin) * 1000
        if line.strip() == "write":
            features.numpy().tofile(f"{folder}/features.bin")
        print(json.dumps({"ms": taken}), flush=True)
