#!/bin/sh
# Makes sample.mp4 beside this script: a drawn face that says one surprised sentence. Needs espeak-ng and ffmpeg.
# The same versions of both make the same file again, byte for byte.
set -eu
cd "$(dirname "$0")"

sentence='Oh my goodness! You came all this way? I did not expect you!'
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

# A high, lively voice: pitch 70 of 99, 165 words a minute.
espeak-ng -v en-us -p 70 -s 165 -w "$work/speech.wav" "$sentence"

# Two bytes a sample, one channel, 22,050 samples a second after a header of 44 bytes.
length=$(awk "BEGIN { print ($(wc -c <"$work/speech.wav") - 44) / 44100 }")

# The face, 320 x 320, as one formula per color: each term says which part of the picture it fills. The mouth and
# the brows move with the time T, the eyes blink once.
ellipse() { # center x, center y, radius x, radius y
    echo "lte(hypot((X-($1))/($3),(Y-($2))/($4)),1)"
}
mouth="(14+9*sin(17*T)*sin(5*T))"
lift="(4*sin(3*T))"
eye="if(between(T,2,2.16),3,25)"
head=$(ellipse 160 165 115 135)
whites="max($(ellipse 118 135 21 "$eye"),$(ellipse 202 135 21 "$eye"))"
pupils="max($(ellipse 118 135 8 "min(9,$eye)"),$(ellipse 202 135 8 "min(9,$eye)"))"
brows="max(between(abs(X-118),0,26)*between(Y-(88-$lift)-(X-118)*(X-118)/70,0,7),\
between(abs(X-202),0,26)*between(Y-(88-$lift)-(X-202)*(X-202)/70,0,7))"
lips=$(ellipse 160 235 24 "$mouth+4")
inside=$(ellipse 160 235 19 "$mouth")
nose=$(ellipse 160 185 9 13)
hair="$(ellipse 160 150 124 138)*lt(Y,75+abs(X-160)*abs(X-160)/330)"

paint() { # brows and pupils, inside of the mouth, whites, lips, nose, hair, skin, background
    echo "if(max($brows,$pupils),$1,if($inside,$2,if($whites,$3,if($lips,$4,if($nose,$5,if($hair,$6,if($head,$7,$8)))))))"
}
red=$(paint 40 70 250 190 215 95 240 150)
green=$(paint 25 15 250 70 160 60 195 190)
blue=$(paint 20 25 250 80 125 35 160 215)

# The face fills half of the picture, as a face before a camera does: a detector of faces finds it.
ffmpeg -v error -nostdin -y -fflags +bitexact -i "$work/speech.wav" \
    -f lavfi -i "color=black:s=320x320:r=12.5,format=gbrp,geq=r='$red':g='$green':b='$blue',gblur=0.8,scale=224:224,pad=320:320:48:60:0x96BED7,format=yuv420p" \
    -map 1:v -map 0:a -t "$length" -map_metadata -1 -flags +bitexact -fflags +bitexact -threads 1 \
    -c:v libx264 -preset slow -crf 24 -g 12 -c:a aac -b:a 64k -ar 22050 -ac 1 -movflags +faststart sample.mp4
