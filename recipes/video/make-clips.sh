#!/usr/bin/env bash
# Makes synthetic clips of a moving square, one second each, and their manifest: the way of the square is the emotion, its
# colors tell the clips apart. Each clip stands in the manifest twice, for training and for dev.
#
# usage: make-clips.sh FOLDER COUNT
set -euo pipefail
folder=$1
count=$2
mkdir -p "$folder"

emotions=(neutral joy sadness anger fear disgust surprise)
# Still, right, down, left, up, aslant, in a circle; within 120 x 80 pixels, t from 0 to 1.
across=('60' '120*t' '60' '120-120*t' '60' '120*t' '60+50*cos(6.28*t)')
down=('40' '40' '80*t' '40' '80-80*t' '80*t' '40+35*sin(6.28*t)')
colors=(red lime blue yellow magenta cyan orange white)
grounds=(black gray)

: > "$folder/manifest.jsonl"
for ((i = 0; i < count; i++)); do
  kind=$((i % 7))
  name=$(printf 'clip-%02d' "$i")
  ground=${grounds[i / 8 % 2]}
  ffmpeg -v error -nostdin -y -f lavfi -i "color=c=$ground:s=160x120:r=12:d=1[ground];color=c=${colors[i % 8]}:s=40x40:r=12:d=1[square];[ground][square]overlay=x='${across[kind]}':y='${down[kind]}':shortest=1" \
    -c:v libx264 -pix_fmt yuv420p "$folder/$name.mp4"
  for split in train dev; do
    printf '{"id":"%s-%s","dialogue":"%s-%s","index":0,"emotion":"%s","split":"%s","media":"%s.mp4","start_ms":0,"end_ms":1000}\n' \
      "$name" "$split" "$name" "$split" "${emotions[kind]}" "$split" "$name" >> "$folder/manifest.jsonl"
  done
done
