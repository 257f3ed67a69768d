#!/usr/bin/env bash
# A manifest of your own, from its media to a fused bundle with its report; each line runs alone too.
#   ROOT   the manifest (docs/corpora.md), with train, dev and test splits
#   OUT, FEATURES   where runs and features go
#   LABELS   what the manifest labels utterances with, such as happy,sad,angry,neutral; the seven emotions where not given
#   AUDIO_TEXT, VIDEO, FUSION   more for the stage of that name, such as "--set epochs=5"
set -euf -o pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
affekt=${AFFEKT:-./affekt}
root=$(readlink -f -- "${ROOT:-../own/manifest.jsonl}")
out=$(readlink -m -- "${OUT:-runs/own}")
labels=${LABELS:-emotions}
features=$(readlink -m -- "${FEATURES:-runs/features}")

stage() { # NAME ARGUMENTS...
    "$affekt" train "recipes/own/$1.json" --out "$out/$1" --resume --set "features=$features" "${@:2}"
}

# What the encoders read is kept; 3 says that some clips cannot be used, and the rest is worth going on with.
"$affekt" prepare manifest --root "$root" --features "$features" --recipe recipes/own/audio-text.json --set "labels=$labels" ${AUDIO_TEXT-} || (($? == 3))
stage audio-text --set "root=$root" --set "labels=$labels" ${AUDIO_TEXT-}
stage video --set "root=$root" --set "labels=$labels" --set "audio_text=$out/audio-text" ${VIDEO-}
stage fusion --set "corpus=$root" --set "audio_text=$out/audio-text" --set "video=$out/video" ${FUSION-}
"$affekt" evaluate "$out/fusion" --corpus manifest --root "$root" --split test --features "$features" --report "$out/report.html"
