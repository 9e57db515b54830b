#!/usr/bin/env python3
"""Verify a Sekisho audit log without any Sekisho code.

Written from docs/audit-format.md, RFC 6962, RFC 8032 and the C2SP texts alone; needs Python 3.11 and nothing else.

    python3 audit_verify.py LOG_FOLDER [--key VKEY] [--trust CHECKPOINT_FILE]... [--witness VKEY]...
    python3 audit_verify.py proof FILE --key VKEY [--witness VKEY]...

It proves that the entries are those the log signed, in that order, none missing. It does not decrypt: sealed leaves use
XChaCha20-Poly1305, which the standard library does not have, so what a record says, its key commitment and its content
commitment stay unchecked. Without --key the log vouches for its own key, which shows damage but no forgery. A log cut
off at a commit is in itself a good log: only a checkpoint kept elsewhere (--trust, or a witness's) shows the cut.

Output: what was checked, `problem:` lines (each with its place), `remark:` lines (worth a look, no fault by the format),
and at the end OK or NOT OK. Exit status: 0 OK, 1 NOT OK, 2 could not verify. About 500 bytes of memory per entry.
"""
import argparse
import base64
import binascii
import functools
import hashlib
import os
import re
import struct
import sys
from array import array
from datetime import datetime

# Limits, so that hostile input costs bounded memory. The first three are the format's, the others are ours.
LEAF_BYTES_MAX = 65_535
COMMIT_BYTES_MAX = 4_096
TILE_HASHES = 256
SEGMENT_BYTES_MAX = 1 << 30     # the format closes a segment soon after 256 MiB
ENTRIES_MAX = 10_000_000
NOTE_BYTES_MAX = 1 << 20
NOTE_SIGNATURES_MAX = 100
TILE_FILES_MAX = 1_000_000
LINES_SHOWN_MAX = 100           # of problems, and of remarks; the rest is counted

SEGMENT_HEADER = b"SEKISHO-SEG-1\n\0\0"
FRAME = struct.Struct("<IIBQ")           # length, crc, tag, index; all little-endian
ENTRY, COMMIT = 1, 2
LEAF_HEADER = struct.Struct(">BBQ16s")   # version, kind, time, record id; all big-endian
SEALED_HEADER = struct.Struct(">BBQ16sBQ")
SEALED_BYTES_MIN = 35 + 24 + 32 + 32 + 32 + 16   # nonce, two commitments, salt, Poly1305 tag; an empty content
SEALED = {1: "open", 2: "close", 3: "event", 4: "part"}
CLEAR = {16: "erase", 17: "hold", 18: "release", 19: "key"}
LOG_KEY, WITNESS_KEY = 1, 4              # C2SP signature types: Ed25519 note, Ed25519 cosignature
NUMBER = re.compile(r"0|[1-9][0-9]{0,19}", re.ASCII)


class Bad(ValueError):
    """Input that breaks the format; the text says how."""


class Report:
    """What was found. Problems decide the verdict, remarks do not."""

    def __init__(self):
        self.problems, self.remarks, self.checked = [], [], []

    def problem(self, place, text):
        self.problems.append(f"{place}: {text}")

    def remark(self, place, text):
        self.remarks.append(f"{place}: {text}")

    def print(self):
        for line in self.checked:
            print(shown(line))
        for word, lines in (("problem", self.problems), ("remark", self.remarks)):
            for line in lines[:LINES_SHOWN_MAX]:
                print(f"{word}: {shown(line)}")
            if len(lines) > LINES_SHOWN_MAX:
                print(f"{word}: {len(lines) - LINES_SHOWN_MAX} more not shown")
        print("NOT OK" if self.problems else "OK")
        return 1 if self.problems else 0


def shown(text):
    """Text for a terminal: a hostile log must not move the cursor or paint an OK."""
    return "".join(c if c.isprintable() else f"\\u{ord(c):04x}" for c in text)


def number(text):
    if not NUMBER.fullmatch(text):
        raise Bad(f"not a decimal number: {text[:30]!r}")
    return int(text)


def unbase64(text):
    try:
        data = base64.b64decode(text.encode("ascii"), validate=True)
    except (ValueError, binascii.Error):
        raise Bad("not base64") from None
    if base64.b64encode(data).decode() != text:
        raise Bad("base64 is not in its one canonical form")
    return data


def read_bounded(path, limit):
    """Whole file. Plain files only: opening a pipe would wait for ever."""
    if not os.path.isfile(path):
        raise Bad("not a file" if os.path.lexists(path) else "is missing")
    with open(path, "rb") as file:
        data = file.read(limit + 1)
    if len(data) > limit:
        raise Bad(f"larger than {limit} bytes")
    return data


# --- CRC-32C (Castagnoli), two bytes a step: a byte a step takes twice as long ---------------------------------------

@functools.cache
def crc_table():
    one = []
    for value in range(256):
        for _ in range(8):
            value = value >> 1 ^ (0x82F63B78 if value & 1 else 0)
        one.append(value)
    step = [one[word & 255] ^ word >> 8 for word in range(65536)]
    return [one[value & 255] ^ value >> 8 for value in step]


def crc32c(data):
    table, crc = crc_table(), 0xFFFFFFFF
    words = array("H", data[:len(data) & ~1])
    if sys.byteorder == "big":
        words.byteswap()
    for word in words:
        crc = table[(crc ^ word) & 0xFFFF] ^ crc >> 16
    if len(data) & 1:
        # One byte alone: shift it in bit by bit.
        crc ^= data[-1]
        for _ in range(8):
            crc = crc >> 1 ^ (0x82F63B78 if crc & 1 else 0)
    return crc ^ 0xFFFFFFFF


# --- Ed25519 (RFC 8032); verification handles no secret, so it need not run in constant time --------------------------

P = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, -1, P) % P
ROOT_OF_MINUS_1 = pow(2, (P - 1) // 4, P)


def point_add(a, b):
    """Sum of two points (X, Y, Z, T) with x = X/Z, y = Y/Z, x*y = T/Z; the formula holds for a = b too."""
    minus, plus = (a[1] - a[0]) * (b[1] - b[0]), (a[1] + a[0]) * (b[1] + b[0])
    t, z = 2 * D * a[3] * b[3], 2 * a[2] * b[2]
    e, f, g, h = plus - minus, z - t, z + t, plus + minus
    return e * f % P, g * h % P, f * g % P, e * h % P


@functools.lru_cache(maxsize=64)
def point(encoded):
    """Point of its 32 bytes; Bad when there is none, or when y is not reduced."""
    y = int.from_bytes(encoded, "little")
    sign, y = y >> 255, y & (1 << 255) - 1
    if y >= P:
        raise Bad("point is not in canonical form")
    u, v = (y * y - 1) % P, (D * y * y + 1) % P
    x = u * pow(v, 3, P) * pow(u * pow(v, 7, P), (P - 5) // 8, P) % P
    if (v * x * x - u) % P:
        x = x * ROOT_OF_MINUS_1 % P
    if (v * x * x - u) % P or (x == 0 and sign):
        raise Bad("not a point of the curve")
    if x & 1 != sign:
        x = P - x
    return x, y, 1, x * y % P


def encoded_point(a):
    inverse = pow(a[2], -1, P)
    return (a[1] * inverse % P | (a[0] * inverse % P & 1) << 255).to_bytes(32, "little")


BASE = point((4 * pow(5, -1, P) % P).to_bytes(32, "little"))


def ed25519_verify(public, message, signature):
    """Whether S*B = R + k*A, without the cofactor; S must be reduced (RFC 8032, 5.1.7)."""
    if len(public) != 32 or len(signature) != 64:
        return False
    s = int.from_bytes(signature[32:], "little")
    if s >= ORDER:
        return False
    try:
        x, y, _, t = point(public)
    except Bad:
        return False
    k = int.from_bytes(hashlib.sha512(signature[:32] + public + message).digest(), "little") % ORDER
    minus_key = (P - x, y, 1, P - t)
    addends = (None, BASE, minus_key, point_add(BASE, minus_key))
    result = (0, 1, 1, 0)
    # Both products in one pass over the bits: half the doublings.
    for bit in range(252, -1, -1):
        result = point_add(result, result)
        addend = addends[(s >> bit & 1) | (k >> bit & 1) << 1]
        if addend:
            result = point_add(result, addend)
    return encoded_point(result) == signature[:32]


# --- Signed notes and checkpoints (C2SP) ------------------------------------------------------------------------------

class Key:
    """A vkey: `<name>+<key id, 8 hex digits>+<base64 of type byte and public key>`."""

    def __init__(self, vkey, kind=LOG_KEY):
        parts = vkey.split("+", 2)
        if len(parts) != 3 or not parts[0] or re.search(r"\s", parts[0]):
            raise Bad("not a vkey: <name>+<key id>+<base64>")
        self.vkey, self.name, material = vkey, parts[0], unbase64(parts[2])
        if len(material) != 33 or material[0] != kind:
            raise Bad(f"vkey is not of Ed25519 type {kind}")
        self.kind, self.public = kind, material[1:]
        self.id = hashlib.sha256(self.name.encode() + b"\n" + material).digest()[:4]
        if not re.fullmatch("[0-9a-fA-F]{8}", parts[1]) or bytes.fromhex(parts[1]) != self.id:
            raise Bad("key id of the vkey does not belong to its name and key")


class Note:
    """A signed note, taken apart; `verify` says which promise it breaks, if any."""

    def __init__(self, data):
        if len(data) > NOTE_BYTES_MAX:
            raise Bad("note is too large")
        try:
            text = data.decode("utf-8")
        except UnicodeDecodeError:
            raise Bad("note is not UTF-8") from None
        if re.search(r"[\x00-\x09\x0b-\x1f]", text):
            raise Bad("note has control characters")
        cut = text.rfind("\n\n")
        if cut < 0 or not text.endswith("\n"):
            raise Bad("not a signed note: no text, blank line, signatures")
        self.text = text[:cut + 1]
        self.signatures = []
        for line in text[cut + 2:-1].split("\n"):
            match = re.fullmatch(r"\u2014 ([^\s+]+) ([A-Za-z0-9+/=]+)", line)
            raw = unbase64(match[2]) if match else b""
            if len(raw) < 5:
                raise Bad("bad signature line")
            self.signatures.append((match[1], raw[:4], raw[4:]))
        if not 1 <= len(self.signatures) <= NOTE_SIGNATURES_MAX:
            raise Bad("no signature line, or too many")

    def verify(self, key):
        """Bad unless the note carries a good signature by `key`; signatures of other keys are passed over."""
        found = [raw for name, id, raw in self.signatures if (name, id) == (key.name, key.id)]
        if not found:
            raise Bad(f"no signature by key {key.name}+{key.id.hex()}")
        for raw in found:
            message = self.text.encode()
            if key.kind == WITNESS_KEY:
                # C2SP tlog-cosignature: eight bytes of time, which are signed with the text, then the signature.
                message, raw = b"cosignature/v1\ntime %d\n" % int.from_bytes(raw[:8], "big") + message, raw[8:]
            if not ed25519_verify(key.public, message, raw):
                raise Bad(f"signature by {key.name}+{key.id.hex()} is wrong")


class Checkpoint(Note):
    def __init__(self, data, origin):
        super().__init__(data)
        lines = self.text[:-1].split("\n")
        if len(lines) != 3:
            raise Bad("checkpoint text is not three lines")
        if lines[0] != origin:
            raise Bad(f"origin is {lines[0]!r}, not {origin!r}")
        self.size, self.root = number(lines[1]), unbase64(lines[2])
        if len(self.root) != 32:
            raise Bad("root hash is not 32 bytes")


# --- Merkle tree (RFC 6962) -------------------------------------------------------------------------------------------

def leaf_hash(leaf):
    return hashlib.sha256(b"\0" + leaf).digest()


def node_hash(left, right):
    return hashlib.sha256(b"\1" + left + right).digest()


class Tree:
    """Right edge of a growing tree: the roots of its full subtrees, largest first."""

    def __init__(self):
        self.size, self.peaks = 0, []

    def add(self, leaf):
        self.peaks.append(leaf)
        count = self.size
        while count & 1:
            right = self.peaks.pop()
            self.peaks[-1] = node_hash(self.peaks[-1], right)
            count >>= 1
        self.size += 1

    def root(self):
        if not self.peaks:
            return hashlib.sha256(b"").digest()
        return functools.reduce(lambda right, left: node_hash(left, right), reversed(self.peaks))


def root_from_path(index, size, leaf, path):
    """Root that an inclusion path of RFC 6962, 2.1.1 leads to; Bad when the path has the wrong length."""
    hash, last, path = leaf, size - 1, list(path)
    while last:
        if index & 1:
            hash = node_hash(path.pop(0), hash) if path else None
        elif index < last:
            hash = node_hash(hash, path.pop(0)) if path else None
        if hash is None:
            raise Bad("inclusion path is too short")
        # An unpaired right edge goes up a level unhashed.
        index, last = index >> 1, last >> 1
    if path:
        raise Bad("inclusion path is too long")
    return hash


# --- Segments ---------------------------------------------------------------------------------------------------------

class Walk:
    """One pass over all segments. Only what a commit covers is counted: what follows it was never acknowledged."""

    def __init__(self, report, origin, key, sizes_wanted):
        self.report, self.origin = report, origin
        self.keys = [(-1, key)]            # (size, key): commits of more than `size` entries are signed with `key`
        self.tree, self.roots = Tree(), {size: None for size in sizes_wanted}
        if 0 in self.roots:
            self.roots[0] = self.tree.root()
        self.hashes, self.sizes = bytearray(), {0}   # leaf hashes, 32 bytes each; sizes at which a commit stands
        self.leaves = Leaves(report, origin)
        self.commits = self.diverged = self.segments = 0
        self.pending = []                  # (place, leaf) since the last commit
        self.torn, self.committed = None, 0   # what follows the last commit; where the last commit of the segment ends

    def key_for(self, size):
        """The key that signs a checkpoint of `size` entries: a key leaf holds from the commit after its own."""
        return next(key for since, key in reversed(self.keys) if since < size)

    def run(self, folder):
        names = sorted(os.listdir(folder))
        for name in [n for n in names if not re.fullmatch(r"[0-9]{20}\.seg", n, re.ASCII)]:
            self.report.problem(f"segment/{name}", "not the name of a segment")
        names = [n for n in names if re.fullmatch(r"[0-9]{20}\.seg", n, re.ASCII)]
        if not names:
            self.report.problem("segment", "no segment: nothing to verify")
        for at, name in enumerate(names):
            self.segments += 1
            place, last = f"segment/{name}", at == len(names) - 1
            if int(name[:20]) != self.tree.size:
                self.report.problem(place, f"begins with entry {int(name[:20])}, but entry {self.tree.size} is due")
                return
            try:
                data = read_bounded(os.path.join(folder, name), SEGMENT_BYTES_MAX)
                whole = self.segment(place, data, last)
            except Bad as why:
                self.report.problem(place, str(why))
                whole = False
            if not whole:
                if not last:
                    self.report.problem(place, f"{len(names) - 1 - at} segments after this one were not read")
                return

    def segment(self, place, data, last):
        """Reads one segment; whether it was read to its end."""
        if data[:16] != SEGMENT_HEADER:
            if last and len(data) < 16 and SEGMENT_HEADER.startswith(data):
                self.torn = f"{place} byte 0: {len(data)} bytes of an unfinished segment header"
                return True
            raise Bad("does not begin with the segment header")
        at = self.committed = 16
        while at < len(data):
            why, intact, end = self.frame(place, data, at)
            if why:
                # A write torn by a power cut is at the very end: not intact, and nothing committed behind it.
                if last and not intact and not self.commit_after(data, at):
                    break
                self.report.problem(f"{place} byte {at}", why)
                if not end:
                    self.report.problem(place, f"reading stops here, {self.tree.size} committed entries in")
                    return False
            at = end
        if self.committed < len(data):
            if not last:
                raise Bad("does not end with a commit, but is not the last segment")
            self.pending = []
            self.torn = f"{place} byte {self.committed}: {len(data) - self.committed} bytes without a commit"
        return True

    def frame(self, place, data, at):
        """Takes in one frame: (what is wrong or None, whether it is as written, where it ends or None if unknown)."""
        if at + FRAME.size > len(data):
            return "frame header is cut short", False, None
        length, crc, tag, index = FRAME.unpack_from(data, at)
        end = at + FRAME.size + length
        if tag not in (ENTRY, COMMIT):
            return f"frame has unknown tag {tag}", False, None
        if not 1 <= length <= (LEAF_BYTES_MAX if tag == ENTRY else COMMIT_BYTES_MAX):
            return f"frame has impossible length {length}", False, None
        if end > len(data):
            return "frame is cut short", False, None
        intact, due = crc32c(data[at + 8:end]) == crc, self.tree.size + len(self.pending)
        why = None if intact else "CRC is wrong"
        if index != due:
            return f"{'entry' if tag == ENTRY else 'commit for'} {index} stands where {due} is due", intact, None
        if why and not self.commit_after(data, at):
            return why, False, None
        # With a wrong CRC we read on where this is damage and not a torn write: it shows how far the damage goes.
        place = f"{place} byte {at}, {'entry' if tag == ENTRY else 'commit'} {index}"
        if tag == ENTRY:
            if due >= ENTRIES_MAX:
                raise Bad(f"more than {ENTRIES_MAX} entries: too many for this program")
            self.pending.append((place, data[at + FRAME.size:end]))
        else:
            self.commit(place, data[at + FRAME.size:end], index)
            self.committed = end
        return why, intact, end

    def commit_after(self, data, at):
        """Whether something was committed behind `at`: an intact commit frame that does not end the file. (One that does
        may belong to the unfinished group itself.) Its text begins with the origin, which is looked for."""
        text = self.origin.encode() + b"\n"
        found = data.find(text, at + FRAME.size + 1)
        while found >= 0:
            length, crc, tag, index = FRAME.unpack_from(data, found - FRAME.size)
            if tag == COMMIT and length <= min(COMMIT_BYTES_MAX, len(data) - found) and index > self.tree.size \
                    and crc32c(data[found - 9:found + length]) == crc and found + length < len(data):
                return True
            found = data.find(text, found + 1)
        return False

    def commit(self, place, payload, size):
        key = self.key_for(size)
        if not self.pending:
            self.report.remark(place, "commit of no entries")
        for _, leaf in self.pending:
            hash = leaf_hash(leaf)
            self.hashes += hash
            self.tree.add(hash)
            if self.tree.size in self.roots:
                self.roots[self.tree.size] = self.tree.root()
        next_key = self.leaves.group(self.pending, size - len(self.pending), key)
        self.pending = []
        self.commits += 1
        self.sizes.add(size)
        if next_key:
            self.keys.append((size, next_key))
        try:
            checkpoint = Checkpoint(payload, self.origin)
            checkpoint.verify(key)
            if checkpoint.size != size:
                raise Bad(f"checkpoint is for {checkpoint.size} entries")
            if len(checkpoint.signatures) != 1:
                raise Bad("carries other signatures than the log's own")
            if checkpoint.root != self.tree.root():
                # Every later root differs too: said once, then counted.
                self.diverged += 1
                if self.diverged == 1:
                    raise Bad(f"signed root is not the root of the {size} entries: one of them was changed")
        except Bad as why:
            self.report.problem(place, str(why))


# --- Leaves -----------------------------------------------------------------------------------------------------------

class Leaves:
    """Checks what can be known of entries without keys."""

    def __init__(self, report, origin):
        self.report, self.origin = report, origin
        self.heads = bytearray()           # first 35 bytes of each leaf, zero-filled; zeros where a leaf is malformed
        self.records = {}                  # record id -> indices of its sealed leaves
        self.opened, self.ended, self.slots, self.erased, self.held = set(), set(), set(), set(), set()
        self.erased_records = {}           # record id -> index of the erase leaf that named it
        self.classes = {}                  # class -> [sealed leaves, erased leaves, end of its slots, slots gone with it]
        self.counts = {}

    def group(self, entries, first, key):
        """Checks one committed group; the key that a key leaf in it brings, if any."""
        next_key, parts = None, {}
        for index, (place, leaf) in enumerate(entries, first):
            self.heads += bytes(35)
            try:
                if len(leaf) < LEAF_HEADER.size:
                    raise Bad("leaf is too short")
                version, kind, _, record = LEAF_HEADER.unpack_from(leaf)
                if version != 1:
                    raise Bad(f"leaf has unknown version {version}")
                if kind in SEALED:
                    self.sealed(place, index, kind, record, leaf, parts)
                elif kind in CLEAR:
                    brought = self.clear(place, index, CLEAR[kind], leaf[LEAF_HEADER.size:], key)
                    if brought and index != first + len(entries) - 1:
                        self.report.problem(place, "key leaf is not the last of its group")
                    next_key = brought or next_key
                else:
                    raise Bad(f"leaf has unknown kind {kind}")
                self.heads[index * 35:index * 35 + min(35, len(leaf))] = leaf[:35]
                self.counts[kind] = self.counts.get(kind, 0) + 1
            except Bad as why:
                self.report.problem(place, str(why))
        for place in parts.values():
            self.report.problem(place, "part without its record in the same group")
        return next_key

    def sealed(self, place, index, kind, record, leaf, parts):
        if len(leaf) < SEALED_BYTES_MIN:
            raise Bad("sealed leaf is too short")
        class_, slot = SEALED_HEADER.unpack_from(leaf)[4:]
        of_class = self.classes.setdefault(class_, [0, 0, 0, 0])
        if (slot, class_) in self.slots or slot < of_class[3]:
            self.report.problem(place, f"slot {slot} of class {class_} was used before")
        self.slots.add((slot, class_))
        of_class[0], of_class[2] = of_class[0] + 1, max(of_class[2], slot + 1)
        if record in self.erased_records:
            self.report.problem(place, "adds to a record that had been erased")
        self.records.setdefault(record, []).append(index)
        if kind == 4:
            parts.setdefault(record, place)
            return
        parts.pop(record, None)
        if kind == 1:
            if record in self.opened or record in self.ended:
                self.report.problem(place, "record is opened twice")
            self.opened.add(record)
            return
        if kind == 2 and record not in self.opened:
            self.report.problem(place, "close of a record that is not open")
        if kind == 3 and (record in self.opened or record in self.ended):
            self.report.problem(place, "event has the id of another record")
        self.opened.discard(record)
        self.ended.add(record)

    def clear(self, place, index, kind, data, key):
        note = Note(data)
        note.verify(key)
        lines = note.text[:-1].split("\n")
        if len(lines) < 5 or lines[0] != f"sekisho-audit/1 {kind}":
            raise Bad(f"text does not begin with: sekisho-audit/1 {kind}")
        if lines[1] != self.origin:
            raise Bad("text names another origin")
        if not rfc3339_utc(lines[2]):
            raise Bad(f"time is not RFC 3339 in UTC: {lines[2][:40]!r}")
        if len(lines[3]) < 4 or not lines[3].startswith("by ") or len(lines[4]) < 8 or not lines[4].startswith("ground "):
            raise Bad("text lacks its `by` and `ground` lines")
        records, leaves, classes, keys = [], [], [], []
        for line in lines[5:]:
            word, _, rest = line.partition(" ")
            if word == "record" and kind != "key" and not leaves and re.fullmatch("[0-9a-f]{32}", rest):
                records.append(bytes.fromhex(rest))
            elif word == "leaf" and kind == "erase" and len(rest.split(" ")) == 3:
                leaves.append([number(part) for part in rest.split(" ")])
            elif word == "class" and kind == "erase" and len(rest.split(" ")) == 2:
                classes.append([number(part) for part in rest.split(" ")])
            elif word == "vkey" and kind == "key":
                keys.append(Key(rest))
            else:
                raise Bad(f"text has a line that does not belong: {line[:60]!r}")
        if kind == "key":
            if len(keys) != 1 or keys[0].name != self.origin:
                raise Bad("key leaf must name one vkey, under the log's own name")
            return keys[0]
        if classes:
            if records or leaves or len(classes) > 1:
                raise Bad("erases a class and something else")
            return self.erase_class(place, *classes[0])
        if not records or (kind == "erase" and not leaves):
            raise Bad(f"{kind} names no record, or no leaf")
        for record in records:
            self.change(place, index, kind, record)
        for erased in leaves:
            self.erase(place, index, records, *erased)
        return None

    def change(self, place, index, kind, record):
        if record not in self.records:
            self.report.problem(place, f"{kind} of a record that is not in the log before it: {record.hex()}")
        if kind == "erase":
            if record in self.held:
                self.report.problem(place, f"record is erased while held: {record.hex()}")
            if record in self.opened:
                self.report.problem(place, f"record is erased before it has ended: {record.hex()}")
            if record in self.erased_records:
                self.report.problem(place, f"record was erased before: {record.hex()}")
            self.erased_records[record] = index
        elif kind == "hold":
            if record in self.erased_records:
                self.report.problem(place, f"hold of a record that was erased: {record.hex()}")
            self.held.add(record)
        elif record in self.held:
            self.held.discard(record)
        else:
            self.report.problem(place, f"release of a record that is not held: {record.hex()}")

    def erase_class(self, place, class_, slots):
        of_class = self.classes.setdefault(class_, [0, 0, 0, 0])
        if of_class[0] != of_class[1]:
            self.report.problem(place, f"erases class {class_}, of which {of_class[0] - of_class[1]} leaves are not erased")
        if slots < of_class[2]:
            self.report.problem(place, f"erases class {class_} up to slot {slots}, but slot {of_class[2] - 1} was used")
        of_class[3] = max(of_class[3], slots)

    def erase(self, place, index, records, leaf, class_, slot):
        if leaf >= index:
            raise Bad(f"erases leaf {leaf}, which is not before it")
        _, kind, _, record, leaf_class, leaf_slot = SEALED_HEADER.unpack_from(self.heads, leaf * 35)
        if kind not in SEALED or (leaf_class, leaf_slot) != (class_, slot):
            raise Bad(f"erases leaf {leaf} as class {class_} slot {slot}, which it is not")
        if record not in records:
            raise Bad(f"erases leaf {leaf}, whose record it does not name")
        if leaf not in self.erased:
            self.classes[class_][1] += 1
        self.erased.add(leaf)

    def finish(self):
        for record, index in self.erased_records.items():
            left = [i for i in self.records.get(record, ()) if i < index and i not in self.erased]
            if left:
                self.report.problem(f"entry {index}", f"erased record {record.hex()} keeps keys of leaves {left[:8]}")


def rfc3339_utc(text):
    if not re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", text, re.ASCII):
        return False
    try:
        datetime.strptime(text[:19], "%Y-%m-%dT%H:%M:%S")
    except ValueError:
        return False
    return True


# --- Derived files and kept checkpoints -------------------------------------------------------------------------------

def check_kept(report, walk, place, checkpoint, witnesses=()):
    """A checkpoint from outside the segments: signed by the key of its size, and its tree a beginning of this log."""
    try:
        if checkpoint.size > walk.tree.size:
            raise Bad(f"is for {checkpoint.size} entries, but the log ends at {walk.tree.size}: rolled back or cut off")
        checkpoint.verify(walk.key_for(checkpoint.size))
        if checkpoint.root != walk.roots[checkpoint.size]:
            raise Bad(f"the first {checkpoint.size} entries are not those it was signed for: history was changed")
        for witness in witnesses:
            checkpoint.verify(witness)
        if checkpoint.size not in walk.sizes:
            report.remark(place, f"no commit stands at its size {checkpoint.size}")
        report.checked.append(f"{place}: {checkpoint.size} entries, same root")
    except Bad as why:
        report.problem(place, str(why))


def check_vkeys(report, log, walk):
    """The list of later keys is derived: it may be missing or end early, but what it says must be so."""
    path = os.path.join(log, "vkeys")
    if not os.path.lexists(path):
        return
    try:
        lines = read_bounded(path, NOTE_BYTES_MAX).decode("utf-8").split("\n")
        known = [f"{size} {key.vkey}" for size, key in walk.keys[1:]]
        if lines.pop() or lines != known[:len(lines)]:
            raise Bad("does not list the keys that the log introduces")
    except (Bad, UnicodeDecodeError) as why:
        report.problem("vkeys", str(why))


def tile_rows(hashes):
    """Hashes of each tile level, one after another: level L + 1 has one for every 256 of level L."""
    rows = [bytes(hashes)]
    while len(rows[-1]) >= TILE_HASHES * 32:
        above, row = bytearray(), rows[-1]
        for at in range(0, len(row) - TILE_HASHES * 32 + 1, TILE_HASHES * 32):
            tree = Tree()
            for inner in range(at, at + TILE_HASHES * 32, 32):
                tree.add(row[inner:inner + 32])
            above += tree.root()
        rows.append(bytes(above))
    return rows


def tile_path(level, tile, width):
    digits = f"{tile:03d}"
    digits = digits.zfill(-(-len(digits) // 3) * 3)
    groups = [digits[i:i + 3] for i in range(0, len(digits), 3)]
    path = "/".join([f"tile/{level}"] + ["x" + g for g in groups[:-1]] + groups[-1:])
    return path if width == TILE_HASHES else f"{path}.p/{width}"


def check_tiles(report, log, walk, published):
    """Every tile there is must be right; a missing one is a remark, because tiles can be made again."""
    rows, seen = tile_rows(walk.hashes), set()
    for folder, folders, files in os.walk(os.path.join(log, "tile")):
        folders.sort()
        for name in sorted(files):
            path = os.path.relpath(os.path.join(folder, name), log).replace(os.sep, "/")
            if len(seen) >= TILE_FILES_MAX:
                raise Bad(f"more than {TILE_FILES_MAX} tiles")
            seen.add(path)
            try:
                match = re.fullmatch(r"tile/(0|[1-9]\d?)/((?:x\d{3}/){0,6}\d{3})(?:\.p/([1-9]\d{0,2}))?", path, re.ASCII)
                if not match:
                    raise Bad("not the path of a tile")
                level, tile = int(match[1]), int(re.sub("[x/]", "", match[2]))
                width = int(match[3] or TILE_HASHES)
                if tile_path(level, tile, width) != path or width > TILE_HASHES:
                    raise Bad("not the path of a tile")
                due = rows[level][tile * 8192:tile * 8192 + width * 32] if level < len(rows) else b""
                if len(due) != width * 32:
                    raise Bad("tile of entries that are not committed")
                if read_bounded(os.path.join(log, path), 8192) != due:
                    raise Bad("tile does not hold the hashes of the entries")
            except Bad as why:
                report.problem(path, str(why))
    report.checked.append(f"tiles: {len(seen)}")
    size, level, missing = published.size if published else 0, 0, []
    while size:
        wanted = [tile_path(level, tile, TILE_HASHES) for tile in range(size // TILE_HASHES)]
        if size % TILE_HASHES and tile_path(level, size // TILE_HASHES, TILE_HASHES) not in seen:
            wanted.append(tile_path(level, size // TILE_HASHES, size % TILE_HASHES))
        missing += [path for path in wanted if path not in seen]
        size, level = size // TILE_HASHES, level + 1
        if len(missing) > TILE_FILES_MAX:
            break
    if missing:
        report.remark(missing[0], f"tile is missing, and {len(missing) - 1} more; they can be made again from the segments")


# --- The two commands -------------------------------------------------------------------------------------------------

def verify_log(log, vkey, trusted, witnesses):
    report = Report()
    origin_file = os.path.join(log, "origin")
    try:
        lines = read_bounded(origin_file, NOTE_BYTES_MAX).decode("utf-8").split("\n")
        if len(lines) != 3 or lines[2] or not lines[0]:
            raise Bad("is not two lines")
        origin, own = lines[0], Key(lines[1])
        if own.name != origin:
            raise Bad("the key has another name than the log")
    except (Bad, UnicodeDecodeError) as why:
        report.problem("origin", str(why))
        return report
    key = Key(vkey) if vkey else own
    report.checked.append(f"log: {origin}")
    if vkey and key.vkey != own.vkey:
        report.problem("origin", "key is not the one given with --key")
        if key.name != origin:
            return report
    report.checked.append("key: " + (f"{key.name}+{key.id.hex()}, as given" if vkey else
                          f"{key.name}+{key.id.hex()}, the log's own word (no --key): shows damage, not forgery"))
    # The checkpoint is read before the segments, so that a log that grows meanwhile is not taken for one cut off.
    kept, published = [], None
    for place, path in [("checkpoint", os.path.join(log, "checkpoint"))] + [(f"--trust {path}", path) for path in trusted]:
        try:
            if place == "checkpoint" and not os.path.lexists(path):
                report.remark(place, "is missing; it can be made again from the segments")
                if witnesses:
                    report.problem(place, "is missing, so that no witness's cosignature can be checked")
                continue
            checkpoint = Checkpoint(read_bounded(path, NOTE_BYTES_MAX), origin)
            kept.append((place, checkpoint))
            published = checkpoint if place == "checkpoint" else published
        except (Bad, OSError) as why:
            report.problem(place, str(why))
    walk = Walk(report, origin, key, {checkpoint.size for _, checkpoint in kept})
    if os.path.isdir(os.path.join(log, "segment")):
        walk.run(os.path.join(log, "segment"))
    else:
        report.problem("segment", "folder is missing: nothing to verify")
    walk.leaves.finish()
    report.checked.append(f"segments: {walk.segments}, commits: {walk.commits}, entries: {walk.tree.size}")
    report.checked.append("entries by kind: " + (", ".join(
        f"{(SEALED | CLEAR)[kind]} {count}" for kind, count in sorted(walk.leaves.counts.items())) or "none"))
    report.checked.append(f"root: {base64.b64encode(walk.tree.root()).decode()}, key changes: {len(walk.keys) - 1}")
    if walk.diverged > 1:
        report.problem("segment", f"{walk.diverged - 1} later commits have another root, too")
    if walk.torn:
        report.remark(walk.torn, "never acknowledged, not counted here; a restart cuts them off")
    for place, checkpoint in kept:
        check_kept(report, walk, place, checkpoint, witnesses if place == "checkpoint" else ())
    check_vkeys(report, log, walk)
    check_tiles(report, log, walk, published if published and published.size <= walk.tree.size else None)
    report.checked.append("not checked: contents of sealed entries (no decryption here)")
    return report


def verify_proof(path, vkey, witnesses):
    """A C2SP tlog-proof whose `extra` line carries the leaf."""
    report, key = Report(), Key(vkey)
    try:
        head, _, note = read_bounded(path, 2 * NOTE_BYTES_MAX).partition(b"\n\n")
        lines = head.decode("ascii").split("\n")
        if lines[0] != "c2sp.org/tlog-proof@v1":
            raise Bad("first line is not c2sp.org/tlog-proof@v1")
        if len(lines) < 3 or not lines[1].startswith("extra ") or not lines[2].startswith("index "):
            raise Bad("second line must be `extra` with the leaf, third `index`")
        leaf, index = unbase64(lines[1][6:]), number(lines[2][6:])
        hashes = [unbase64(line) for line in lines[3:]]
        if any(len(hash) != 32 for hash in hashes) or len(hashes) > 64:
            raise Bad("inclusion path is not of hashes, or too long")
        checkpoint = Checkpoint(note, key.name)
        checkpoint.verify(key)
        for witness in witnesses:
            checkpoint.verify(witness)
        if index >= checkpoint.size:
            raise Bad(f"entry {index} is not in a log of {checkpoint.size} entries")
        if root_from_path(index, checkpoint.size, leaf_hash(leaf), hashes) != checkpoint.root:
            raise Bad("the path does not lead from the leaf to the signed root")
        if not LEAF_HEADER.size <= len(leaf) <= LEAF_BYTES_MAX or leaf[0] != 1 or leaf[1] not in SEALED | CLEAR:
            raise Bad("the leaf is no Sekisho leaf of version 1")
        _, kind, time, record = LEAF_HEADER.unpack_from(leaf)
        report.checked.append(f"log: {key.name}, {checkpoint.size} entries")
        report.checked.append(f"entry {index}: {(SEALED | CLEAR)[kind]}, {time} ms since 1970, record {record.hex()}")
    except UnicodeDecodeError:
        report.problem(path, "not ASCII before the checkpoint")
    except Bad as why:
        report.problem(path, str(why))
    return report


def main(arguments):
    # A locale without Japanese must not stop the report.
    sys.stdout.reconfigure(errors="backslashreplace")
    sys.stderr.reconfigure(errors="backslashreplace")
    is_proof = arguments[:1] == ["proof"]
    parser = argparse.ArgumentParser(description="Verify a Sekisho audit log. `proof FILE` verifies one entry's proof.")
    parser.add_argument("path", metavar="FILE" if is_proof else "LOG_FOLDER")
    parser.add_argument("--key", metavar="VKEY", required=is_proof, help="the log's key, known from elsewhere")
    parser.add_argument("--witness", metavar="VKEY", action="append", default=[], help="must have cosigned")
    if not is_proof:
        parser.add_argument("--trust", metavar="CHECKPOINT_FILE", action="append", default=[], help="seen before")
    given = parser.parse_args(arguments[is_proof:])
    try:
        if not (os.path.isfile if is_proof else os.path.isdir)(given.path):
            raise Bad("no such file" if is_proof else "no such folder")
        witnesses = [Key(vkey, WITNESS_KEY) for vkey in given.witness]
        if is_proof:
            report = verify_proof(given.path, given.key, witnesses)
        else:
            report = verify_log(given.path, given.key, given.trust, witnesses)
        return report.print()
    except (Bad, OSError, MemoryError, RecursionError) as why:
        print(f"could not verify: {type(why).__name__}: {shown(str(why))}", file=sys.stderr)
        print("NOT OK")
        return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
