"""Writes torchvision's mc3_18 with random weights and running statistics as it is published (state.pth), random pixels, and the
features of each frame: what comes out of its last block, averaged over the places of a frame.

usage: mc3_reference.py FOLDER SIDE
Needs torch and torchvision (1.13 and 0.14 were used).
"""
import sys

import torch
from torchvision.models.video import mc3_18

folder, side = sys.argv[1], int(sys.argv[2])
torch.manual_seed(3)
network = mc3_18()
for module in network.modules():
    if isinstance(module, torch.nn.BatchNorm3d):
        module.weight.data.uniform_(0.5, 1)
        module.bias.data.normal_(0, 0.2)
        module.running_mean.normal_(0, 0.2)
        module.running_var.uniform_(0.5, 1.5)
network.eval()
pixels = torch.randint(0, 256, (8, side, side, 3), dtype=torch.uint8)
mean = torch.tensor([0.43216, 0.394666, 0.37645])
deviation = torch.tensor([0.22803, 0.22145, 0.216989])
with torch.no_grad():
    x = ((pixels / 255 - mean) / deviation).permute(3, 0, 1, 2)[None]
    for part in (network.stem, network.layer1, network.layer2, network.layer3, network.layer4):
        x = part(x)
torch.save(network.state_dict(), f"{folder}/state.pth")
pixels.numpy().tofile(f"{folder}/pixels.bin")
x[0].mean((2, 3)).t().contiguous().numpy().tofile(f"{folder}/features.bin")
