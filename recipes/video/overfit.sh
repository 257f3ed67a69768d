#!/usr/bin/env bash
# Shows that the whole video network learns: 16 synthetic clips, from random weights, until dev (the same clips as recognition
# sees them) is answered without a fault. Some minutes on two cores; metrics.jsonl in runs/video/overfit holds every epoch.
set -euo pipefail
cd "$(dirname "$0")/../.."
recipes/video/make-clips.sh runs/video/clips 16
./affekt train recipes/video/overfit.json "$@"
