#!/usr/bin/env bash
# MELD's four rows (audio-text, video, deep fusion, late fusion) from its media, stage after stage; each line runs alone too.
#   ROOT      MELD.Raw, unpacked
#   VARIANT   empty for the starter's encoders; -base for BERT, wav2vec 2.0 and MC3-18 as published: affekt bundle pull base
#             fetches the first two, recipes/meld/video-base.json says where torchvision's file of the third is looked for
#   OUT, FEATURES   where runs and features go
#   CHECK, AUDIO_TEXT, VIDEO, FUSION   more for the stage of that name, such as "--media skip" or "--set epochs=1"
set -euf -o pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
affekt=${AFFEKT:-./affekt}
root=$(readlink -f -- "${ROOT:-../MELD.Raw}")
out=$(readlink -m -- "${OUT:-runs/meld}")
features=$(readlink -m -- "${FEATURES:-runs/features}")
variant=${VARIANT-}
fused=$out/fusion$variant

# 3 says that some clips cannot be used: the published media have such, and the rest is worth going on with.
most() { "$affekt" "$@" || (($? == 3)); }
stage() { # NAME ARGUMENTS...
    "$affekt" train "recipes/meld/$1$variant.json" --out "$out/$1$variant" --resume "${@:2}"
}

most corpus check meld --root "$root" ${CHECK-}
most prepare meld --root "$root" --features "$features" --recipe "recipes/meld/audio-text$variant.json" ${AUDIO_TEXT-}
stage audio-text --set "root=$root" --set "features=$features" ${AUDIO_TEXT-}

# Both branches read with one text encoder. MC3-18 is trained along, so there is nothing of it to keep.
words=(--set "audio_text=$out/audio-text$variant")
kept=(--set "features=$features")
[[ -z $variant ]] || kept=()
[[ -n $variant ]] || most prepare meld --root "$root" --features "$features" --recipe recipes/meld/video.json "${words[@]}" ${VIDEO-}
stage video --set "root=$root" "${words[@]}" "${kept[@]}" ${VIDEO-}
stage fusion --set "corpus=$root" --set "features=$features" --set "audio_text=$out/audio-text$variant" \
    --set "video=$out/video$variant" ${FUSION-}

# The second time only the form differs: all features are kept.
rows() { "$affekt" evaluate "$fused" --corpus meld --root "$root" --split test --modalities all --features "$features" "$@"; }
rows --format json --report "$fused/report.html" --predictions "$fused/predictions.jsonl" >"$fused/evaluation.json"
rows | tee "$fused/evaluation.txt"
