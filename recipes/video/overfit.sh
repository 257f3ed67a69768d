#!/usr/bin/env bash
# Tries whether the whole video network learns 16 synthetic clips from random weights; dev is the same clips as recognition sees
# them. It has not been followed to its end yet: 5 of 16 after 11 of its 30 epochs. metrics.jsonl in runs/video/overfit holds
# every epoch, and --resume goes on with a run that was broken off.
set -euo pipefail
cd "$(dirname "$0")/../.."
recipes/video/make-clips.sh runs/video/clips 16
./affekt train recipes/video/overfit.json "$@"
