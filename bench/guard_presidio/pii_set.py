"""Build and check the labelled personal-data set in data/guard/pii.

The two halves are kept as marked text (tune.txt, report.txt), because a person can read and mend
`氏名は{PERSON:山田 太郎}です` and nobody can mend offsets. This program derives the JSONL from it.

    python3 pii_set.py build    # write tune.jsonl and report.jsonl
    python3 pii_set.py check    # both halves sound, apart from each other, and JSONL up to date
    python3 pii_set.py count    # spans per type and half

Only the standard library is used.

A passage is a header line `@ id tag tag ...` and the lines up to the next header; blank lines at its end are
dropped, and lines that begin with `#!` are remarks. Inside a passage:

    {TYPE:text}    a labelled span; a `?` in it is the check digit of that type, computed here
    {+TYPE:text}   not labelled, but its `?` is computed too: a look-alike that passes the check
    \\t, \\u200b     characters which nobody would see in an editor
"""

import json
import re
import sys
from pathlib import Path

FOLDER = Path(__file__).resolve().parents[2] / "data" / "guard" / "pii"
HALVES = ("tune", "report")

TYPES = (
    "PERSON ADDRESS PHONE POSTAL_CODE EMAIL DATE_OF_BIRTH MY_NUMBER CORP_NUMBER DRIVER_LICENSE PASSPORT "
    "RESIDENCE_CARD JUMIN_CODE PENSION_NUMBER HEALTH_INSURANCE EMPLOYMENT_INSURANCE CARE_INSURANCE BANK_ACCOUNT "
    "CREDIT_CARD VEHICLE PATIENT_ID EMPLOYEE_ID IP"
).split()

# Digits written in one of three ways; the check digit is written the way its neighbours are.
SCRIPTS = ("0123456789", "０１２３４５６７８９", "〇一二三四五六七八九")
VALUE = {char: value for script in SCRIPTS for value, char in enumerate(script)}

# Digits a number of the type has; a type that is not named here has no fixed length.
DIGITS = {
    "MY_NUMBER": {12}, "CORP_NUMBER": {13}, "DRIVER_LICENSE": {12}, "JUMIN_CODE": {11}, "PENSION_NUMBER": {10},
    "EMPLOYMENT_INSURANCE": {11}, "CARE_INSURANCE": {10}, "CREDIT_CARD": {14, 15, 16}, "POSTAL_CODE": {7},
    "RESIDENCE_CARD": {8}, "PHONE": {9, 10, 11, 12},
}

MARK = re.compile(r"\{(\+?)(" + "|".join(TYPES) + r"):([^{}]*)\}")
ESCAPE = re.compile(r"\\(t|u([0-9a-f]{4}))")
HEADER = re.compile(r"^@ ([a-z0-9-]+)((?: [a-z0-9-]+)*)$")


class Broken(Exception):
    """The set breaks its own rule; the text says where."""


def mod11(digits):
    """個人番号: the last of twelve digits from the first eleven."""
    total = sum(d * (n + 1 if n <= 6 else n - 5) for n, d in enumerate(reversed(digits), 1))
    return 0 if total % 11 <= 1 else 11 - total % 11


def mod9(digits):
    """法人番号: the first of thirteen digits from the other twelve."""
    return 9 - sum(d * (1 if n % 2 else 2) for n, d in enumerate(reversed(digits), 1)) % 9


def licence(digits):
    """運転免許証: the eleventh digit from the first ten."""
    weights = (5, 4, 3, 2, 7, 6, 5, 4, 3, 2)
    return (11 - sum(w * d for w, d in zip(weights, digits)) % 11) % 10


def luhn(digits):
    """Cards and 保険者番号: the last digit from those before it."""
    doubled = [d * 2 if n % 2 == 0 else d for n, d in enumerate(reversed(digits))]
    return -sum(d // 10 + d % 10 for d in doubled) % 10


# Where the check digit stands, what it is computed from, and how.
CHECKS = {
    "MY_NUMBER": (11, slice(0, 11), mod11),
    "CORP_NUMBER": (0, slice(1, 13), mod9),
    "DRIVER_LICENSE": (10, slice(0, 10), licence),
    "CREDIT_CARD": (-1, slice(0, -1), luhn),
    "HEALTH_INSURANCE": (-1, slice(0, -1), luhn),
}


def digits_of(text):
    return [VALUE.get(char, 0) for char in text if char in VALUE or char == "?"]


def fill(kind, text):
    """`text` with its `?` replaced by the check digit of `kind`."""
    if "?" not in text:
        return text
    place, used, rule = CHECKS[kind]
    digits = digits_of(text)
    marks = [char for char in text if char in VALUE or char == "?"]
    if marks.count("?") != 1 or marks[place] != "?":
        raise Broken(f"{kind}: the check digit of {text} is elsewhere")
    script = next(s for s in SCRIPTS if any(char in s for char in marks))
    return text.replace("?", script[rule(digits[used])])


def passes(kind, text):
    """Whether the check digit in `text` is right; None when the type, or this form of it, has none."""
    digits = digits_of(text)
    if kind not in CHECKS or (kind == "HEALTH_INSURANCE" and len(digits) != 8):
        return None
    place, used, rule = CHECKS[kind]
    return digits[place] == rule(digits[used])


def unescape(text):
    return ESCAPE.sub(lambda m: "\t" if m[1] == "t" else chr(int(m[2], 16)), text)


def passages(half):
    """(id, tags, marked text) of each passage, in order."""
    name, tags, lines = None, [], []
    for number, line in enumerate((FOLDER / f"{half}.txt").read_text("utf-8").split("\n"), 1):
        if line.startswith("#!"):
            continue
        if line.startswith("@ "):
            if name:
                yield name, tags, "\n".join(lines).rstrip("\n")
            header = HEADER.match(line)
            if not header:
                raise Broken(f"{half}.txt:{number}: not a header: {line}")
            name, tags, lines = header[1], header[2].split(), []
        elif name:
            lines.append(line)
    yield name, tags, "\n".join(lines).rstrip("\n")


def parse(name, tags, marked):
    """One record of the set from one passage."""
    text, spans, place = "", [], 0
    for mark in MARK.finditer(marked):
        text += unescape(marked[place:mark.start()])
        body = fill(mark[2], unescape(mark[3]))
        if not mark[1]:
            spans.append({"type": mark[2], "start": len(text), "end": len(text) + len(body)})
        text += body
        place = mark.end()
    text += unescape(marked[place:])
    if not spans:
        tags = [*tags, "negative"]
    return {"id": name, "text": text, "spans": spans, "tags": tags}


def load(half):
    return [parse(*passage) for passage in passages(half)]


def lines_of(records):
    return "".join(json.dumps(r, ensure_ascii=False, separators=(",", ":")) + "\n" for r in records)


def surface(record, span):
    """What the span says, without width, spaces and separators: what must not occur in both halves."""
    text = record["text"][span["start"]:span["end"]]
    plain = "".join(str(VALUE[c]) if c in VALUE else c for c in text)
    return re.sub(r"[\W_ー]", "", plain).lower()


def family(record, span):
    """The family name of a full name written with a space, or None: what must not occur in both halves either."""
    text = record["text"][span["start"]:span["end"]]
    first, space, _ = text.replace("\u3000", " ").partition(" ")
    return first.lower() if span["type"] == "PERSON" and space else None


def problems_in(records):
    seen = set()
    for record in records:
        name, text = record["id"], record["text"]
        if name in seen:
            yield f"{name}: id twice"
        seen.add(name)
        if not text.strip() or re.search(r"\{\+?[A-Z_]+:", text):
            yield f"{name}: empty, or a mark of an unknown type"
        if len(text.split("\n")) > 8:
            yield f"{name}: longer than a short passage"
        end, failed = 0, 0
        for span in record["spans"]:
            body = text[span["start"]:span["end"]]
            if not end <= span["start"] < span["end"] <= len(text):
                yield f"{name}: spans overlap or leave the text"
            end = span["end"]
            if body != body.strip():
                yield f"{name}: space at the edge of {body!r}"
            wanted = DIGITS.get(span["type"])
            if wanted and len(digits_of(body)) not in wanted:
                yield f"{name}: {span['type']} {body!r} has {len(digits_of(body))} digits"
            failed += passes(span["type"], body) is False
        if (failed > 0) != ("check-failed" in record["tags"]):
            yield f"{name}: {failed} check digits wrong, the tag says otherwise"


def check():
    halves = {half: load(half) for half in HALVES if (FOLDER / f"{half}.txt").exists()}
    found = [f"{half}: {p}" for half, records in halves.items() for p in problems_in(records)]
    for half, records in halves.items():
        if (FOLDER / f"{half}.jsonl").read_text("utf-8") != lines_of(records):
            found.append(f"{half}.jsonl is older than {half}.txt: run build")
    values = [{surface(r, s): r["id"] for r in records for s in r["spans"]} for records in halves.values()]
    for both in sorted(set.intersection(*map(set, values)) if len(values) == 2 else ()):
        found.append(f"{both} occurs in {values[0][both]} and {values[1][both]}")
    families = [{family(r, s): r["id"] for r in records for s in r["spans"]} for records in halves.values()]
    for both in sorted(set.intersection(*map(set, families)) - {None} if len(families) == 2 else ()):
        found.append(f"the family name {both} occurs in {families[0][both]} and {families[1][both]}")
    print("\n".join(found) or "sound")
    return 1 if found else 0


def count():
    halves = {half: load(half) for half in HALVES if (FOLDER / f"{half}.txt").exists()}
    for half, records in halves.items():
        negative = sum(not r["spans"] for r in records)
        print(f"{half}: {len(records)} passages, {negative} negative, {sum(len(r['spans']) for r in records)} spans, "
              f"{sum(len(r['text'].encode()) for r in records)} bytes")
    for kind in TYPES:
        print(kind, *(sum(s["type"] == kind for r in rs for s in r["spans"]) for rs in halves.values()))
    return 0


def build():
    for half in HALVES:
        if (FOLDER / f"{half}.txt").exists():
            (FOLDER / f"{half}.jsonl").write_text(lines_of(load(half)), "utf-8")
    return 0


if __name__ == "__main__":
    try:
        sys.exit({"build": build, "check": check, "count": count}[sys.argv[1]]())
    except Broken as broken:
        sys.exit(str(broken))
