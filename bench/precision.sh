#!/usr/bin/env bash
# What bf16 and int8 cost: how far features turn away from single precision, and the starter's scores.
# DATA is the folder with meld/ and ravdess/. Needs build/bench from `./affekt bench encoders`, and numpy. A processor
# without bfloat16 computes bf16 in single precision, which says nothing: there it takes the native part that tests load
# (`./affekt test` builds it), whose kernels put the missing instructions together from others. The results are the same
# but for numbers below 1e-38.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
data=${DATA:-../shared/data}
results=docs/results
work=build/bench/precision
mkdir -p "$work"
emulated=$PWD/build/native/emulated_bfloat16

affekt() { # PRECISION ARGUMENTS...
    if [[ $1 == bf16 ]] && ! grep -q avx512_bf16 /proc/cpuinfo; then
        [[ -d $emulated ]] || { echo "neither the processor nor build/ has bfloat16: run ./affekt test first" >&2; exit 1; }
        AFFEKT_NATIVE=$emulated ./affekt "${@:2}" --precision bf16
    else
        ./affekt "${@:2}" --precision "$1"
    fi
}

scores() { # NAME ARGUMENTS...
    for precision in int8 bf16; do
        affekt "$precision" evaluate bundles/starter "${@:2}" --format json >"$results/$1-$precision.json"
    done
}
scores meld-text --corpus meld --root "$data/meld" --modalities text
scores ravdess-sound --corpus ravdess --root "$data/ravdess" --speakers 17-20

# Real words through real weights; real sound through the sizes of wav2vec2-base, whose weights are not to be had here.
features() { # NAME ARGUMENTS...
    for precision in fp32 int8 bf16; do
        affekt "$precision" features "${@:2}" --out "$work/$1-$precision.safetensors" >&2
    done
}
/usr/bin/python3 bench/draw_meld_lengths.py --texts "$data/meld/test_sent_emo.csv" "$work/texts.jsonl"
features text --texts "$work/texts.jsonl" --encoder bundles/starter/text-encoder
features sound "$data"/ravdess/*-20.flac --encoder build/bench/wav2vec2-base
/usr/bin/python3 bench/cosines.py "$work" int8 bf16 >"$results/precision-cosines.json"
