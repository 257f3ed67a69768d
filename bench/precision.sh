#!/usr/bin/env bash
# What bf16 and int8 cost: how far features turn away from single precision, and the starter's scores.
# DATA is the folder with meld/ and ravdess/. Needs build/bench from `./affekt bench encoders`, and numpy. A processor
# without bfloat16 computes bf16 in single precision, which says nothing: it is left out there.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
data=${DATA:-../shared/data}
results=docs/results
work=build/bench/precision
mkdir -p "$work"
precisions=(int8)
grep -q avx512_bf16 /proc/cpuinfo && precisions+=(bf16)

scores() { # NAME ARGUMENTS...
    for precision in "${precisions[@]}"; do
        ./affekt evaluate bundles/starter "${@:2}" --precision "$precision" --format json >"$results/$1-$precision.json"
    done
}
scores meld-text --corpus meld --root "$data/meld" --modalities text
scores ravdess-sound --corpus ravdess --root "$data/ravdess" --speakers 17-20

# Real words through real weights; real sound through the sizes of wav2vec2-base, whose weights are not to be had here.
features() { # NAME ARGUMENTS...
    for precision in fp32 "${precisions[@]}"; do
        ./affekt features "${@:2}" --precision "$precision" --out "$work/$1-$precision.safetensors" >&2
    done
}
/usr/bin/python3 bench/draw_meld_lengths.py --texts "$data/meld/test_sent_emo.csv" "$work/texts.jsonl"
features text --texts "$work/texts.jsonl" --encoder bundles/starter/text-encoder
features sound "$data"/ravdess/*-20.flac --encoder build/bench/wav2vec2-base
/usr/bin/python3 bench/cosines.py "$work" "${precisions[@]}" >"$results/precision-cosines.json"
