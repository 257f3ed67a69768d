#!/usr/bin/env bash
# The starter bundle from its corpora to the figures in the README, stage after stage; each line runs alone too.
# DATA is the folder with meld/, ravdess/, tess/, goemotions/; the recipes name the same one by relative paths.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
data=${DATA:-../shared/data}
results=docs/results

./affekt train recipes/starter/text.json --out runs/starter/text --threads 1 --resume
./affekt train recipes/starter/audio-text.json --out runs/starter/audio-text --threads 1 --resume
./affekt bundle pack runs/starter/audio-text --out bundles/starter

# What the starter sees: the expression network in four runs, each from where the one before ends: small pictures, whole ones,
# people's votes, and what the network itself makes of labels; then the video branch.
./affekt train recipes/starter/expression.json --out runs/starter/expression --resume
./affekt train recipes/starter/expression-fine.json --out runs/starter/expression-fine --resume
./affekt train recipes/starter/expression-votes.json --out runs/starter/expression-votes --resume
./affekt train recipes/starter/expression-corrected.json --out runs/starter/expression-corrected --resume
./affekt train recipes/starter/video.json --out runs/starter/video --threads 1 --resume

# What the starter hears: a branch for sound alone, against how each voice usually sounds.
./affekt train recipes/starter/sound.json --out runs/starter/sound --resume

# What tells speakers apart, on the same features; a build takes it in.
./affekt train recipes/starter/speakers.json --out runs/starter/speakers --resume
cp runs/starter/speakers/speakers.safetensors src/Affekt.Models/Persons/

# What tells that two people speak at once; a build takes it in.
./affekt train recipes/starter/overlap.json --out runs/starter/overlap --resume
cp runs/starter/overlap/overlap.safetensors src/Affekt.Models/Persons/

# Words, sound and picture in one bundle, each an expert, and how far each is believed.
./affekt train recipes/starter/fusion.json --out runs/starter/fusion --resume
./affekt bundle pack runs/starter/fusion --out bundles/starter
cat recipes/starter/about.md >>bundles/starter/card.md

mkdir -p "$results"
cp runs/starter/overlap/overlap.json "$results/"
cp runs/starter/fusion/fusion.{json,md} "$results/"
evaluate() { # NAME TARGET ARGUMENTS...: keeps the old result unless all went well
    ./affekt evaluate "${@:2}" --format json >"$results/$1.tmp"
    mv "$results/$1.tmp" "$results/$1.json"
}
./affekt bench corpora recipes/starter/sound.json --out runs/starter/corpora >"$results/sound-corpora.md"
./affekt bench corpora recipes/starter/sound.json --out runs/starter/corpora --format json >"$results/sound-corpora.json"
./affekt bench stress --bundle bundles/starter --data "$data" --answers runs/starter/fusion/answers.jsonl >"$results/stress.md"
evaluate talking bundles/starter --corpus manifest --root "$data/clips/talking.jsonl" --split dev --subsets
evaluate meld-text-uniform bundles/starter --corpus meld --root "$data/meld" --modalities text --prior uniform
recipes/meld/report.sh
evaluate meld-text-seeds runs/starter/audio-text --corpus meld --root "$data/meld" --modalities text
evaluate ravdess-sound bundles/starter --corpus ravdess --root "$data/ravdess" --speakers 17-20
evaluate ravdess-sound-women bundles/starter --corpus ravdess --root "$data/ravdess" --speakers 18,20
evaluate ravdess-sound-men bundles/starter --corpus ravdess --root "$data/ravdess" --speakers 17,19
evaluate ravdess-sound-noise bundles/starter --corpus ravdess --root "$data/ravdess" --speakers 17-20 --noise 15
for voices in casia spanish; do
    evaluate $voices-sound bundles/starter --corpus manifest --root "$data/$voices.jsonl"
    evaluate $voices-sound-baseline bundles/starter --corpus manifest --root "$data/$voices.jsonl" --baseline all
done
for faces in sfew taiwanese; do
    evaluate faces-$faces bundles/starter --corpus fer2013 --root "$data/faces/$faces"
    evaluate faces-$faces-uniform bundles/starter --corpus fer2013 --root "$data/faces/$faces" --prior uniform
    evaluate faces-$faces-baseline bundles/starter --corpus fer2013 --root "$data/faces/$faces" --prior uniform --baseline all
done
evaluate fer2013-video bundles/starter --corpus fer2013 --root "$data/fer2013.zip"
