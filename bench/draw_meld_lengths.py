"""Draws 500 utterances of MELD's training split and writes how long they are, and nothing else of them.

usage: draw_meld_lengths.py TEXTS IDS OUT
TEXTS and IDS come from
  draw_meld_lengths.py --texts train_sent_emo.csv TEXTS
  ./affekt features --texts TEXTS --encoder bundles/starter/text-encoder --level ids --out IDS
"""
import csv
import json
import random
import struct
import sys

COUNT, SEED = 500, 20261124

# Some annotated times are wrong by minutes; what recognition cuts off is not in a stream.
SHORTEST_MS, LONGEST_MS = 300, 30000


def milliseconds(time):
    """00:16:16,059; some have a single digit for the hours."""
    hours, minutes, seconds = time.replace(",", ".").split(":")
    return round(1000 * (3600 * int(hours) + 60 * int(minutes) + float(seconds)))


if sys.argv[1] == "--texts":
    with open(sys.argv[2], encoding="utf-8") as rows, open(sys.argv[3], "w", encoding="utf-8") as out:
        for number, row in enumerate(csv.DictReader(rows)):
            length = milliseconds(row["EndTime"]) - milliseconds(row["StartTime"])
            out.write(json.dumps({"id": f"{number} {length}", "text": row["Utterance"]}) + "\n")
else:
    with open(sys.argv[2], "rb") as file:
        (size,) = struct.unpack("<Q", file.read(8))
        header = json.loads(file.read(size))
    rows = [(header[line["id"]]["shape"][0], int(line["id"].split()[1])) for line in map(json.loads, open(sys.argv[1], encoding="utf-8"))]
    rows = [(tokens, ms) for tokens, ms in rows if tokens > 2 and SHORTEST_MS <= ms <= LONGEST_MS]
    drawn = random.Random(SEED).sample(rows, COUNT)
    with open(sys.argv[3], "w", encoding="ascii") as out:
        out.write('{"tokens": %s,\n "milliseconds": %s}\n' % tuple(json.dumps(list(column)) for column in zip(*drawn)))
