#!/usr/bin/env bash
# Shows that the whole video network learns: 16 synthetic clips of all classes from random weights, to the last one, in about a
# minute on two cores. dev is the same clips as recognition sees them; metrics.jsonl in runs/video/overfit holds every epoch.
set -euo pipefail
cd "$(dirname "$0")/../.."
recipes/video/make-clips.sh runs/video/clips 16
./affekt train recipes/video/overfit.json "$@"
