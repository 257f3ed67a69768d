"""The two encoders as PyTorch users write them, with the weights of the folders that `affekt bench encoders` made.

Needs torch and torchaudio (Debian: python3-torch, python3-torchaudio).
"""
import json
import math
import os

import torch
from torch import nn
from torchaudio.models import wav2vec2_base

from safetensors_file import read_safetensors


class BertLayer(nn.Module):
    def __init__(self, width, heads, inner, eps):
        super().__init__()
        self.heads = heads
        self.query, self.key, self.value, self.dense = (nn.Linear(width, width) for _ in range(4))
        self.attention_norm = nn.LayerNorm(width, eps)
        self.intermediate, self.output = nn.Linear(width, inner), nn.Linear(inner, width)
        self.output_norm = nn.LayerNorm(width, eps)

    def split(self, x):
        return x.view(x.size(0), x.size(1), self.heads, -1).transpose(1, 2)

    def forward(self, x, mask):
        query, key, value = self.split(self.query(x)), self.split(self.key(x)), self.split(self.value(x))
        scores = torch.matmul(query, key.transpose(2, 3)) / math.sqrt(query.size(-1)) + mask
        joined = torch.matmul(scores.softmax(-1), value).transpose(1, 2).reshape(x.shape)
        x = self.attention_norm(x + self.dense(joined))
        return self.output_norm(x + self.output(nn.functional.gelu(self.intermediate(x))))


class Bert(nn.Module):
    """Token ids and mask [B, T] to the last layer's states [B, T, D]; one segment."""

    def __init__(self, config):
        super().__init__()
        width = config["hidden_size"]
        self.first = 2 if config["model_type"] == "roberta" else 0
        self.words = nn.Embedding(config["vocab_size"], width)
        self.positions = nn.Embedding(config["max_position_embeddings"], width)
        self.types = nn.Embedding(config["type_vocab_size"], width)
        self.norm = nn.LayerNorm(width, config["layer_norm_eps"])
        self.layers = nn.ModuleList(
            BertLayer(width, config["num_attention_heads"], config["intermediate_size"], config["layer_norm_eps"])
            for _ in range(config["num_hidden_layers"]))

    def forward(self, ids, mask):
        mask = (1 - mask.float())[:, None, None, :] * torch.finfo(torch.float32).min
        x = self.norm(self.words(ids) + self.positions.weight[self.first : self.first + ids.size(1)] + self.types.weight[0])
        for layer in self.layers:
            x = layer(x, mask)
        return x


BERT_NAMES = (
    ("embeddings.word_embeddings.", "words."), ("embeddings.position_embeddings.", "positions."),
    ("embeddings.token_type_embeddings.", "types."), ("embeddings.LayerNorm.", "norm."), ("encoder.layer.", "layers."),
    ("attention.self.", ""), ("attention.output.dense.", "dense."), ("attention.output.LayerNorm.", "attention_norm."),
    ("intermediate.dense.", "intermediate."), ("output.dense.", "output."), ("output.LayerNorm.", "output_norm."),
)


def load_bert(folder):
    with open(os.path.join(folder, "config.json")) as file:
        network = Bert(json.load(file))
    state = {}
    for name, array in read_safetensors(os.path.join(folder, "model.safetensors")).items():
        for theirs, ours in BERT_NAMES:
            name = name.replace(theirs, ours)
        state[name] = torch.from_numpy(array.copy())
    network.load_state_dict(state)
    return network.eval()


class Wav2Vec2(nn.Module):
    """Normalized sound [B, samples] to the last layer's states [B, T, D]: torchaudio's network."""

    def __init__(self):
        super().__init__()
        self.network = wav2vec2_base()

    def forward(self, sounds):
        return self.network(sounds)[0]


def load_wav2vec2(folder):
    result = Wav2Vec2()
    state = {}
    for name, array in read_safetensors(os.path.join(folder, "model.safetensors")).items():
        name = name.replace("feature_projection.", "encoder.feature_projection.") if name.startswith("feature_projection.") \
            else name.replace("encoder.", "encoder.transformer.", 1)
        state[name] = torch.from_numpy(array.copy())
    result.network.load_state_dict(state)

    # The positions' weight is made once, as everybody does who only uses the network.
    nn.utils.remove_weight_norm(result.network.encoder.transformer.pos_conv_embed.conv)
    return result.eval()


# HuBERT's network is that of wav2vec 2.0, RoBERTa's that of BERT with positions from behind the padding's number.
LOADERS = {"bert-base": load_bert, "wav2vec2-base": load_wav2vec2, "roberta-base": load_bert, "hubert-base": load_wav2vec2}
