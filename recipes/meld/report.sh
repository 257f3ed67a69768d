#!/usr/bin/env bash
# MELD's text rows with the default bundle, from MELD's CSV files: docs/results/meld-text*.json, and the page with charts
# docs/results/meld-text.html.
# DATA is the folder with meld/. Training the bundle anew is recipes/starter/run.sh.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
data=${DATA:-../shared/data}
results=docs/results

evaluate() { # NAME ARGUMENTS...: keeps the old result unless all went well
    ./affekt evaluate bundles/starter --corpus meld --root "$data/meld" --modalities text --format json "${@:2}" >"$results/$1.tmp"
    mv "$results/$1.tmp" "$results/$1.json"
}
evaluate meld-text-no-history --history off
evaluate meld-text --report "$results/meld-text.html"
