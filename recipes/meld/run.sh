#!/usr/bin/env bash
# The audio-text row of MELD from its media, stage after stage; each line runs alone too. ROOT is MELD.Raw, unpacked.
# VARIANT is empty for the starter's encoders, or -base for BERT and wav2vec 2.0 as published (affekt bundle pull base).
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
root=$(readlink -f -- "${ROOT:-../MELD.Raw}")
variant=${VARIANT-}
run=runs/meld/audio-text$variant

./affekt corpus check meld --root "$root" || true
./affekt train "recipes/meld/audio-text$variant.json" --set "root=$root" --out "$run"
./affekt evaluate "$run" --corpus meld --root "$root" --split test --format json --report "$run/report.html" >"$run/evaluation.json"
