"""Score a predictions file against a half of the labelled personal-data set.

    python3 score.py ../../data/guard/pii/report.jsonl PREDICTIONS.jsonl [--json] [--misses]

Predictions are lines `{"id","spans":[{"type","start","end"}]}`, as `sekisho guard scan --jsonl` and presidio_ja.py
write them. The rule is section 4 of data/guard/pii/RULE.ja.md; the numbers in comments are its points. Only the
standard library is used.
"""

import argparse
import json
import math
import sys
from pathlib import Path

from pii_set import TYPES

Z = 1.959964
FREE = {"PERSON", "ADDRESS"}


class Bad(Exception):
    """An input that cannot be scored; the text says which."""


def records_in(path):
    found = {}
    for number, line in enumerate(Path(path).read_text("utf-8").split("\n"), 1):
        if not line.strip():
            continue
        record = json.loads(line)
        if record["id"] in found:
            raise Bad(f"{path}:{number}: id {record['id']} twice")
        found[record["id"]] = record
    return found


def spans_of(record, kind):
    return sorted((s["start"], s["end"]) for s in record["spans"] if s["type"] == kind)


def merged(spans):
    """Point 1: spans that share a character become one; spans that only touch stay two."""
    out = []
    for start, end in sorted(spans):
        if out and start < out[-1][1]:
            out[-1] = (out[-1][0], max(out[-1][1], end))
        else:
            out.append((start, end))
    return out


def covered(span, others):
    """Characters of `span` inside the union of `others`, which must not overlap each other."""
    return sum(max(0, min(span[1], end) - max(span[0], start)) for start, end in others)


def judge(gold, predicted):
    """Points 2 to 4 for one type in one text: which gold spans are found, and the verdict on each prediction."""
    predicted = merged(predicted)
    found = [10 * covered(g, predicted) >= 8 * (g[1] - g[0]) for g in gold]
    verdicts, taken = [], set()
    for p in predicted:
        if 2 * covered(p, gold) < p[1] - p[0]:
            verdicts.append((p, "wrong"))
            continue
        home = max(range(len(gold)), key=lambda i: (covered(p, [gold[i]]), -i))
        verdicts.append((p, "repeated" if home in taken else "right"))
        taken.add(home)
    return found, verdicts


def wilson(part, whole):
    """Point 7."""
    if not whole:
        return None
    share, square = part / whole, Z * Z
    middle = (share + square / (2 * whole)) / (1 + square / whole)
    half = Z * math.sqrt(share * (1 - share) / whole + square / (4 * whole * whole)) / (1 + square / whole)
    return [max(0.0, middle - half), min(1.0, middle + half)]


def row(name, kinds, tally):
    gold, found, right, wrong, leaked = (sum(tally[k][n] for k in kinds)
                                         for n in ("gold", "found", "right", "wrong", "leaked"))
    return {"name": name, "gold": gold, "found": found, "right": right, "wrong": wrong, "leaked": leaked,
            "recall": found / gold if gold else None, "recall_95": wilson(found, gold),
            "precision": right / (right + wrong) if right + wrong else None,
            "precision_95": wilson(right, right + wrong)}


def score(gold, predictions, said=lambda line: None):
    if set(gold) != set(predictions):
        raise Bad(f"the ids differ, e.g. {sorted(set(gold) ^ set(predictions))[0]}")
    tally = {k: dict.fromkeys(("gold", "found", "right", "wrong", "leaked"), 0) for k in TYPES}
    negative = flagged = 0
    for name, record in gold.items():
        text, answer = record["text"], predictions[name]
        for s in answer["spans"]:
            if not 0 <= s["start"] < s["end"] <= len(text):
                raise Bad(f"{name}: span {s['start']}-{s['end']} is empty or leaves the text")
        counted = [s for s in answer["spans"] if s["type"] in TYPES]
        everything = merged((s["start"], s["end"]) for s in counted)
        if not record["spans"]:
            negative += 1
            flagged += bool(counted)
        for kind in TYPES:
            wanted = spans_of(record, kind)
            found, verdicts = judge(wanted, spans_of(answer, kind))
            here = tally[kind]
            here["gold"] += len(wanted)
            here["found"] += sum(found)
            here["leaked"] += sum(10 * covered(g, everything) < 8 * (g[1] - g[0]) for g in wanted)
            for g, ok in zip(wanted, found):
                if not ok:
                    said(f"{name}\tmissed\t{kind}\t{text[g[0]:g[1]]!r}")
            for p, verdict in verdicts:
                here["right"] += verdict == "right"
                here["wrong"] += verdict == "wrong"
                if verdict == "wrong":
                    said(f"{name}\twrong\t{kind}\t{text[p[0]:p[1]]!r}")
    rows = [row(k, [k], tally) for k in TYPES]
    rows.append(row("all", TYPES, tally))
    rows.append(row("structured", [k for k in TYPES if k not in FREE], tally))
    rows.append(row("names and addresses", sorted(FREE), tally))
    return {"rows": rows, "negative": negative, "flagged": flagged, "flagged_95": wilson(flagged, negative)}


def shown(share, interval):
    return "-" if share is None else f"{share:.3f} [{interval[0]:.3f}, {interval[1]:.3f}]"


def table(result):
    lines = ["| type | spans | found | recall [95 %] | right | wrong | precision [95 %] | leaked |",
             "| --- | --- | --- | --- | --- | --- | --- | --- |"]
    for r in result["rows"]:
        lines.append(f"| {r['name']} | {r['gold']} | {r['found']} | {shown(r['recall'], r['recall_95'])} | {r['right']} "
                     f"| {r['wrong']} | {shown(r['precision'], r['precision_95'])} | {r['leaked']} |")
    share = result["flagged"] / result["negative"] if result["negative"] else None
    lines += ["", f"negative passages with any finding: {result['flagged']} of {result['negative']}, "
              + shown(share, result["flagged_95"])]
    return "\n".join(lines)


def main():
    options = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    options.add_argument("set")
    options.add_argument("predictions")
    options.add_argument("--json", action="store_true", help="print counts and shares as JSON")
    options.add_argument("--misses", action="store_true", help="list what was missed or wrong on stderr; tune half only")
    asked = options.parse_args()
    said = (lambda line: print(line, file=sys.stderr)) if asked.misses else (lambda line: None)
    try:
        result = score(records_in(asked.set), records_in(asked.predictions), said)
    except Bad as bad:
        sys.exit(str(bad))
    print(json.dumps(result, ensure_ascii=False) if asked.json else table(result))


if __name__ == "__main__":
    main()
