"""Tests of audit_verify.py: a small writer made from docs/audit-format.md alone writes logs, which are then tampered with.

    python3 -m unittest docs/audit_verify_test.py
"""
import base64
import contextlib
import hashlib
import io
import os
import pathlib
import random
import struct
import sys
import tempfile
import unittest

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import audit_verify as verify

ORIGIN = "audit.example.jp/sekisho"
TIME_MS = 1_760_000_000_000


# --- A writer ---------------------------------------------------------------------------------------------------------

class Signer:
    """An Ed25519 key made of a seed, and the two kinds of note signature it can write."""

    def __init__(self, seed, name=ORIGIN, kind=1):
        hash = hashlib.sha512(seed.to_bytes(32, "big")).digest()
        self.scalar = int.from_bytes(hash[:32], "little") & (1 << 254) - 8 | 1 << 254
        self.prefix, self.name, self.kind = hash[32:], name, kind
        self.public = times_base(self.scalar)
        material = bytes([kind]) + self.public
        self.id = hashlib.sha256(name.encode() + b"\n" + material).digest()[:4]
        self.vkey = f"{name}+{self.id.hex()}+{base64.b64encode(material).decode()}"

    def sign(self, message):
        r = int.from_bytes(hashlib.sha512(self.prefix + message).digest(), "little") % verify.ORDER
        point = times_base(r)
        k = int.from_bytes(hashlib.sha512(point + self.public + message).digest(), "little")
        return point + ((r + k * self.scalar) % verify.ORDER).to_bytes(32, "little")

    def note(self, text):
        return text + "\n" + self.line(self.sign(text.encode()))

    def cosign(self, text, seconds):
        message = f"cosignature/v1\ntime {seconds}\n{text}".encode()
        return self.line(seconds.to_bytes(8, "big") + self.sign(message))

    def line(self, signature):
        return f"\u2014 {self.name} {base64.b64encode(self.id + signature).decode()}\n"


def times_base(scalar):
    result, power = (0, 1, 1, 0), verify.BASE
    while scalar:
        if scalar & 1:
            result = verify.point_add(result, power)
        power, scalar = verify.point_add(power, power), scalar >> 1
    return verify.encoded_point(result)


def merkle_root(hashes):
    """MTH of RFC 6962, 2.1, as written there: top down, where the verifier works bottom up."""
    if len(hashes) < 2:
        return hashes[0] if hashes else hashlib.sha256().digest()
    half = split(len(hashes))
    return hashlib.sha256(b"\1" + merkle_root(hashes[:half]) + merkle_root(hashes[half:])).digest()


def merkle_path(index, hashes):
    if len(hashes) < 2:
        return []
    half = split(len(hashes))
    if index < half:
        return merkle_path(index, hashes[:half]) + [merkle_root(hashes[half:])]
    return merkle_path(index - half, hashes[half:]) + [merkle_root(hashes[:half])]


def split(count):
    return 1 << (count - 1).bit_length() - 1


def crc32c_by_bits(data):
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0x82F63B78 if crc & 1 else 0)
    return crc ^ 0xFFFFFFFF


def frame(tag, index, payload):
    body = struct.pack("<BQ", tag, index) + payload
    return struct.pack("<II", len(payload), crc32c_by_bits(body)) + body


class Writer:
    """Writes a log in memory: segments are lists of frames, so that a test can take one out or swap two."""

    def __init__(self, signer, seed=1):
        self.signer, self.first_vkey, self.random = signer, signer.vkey, random.Random(seed)
        self.leaves, self.hashes, self.segments, self.slot = [], [], [[]], 0
        self.firsts = [0]

    def add(self, leaf):
        self.segments[-1].append(frame(1, len(self.leaves), leaf))
        self.leaves.append(leaf)
        self.hashes.append(hashlib.sha256(b"\0" + leaf).digest())

    def sealed(self, kind, record, class_=3, bytes_more=20):
        header = struct.pack(">BBQ16sBQ", 1, kind, TIME_MS, record, class_, self.slot)
        self.slot += 1
        self.add(header + self.random.randbytes(24 + 32 + 32 + 32 + 16 + bytes_more))

    def clear(self, kind, *lines):
        text = [f"sekisho-audit/1 {verify.CLEAR[kind]}", ORIGIN, "2025-10-09T08:53:20.000Z", "by 監査課", "ground 個人情報保護法35条"]
        note = self.signer.note("\n".join(text + list(lines)) + "\n")
        self.add(struct.pack(">BBQ16s", 1, kind, TIME_MS, self.random.randbytes(16)) + note.encode())

    def checkpoint_text(self):
        return f"{ORIGIN}\n{len(self.leaves)}\n{base64.b64encode(merkle_root(self.hashes)).decode()}\n"

    def commit(self):
        note = self.signer.note(self.checkpoint_text())
        self.segments[-1].append(frame(2, len(self.leaves), note.encode()))
        return note

    def next_segment(self):
        self.segments.append([])
        self.firsts.append(len(self.leaves))

    def save(self, folder, checkpoint=True, tiles=True):
        folder = pathlib.Path(folder)
        (folder / "segment").mkdir(parents=True)
        (folder / "origin").write_text(f"{ORIGIN}\n{self.first_vkey}\n")
        for first, frames in zip(self.firsts, self.segments):
            (folder / "segment" / f"{first:020d}.seg").write_bytes(b"SEKISHO-SEG-1\n\0\0" + b"".join(frames))
        if checkpoint:
            (folder / "checkpoint").write_text(self.signer.note(self.checkpoint_text()))
        row, level = self.hashes, 0
        while tiles and row:
            for at in range(0, len(row), 256):
                tile = row[at:at + 256]
                assert at < 256_000, "the writer names tiles below 1,000 only"
                path = f"tile/{level}/{at // 256:03d}" + ("" if len(tile) == 256 else f".p/{len(tile)}")
                (folder / path).parent.mkdir(parents=True, exist_ok=True)
                (folder / path).write_bytes(b"".join(tile))
            row = [merkle_root(row[at:at + 256]) for at in range(0, len(row) - 255, 256)]
            level += 1
        return folder

    def proof(self, index):
        lines = ["c2sp.org/tlog-proof@v1", "extra " + base64.b64encode(self.leaves[index]).decode(), f"index {index}"]
        lines += [base64.b64encode(hash).decode() for hash in merkle_path(index, self.hashes)]
        return "\n".join(lines) + "\n\n" + self.signer.note(self.checkpoint_text())


OLD, NEW, STRANGER = Signer(1), Signer(2), Signer(3)
WITNESS = Signer(4, "witness.example/w1", 4)


def sample():
    """Two segments, four groups, each kind of leaf, one key change. Entries 0 to 10; commits at 2, 6, 9 and 11."""
    log = Writer(OLD)
    a, b = bytes(range(16)), bytes(range(16, 32))
    log.sealed(3, bytes(16))
    log.sealed(1, a)
    log.kept = log.commit()
    log.sealed(4, a)
    log.sealed(2, a)
    log.sealed(1, b)
    log.clear(17, f"record {b.hex()}")
    log.commit()
    log.next_segment()
    log.clear(18, f"record {b.hex()}")
    log.clear(16, f"record {a.hex()}", "leaf 1 3 1", "leaf 2 3 2", "leaf 3 3 3")
    log.clear(19, f"vkey {NEW.vkey}")
    log.commit()
    log.signer = NEW
    log.sealed(2, b)
    log.clear(17, f"record {b.hex()}")
    log.commit()
    return log


def run(*arguments):
    """(exit status, what was printed)."""
    out = io.StringIO()
    out.reconfigure = lambda **_: None
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(out):
        try:
            status = verify.main([str(argument) for argument in arguments])
        except SystemExit as exit:
            status = exit.code
    return status, out.getvalue()


class Case(unittest.TestCase):
    def setUp(self):
        kept = tempfile.TemporaryDirectory()
        self.addCleanup(kept.cleanup)
        self.folder = pathlib.Path(kept.name) / "log"

    def good(self, *arguments, remark=None):
        status, text = run(self.folder, *arguments)
        self.assertEqual((status, text.splitlines()[-1]), (0, "OK"), text)
        if remark:
            self.assertIn(remark, text)
        else:
            self.assertNotIn("remark:", text)
        return text

    def bad(self, *arguments, says, count=None):
        status, text = run(self.folder, *arguments)
        self.assertEqual((status, text.splitlines()[-1]), (1, "NOT OK"), text)
        self.assertIn(says, text)
        if count is not None:
            self.assertEqual(text.count("problem:"), count, text)

    def edit(self, name, change):
        path = self.folder / name
        path.write_bytes(change(path.read_bytes()))

    def file(self, name, text):
        path = self.folder.parent / name
        path.write_text(text)
        return path


FIRST, SECOND = "segment/00000000000000000000.seg", "segment/00000000000000000006.seg"


def flipped(data, at):
    return data[:at] + bytes([data[at] ^ 1]) + data[at + 1:]


# --- Building blocks, against published values ------------------------------------------------------------------------

class Blocks(unittest.TestCase):
    def test_crc32c_check_value(self):
        self.assertEqual(verify.crc32c(b"123456789"), 0xE3069283)
        for length in range(9):
            self.assertEqual(verify.crc32c(b"sekisho!"[:length]), crc32c_by_bits(b"sekisho!"[:length]))

    def test_ed25519_first_vectors_of_rfc_8032(self):
        public = bytes.fromhex("d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a")
        signature = bytes.fromhex("e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e06522490155"
                                  "5fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b")
        self.assertTrue(verify.ed25519_verify(public, b"", signature))
        self.assertFalse(verify.ed25519_verify(public, b"x", signature))
        s = int.from_bytes(signature[32:], "little") + verify.ORDER
        self.assertFalse(verify.ed25519_verify(public, b"", signature[:32] + s.to_bytes(32, "little")))
        public = bytes.fromhex("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c")
        signature = bytes.fromhex("92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
                                  "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00")
        self.assertTrue(verify.ed25519_verify(public, b"\x72", signature))

    def test_checkpoint_published_in_the_c2sp_text(self):
        # The log's key is not in the text, but the tree head parses.
        note = verify.Checkpoint("example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n"
                                 "\u2014 example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4UR"
                                 "YN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n".encode(), "example.com/behind-the-sofa")
        self.assertEqual(note.size, 20852163)

    def test_roots_and_paths_of_all_small_trees(self):
        hashes, tree = [hashlib.sha256(bytes([n])).digest() for n in range(35)], verify.Tree()
        for size in range(1, 36):
            tree.add(hashes[size - 1])
            root = merkle_root(hashes[:size])
            self.assertEqual(tree.root(), root)
            for index in range(size):
                path = merkle_path(index, hashes[:size])
                self.assertEqual(verify.root_from_path(index, size, hashes[index], path), root)
                for wrong in (path[1:], path + [root]):
                    if wrong != path:
                        with self.assertRaises(verify.Bad):
                            verify.root_from_path(index, size, hashes[index], wrong)

    def test_tile_paths(self):
        self.assertEqual(verify.tile_path(0, 1234067, 256), "tile/0/x001/x234/067")
        self.assertEqual(verify.tile_path(3, 5, 7), "tile/3/005.p/7")


# --- Good logs --------------------------------------------------------------------------------------------------------

class Good(Case):
    def test_sample(self):
        log = sample()
        log.save(self.folder)
        text = self.good("--key", OLD.vkey, "--trust", self.file("kept", log.kept))
        self.assertIn("segments: 2, commits: 4, entries: 11", text)
        self.assertIn("key changes: 1", text)
        self.assertIn("the log's own word", self.good())

    def test_three_hundred_entries_have_two_levels_of_tiles(self):
        log = Writer(OLD)
        for n in range(300):
            log.sealed(3, n.to_bytes(16, "big"), bytes_more=0)
        log.commit()
        log.save(self.folder)
        self.assertIn("tiles: 3", self.good())
        self.edit("tile/1/000.p/1", lambda data: flipped(data, 3))
        self.bad(says="tile/1/000.p/1: tile does not hold the hashes", count=1)

    def test_derived_files_may_be_missing(self):
        sample().save(self.folder, checkpoint=False, tiles=False)
        self.good(remark="checkpoint: is missing")

    def test_older_checkpoint_with_partial_tiles_of_its_size(self):
        log = sample()
        log.save(self.folder, tiles=False)
        (self.folder / "checkpoint").write_text(log.kept)
        self.good(remark="tile/0/000.p/2: tile is missing")

    def test_torn_tail_at_every_length(self):
        log = sample()
        whole = b"".join(log.segments[-1][-3:])
        del log.segments[-1][-3:]
        log.leaves, log.hashes, log.signer = log.leaves[:9], log.hashes[:9], OLD
        log.save(self.folder)
        at = (self.folder / SECOND).stat().st_size
        for length in list(range(1, 40)) + list(range(40, len(whole), 61)) + [len(whole) - 1]:
            self.edit(SECOND, lambda data: data[:at] + whole[:length])
            self.good(remark=f"{SECOND} byte {at}: {length} bytes without a commit")
        self.edit(SECOND, lambda data: data[:at] + whole)
        self.assertIn("entries: 11", self.good())

    def test_unfinished_next_segment(self):
        log = sample()
        log.save(self.folder)
        for data in (b"", b"SEKISHO", b"SEKISHO-SEG-1\n\0\0", b"SEKISHO-SEG-1\n\0\0" + bytes(5000)):
            (self.folder / "segment/00000000000000000011.seg").write_bytes(data)
            self.assertIn("entries: 11", run(self.folder)[1])
            self.assertEqual(run(self.folder)[0], 0)

    def test_witness(self):
        log = sample()
        log.save(self.folder)
        self.bad("--witness", WITNESS.vkey, says="no signature by key witness.example/w1")
        self.edit("checkpoint", lambda data: data + WITNESS.cosign(log.checkpoint_text(), 1_760_000_001).encode())
        self.good("--witness", WITNESS.vkey)


# --- Tampered logs ----------------------------------------------------------------------------------------------------

class Tampered(Case):
    def test_any_edited_byte(self):
        # All bytes of the first segment would take a minute; a third of a percent finds the same kinds.
        sample().save(self.folder)
        data = (self.folder / FIRST).read_bytes()
        for at in list(range(0, 34)) + list(range(34, len(data), 37)):
            self.edit(FIRST, lambda _: flipped(data, at))
            status, text = run(self.folder)
            self.assertEqual(status, 1, f"byte {at}\n{text}")

    def test_edited_entry_with_its_crc_made_good(self):
        log = sample()
        log.segments[0][1] = frame(1, 1, flipped(log.leaves[1], 60))
        log.save(self.folder)
        self.bad(says="commit 2: signed root is not the root of the 2 entries")

    def test_edited_entry_shows_how_far_the_damage_goes(self):
        sample().save(self.folder)
        self.edit(FIRST, lambda data: flipped(data, 16 + 17 + 50))
        self.bad(says=f"{FIRST} byte 16: CRC is wrong")
        self.bad(says="3 later commits have another root")

    def test_deleted_entry(self):
        log = sample()
        del log.segments[0][4]
        log.save(self.folder)
        self.bad(says="entry 4 stands where 3 is due")

    def test_deleted_entry_with_the_others_renumbered(self):
        log = sample()
        rest = [leaf for index, leaf in enumerate(log.leaves) if index != 1]
        log.segments = [[frame(1, index, leaf) for index, leaf in enumerate(rest)] + log.segments[-1][-1:]]
        log.firsts = [0]
        log.save(self.folder)
        self.bad(says="commit for 11 stands where 10 is due")

    def test_reordered_entries(self):
        log = sample()
        frames = log.segments[0]
        frames[3], frames[4] = frames[4], frames[3]
        log.save(self.folder)
        self.bad(says="entry 3 stands where 2 is due")

    def test_reordered_and_renumbered_entries(self):
        log = sample()
        log.segments[0][3], log.segments[0][4] = frame(1, 2, log.leaves[3]), frame(1, 3, log.leaves[2])
        log.save(self.folder)
        self.bad(says="commit 6: signed root is not the root")

    def test_deleted_segment(self):
        sample().save(self.folder)
        (self.folder / FIRST).unlink()
        self.bad(says="begins with entry 6, but entry 0 is due")

    def test_truncated_to_an_earlier_commit(self):
        log = sample()
        log.save(self.folder)
        (self.folder / SECOND).unlink()
        self.bad(says="checkpoint: is for 11 entries, but the log ends at 6: rolled back or cut off")
        # Whoever cuts the log can cut the derived files, too: then only what was kept elsewhere shows it.
        newest = self.file("kept", (self.folder / "checkpoint").read_text())
        (self.folder / "checkpoint").unlink()
        (self.folder / "tile/0/000.p/11").unlink()
        self.good(remark="checkpoint: is missing")
        self.bad("--trust", newest, says="rolled back or cut off", count=1)

    def test_truncated_inside_a_segment_that_is_not_the_last(self):
        sample().save(self.folder)
        self.edit(FIRST, lambda data: data[:-1])
        self.bad(says="frame is cut short")

    def test_history_rewritten_with_the_true_key(self):
        log, other = sample(), Writer(OLD, seed=2)
        for n in range(12):
            other.sealed(3, bytes([n]) * 16)
            other.commit()
        other.save(self.folder)
        self.good("--key", OLD.vkey)
        self.bad("--key", OLD.vkey, "--trust", self.file("kept", log.kept), says="history was changed", count=1)

    def test_rewritten_and_signed_with_another_key(self):
        other = Writer(STRANGER)
        other.sealed(3, bytes(16))
        other.commit()
        other.save(self.folder)
        self.good()
        self.bad("--key", OLD.vkey, says="origin: key is not the one given with --key")
        (self.folder / "origin").write_text(f"{ORIGIN}\n{OLD.vkey}\n")
        self.bad(says=f"commit 1: no signature by key {ORIGIN}+{OLD.id.hex()}")

    def test_key_leaf_signed_by_the_new_key_alone(self):
        log = Writer(OLD)
        log.sealed(3, bytes(16))
        log.commit()
        log.signer = STRANGER
        log.clear(19, f"vkey {STRANGER.vkey}")
        log.commit()
        log.save(self.folder)
        self.bad(says="commit 2: no signature by key")

    def test_old_key_goes_on_signing_after_a_change(self):
        log = Writer(OLD)
        log.clear(19, f"vkey {NEW.vkey}")
        log.commit()
        log.sealed(3, bytes(16))
        log.commit()
        log.save(self.folder)
        self.bad(says=f"commit 2: no signature by key {ORIGIN}+{NEW.id.hex()}")

    def test_erase_of_a_leaf_that_is_another(self):
        log = Writer(OLD)
        log.sealed(3, bytes(16))
        log.clear(16, f"record {bytes(16).hex()}", "leaf 0 3 7")
        log.commit()
        log.save(self.folder)
        self.bad(says="entry 1: erases leaf 0 as class 3 slot 7, which it is not")

    def written(self, write, says):
        with tempfile.TemporaryDirectory() as folder:
            log, self.folder = Writer(OLD), pathlib.Path(folder) / "log"
            write(log)
            log.commit()
            log.save(self.folder)
            if says:
                self.bad(says=says)
            else:
                self.good()

    def test_what_entries_say_of_one_another(self):
        a, b = bytes(range(16)), bytes(range(16, 32))
        erase = (16, f"record {a.hex()}", "leaf 0 3 0")
        key = (19, f"vkey {NEW.vkey}")
        # A number is a sealed leaf of record a, (number, record) one of another; the rest are clear leaves.
        for says, entries in (
                ("close of a record that is not open", [2]), ("record is opened twice", [1, 1]),
                ("record is opened twice", [1, 2, 1]), ("event has the id of another record", [3, 3]),
                ("", [3, erase]), ("record was erased before", [3, erase, erase]),
                ("adds to a record that had been erased", [3, erase, (4, a), (3, b)]),
                ("record is erased before it has ended", [1, erase]),
                ("record is erased while held", [3, (17, f"record {a.hex()}"), erase]),
                ("", [3, (17, f"record {a.hex()}"), (18, f"record {a.hex()}"), erase]),
                ("release of a record that is not held", [3, (18, f"record {a.hex()}")]),
                ("hold of a record that was erased", [3, erase, (17, f"record {a.hex()}")]),
                ("hold of a record that is not in the log", [3, (17, f"record {b.hex()}")]),
                ("keeps keys of leaves [1]", [1, 2, erase]),
                ("names no record, or no leaf", [3, (16, f"record {a.hex()}")]),
                ("line that does not belong", [3, (16, "leaf 0 3 0", f"record {a.hex()}")]),
                ("", [3, erase, (16, "class 3 1")]), ("", [3, erase, (16, "class 3 4096")]),
                ("of which 1 leaves are not erased", [3, (16, "class 3 1")]),
                ("up to slot 0, but slot 0 was used", [3, erase, (16, "class 3 0")]),
                ("slot 1 of class 3 was used before", [3, erase, (16, "class 3 4096"), (3, b)]),
                ("erases a class and something else", [3, (16, f"record {a.hex()}", "leaf 0 3 0", "class 3 1")]),
                ("key leaf is not the last of its group", [key, 3]),
                ("key leaf must name one vkey", [(19, f"vkey {Signer(5, 'other.example').vkey}")])):
            with self.subTest(says, entries=entries):
                def write(log):
                    for entry in entries:
                        if isinstance(entry, int):
                            log.sealed(entry, a)
                        elif isinstance(entry[1], bytes):
                            log.sealed(*entry)
                        else:
                            log.clear(*entry)
                self.written(write, says)

    def test_the_list_of_keys(self):
        sample().save(self.folder)
        for text, says in ((f"9 {NEW.vkey}\n", ""), ("", ""), (f"8 {NEW.vkey}\n", "vkeys: does not list"),
                           (f"9 {STRANGER.vkey}\n", "vkeys: does not list"), (f"9 {NEW.vkey}", "vkeys: does not list")):
            (self.folder / "vkeys").write_text(text)
            if says:
                self.bad(says=says, count=1)
            else:
                self.good()

    def test_leaves(self):
        for leaf, says in ((b"\2" + bytes(300), "unknown version 2"), (b"\1\7" + bytes(300), "unknown kind 7"),
                           (b"\1", "leaf is too short"), (b"\1\1" + bytes(100), "sealed leaf is too short"),
                           (b"\1\x10" + bytes(24) + b"text", "not a signed note"),
                           (b"\1\4" + bytes(300), "part without its record")):
            with self.subTest(says), tempfile.TemporaryDirectory() as folder:
                log, self.folder = Writer(OLD), pathlib.Path(folder) / "log"
                log.add(leaf)
                log.commit()
                log.save(self.folder)
                self.bad(says=says, count=1)

    def test_checkpoint_of_another_log(self):
        sample().save(self.folder)
        self.edit("checkpoint", lambda data: data.replace(b"audit.example", b"other.example"))
        self.bad(says="checkpoint: origin is", count=1)

    def test_noise_never_crashes(self):
        log, dice = sample(), random.Random(7)
        log.save(self.folder)
        names = [FIRST, SECOND, "origin", "checkpoint", "tile/0/000.p/11"]
        kept = {name: (self.folder / name).read_bytes() for name in names}
        for _ in range(150):
            name = dice.choice(names)
            data = bytearray(kept[name])
            for _ in range(dice.randrange(1, 4)):
                at = dice.randrange(len(data))
                data[at:at + dice.randrange(3)] = dice.randbytes(dice.randrange(4))
            (self.folder / name).write_bytes(data)
            status, text = run(self.folder)
            self.assertIn(status, (0, 1), text)
            self.assertIn(text.splitlines()[-1], ("OK", "NOT OK"))
            self.assertTrue(all(c.isprintable() or c == "\n" for c in text))
            (self.folder / name).write_bytes(kept[name])

    def test_could_not_verify(self):
        self.assertEqual(run(self.folder)[0], 2)
        sample().save(self.folder)
        self.assertEqual(run(self.folder, "--key", "nonsense")[0], 2)
        self.assertEqual(run("proof", self.folder)[0], 2)


class Proofs(Case):
    def check(self, text, *arguments):
        return run("proof", self.file("entry.tlog-proof", text), *arguments)

    def test_every_entry(self):
        log = sample()
        for index in range(11):
            status, text = self.check(log.proof(index), "--key", NEW.vkey)
            self.assertEqual(status, 0, text)
            self.assertIn(f"entry {index}: ", text)

    def test_tampered(self):
        self.folder.parent.mkdir(exist_ok=True)
        proof = sample().proof(5)
        lines = proof.split("\n")
        leaf = base64.b64encode(flipped(base64.b64decode(lines[1][6:]), 40)).decode()
        for text, key, says in ((proof, OLD, "no signature by key"), (proof, STRANGER, "no signature by key"),
                                (proof.replace(lines[1][6:], leaf), NEW, "does not lead from the leaf"),
                                (proof.replace("index 5", "index 4"), NEW, "does not lead from the leaf"),
                                (proof.replace("index 5", "index 11"), NEW, "entry 11 is not in a log of 11"),
                                (proof.replace(lines[3] + "\n", ""), NEW, "inclusion path is too short"),
                                (proof.replace("\n11\n", "\n12\n"), NEW, "is wrong"),
                                ("", NEW, "first line"), ("\n\n\n", NEW, "first line")):
            status, out = self.check(text, "--key", key.vkey)
            self.assertEqual((status, says in out), (1, True), out)


if __name__ == "__main__":
    unittest.main()
