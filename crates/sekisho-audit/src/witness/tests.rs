//! A log and its witness: what is cosigned, what never is, and what each side makes of hostile bodies.

use std::cell::{Cell, RefCell};

use proptest::prelude::*;

use super::*;
use crate::checkpoint;
use crate::merkle::{MemoryTree, consistency_proof, leaf_hash, root_at};
use crate::note::{Algorithm, SigningKey};

const ORIGIN: &str = "audit.example.jp/log";
const NOW: u64 = 1_750_000_000;

/// The example of C2SP tlog-witness.
const EXAMPLE: &str = "\
old 20852014
PlRNCrwHpqhGrupue0L7gxbjbMiKA9temvuZZDDpkaw=
jrJZDmY8Y7SyJE0MWLpLozkIVMSMZcD5kvuKxPC3swk=
5+pKlUdi2LeF/BcMHBn+Ku6yhPGNCswZZD1X/6QgPd8=
/6WVhPs2CwSsb5rYBH5cjHV/wSmA79abXAwhXw3Kj/0=

example.com/behind-the-sofa
20852163
CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=

\u{2014} example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=
\u{2014} example.com/behind-the-sofa opLqBQsREYCgu6xQkYQwJr9fo45a62DN9EdmHXnZdXNqlcVGlCum2Wks+49/V6267UEjw6QUXTS5Rovnzv++qbSzm9Q=
";

#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the disk is full")]
struct Full;

/// A memory that can fail, and in which another request can be faster.
#[derive(Default)]
struct Memory {
    heads: RefCell<BTreeMap<String, TreeHead>>,
    full: Cell<bool>,
    faster: Cell<Option<TreeHead>>,
}

impl State for Memory {
    type Error = Full;

    fn latest(&self, origin: &str) -> Result<Option<TreeHead>, Full> {
        Ok(self.heads.borrow().get(origin).copied())
    }

    fn replace(
        &self,
        origin: &str,
        expected: Option<TreeHead>,
        new: TreeHead,
        note: &Note,
    ) -> Result<bool, Full> {
        assert!(note.text().starts_with(origin));
        let mut heads = self.heads.borrow_mut();
        if let Some(head) = self.faster.take() {
            heads.insert(origin.to_owned(), head);
        }
        if self.full.get() {
            return Err(Full);
        }
        let unchanged = heads.get(origin).copied() == expected;
        if unchanged {
            heads.insert(origin.to_owned(), new);
        }
        Ok(unchanged)
    }
}

struct World {
    tree: MemoryTree,
    log: SigningKey,
    witness: Witness,
    memory: Memory,
}

impl World {
    fn new() -> Self {
        Self::with(&[Algorithm::CosignatureEd25519, Algorithm::CosignatureMlDsa44])
    }

    fn with(algorithms: &[Algorithm]) -> Self {
        let mut tree = MemoryTree::new();
        for index in 0..40_u8 {
            tree.push(leaf_hash(&[index]));
        }
        let log = SigningKey::from_seed(ORIGIN, &[1; 32]).unwrap();
        let key = |&algorithm| CosigningKey::from_seed("witness.example.jp", algorithm, &[2; 32]).unwrap();
        let keys = algorithms.iter().map(key).collect();
        let logs = BTreeMap::from([(ORIGIN.to_owned(), vec![log.verifier_key()])]);
        let witness = Witness::new(keys, logs).unwrap();
        Self { tree, log, witness, memory: Memory::default() }
    }

    fn head(&self, size: u64) -> TreeHead {
        TreeHead { size, root: root_at(size, &self.tree).unwrap() }
    }

    fn note(&self, head: TreeHead) -> Note {
        Checkpoint::new(ORIGIN, head).unwrap().sign(&self.log)
    }

    fn request(&self, old: u64, new: u64) -> Request {
        let proof = consistency_proof(old, new, &self.tree).unwrap();
        Request::new(old, proof, self.note(self.head(new))).unwrap()
    }

    fn ask(&self, body: &str) -> Result<Cosignatures, Refusal<Full>> {
        self.witness.add_checkpoint(body.as_bytes(), NOW, &self.memory)
    }

    fn grow(&self, old: u64, new: u64) -> Result<Cosignatures, Refusal<Full>> {
        self.ask(&self.request(old, new).to_string())
    }

    fn latest(&self) -> u64 {
        self.memory.latest(ORIGIN).unwrap().map_or(0, |head| head.size)
    }
}

#[test]
fn the_example_is_read_and_written() {
    let request = Request::parse(EXAMPLE.as_bytes()).unwrap();
    assert_eq!((request.old_size(), request.checkpoint().size()), (20_852_014, 20_852_163));
    assert_eq!((request.proof().len(), request.note().signatures().len()), (4, 2));
    assert_eq!(request.to_string(), EXAMPLE);
}

#[test]
fn a_log_that_grows_is_cosigned() {
    let world = World::new();
    for (old, new) in [(0, 1), (1, 1), (1, 7), (7, 8), (8, 39), (39, 40), (40, 40)] {
        let answer = world.grow(old, new).unwrap().to_string();
        assert_eq!(world.latest(), new);

        let mut note = world.note(world.head(new));
        let keys = world.witness.verifier_keys();
        assert_eq!(merge_answer(&mut note, &answer, &keys), Ok(NOW));
        let trusted = [keys, vec![world.log.verifier_key()]].concat();
        let opened = checkpoint::open(&note.to_string(), &trusted).unwrap();
        assert_eq!(opened.signers.len(), 3);
    }
}

#[test]
fn an_empty_log_is_cosigned_with_the_empty_root_only() {
    let world = World::new();
    let odd = TreeHead { size: 0, root: Hash([1; 32]) };
    let request = Request::new(0, Vec::new(), world.note(odd)).unwrap();
    assert!(matches!(world.ask(&request.to_string()), Err(Refusal::NotConsistent(_))));
    assert!(world.grow(0, 0).is_ok());
    assert!(matches!(world.ask(&request.to_string()), Err(Refusal::NotConsistent(_))));
    assert!(world.grow(0, 3).is_ok());
}

/// Each refusal, in the order of the specification, and none of them moves the witness.
#[test]
fn what_is_refused_and_why() {
    let world = World::new();
    world.grow(0, 10).unwrap();
    let body = world.request(10, 20).to_string();

    let unknown = body.replace("\naudit", "\nother");
    assert_eq!(world.ask(&unknown), Err(Refusal::UnknownLog { origin: "other.example.jp/log".to_owned() }));
    let edited = body.replace("\n20\n", "\n21\n");
    assert!(matches!(world.ask(&edited), Err(Refusal::NotSigned(note::VerifyError::Wrong { .. }))));
    let stranger = SigningKey::from_seed(ORIGIN, &[9; 32]).unwrap();
    let theirs = Checkpoint::new(ORIGIN, world.head(20)).unwrap().sign(&stranger);
    let theirs = Request::new(10, Vec::new(), theirs).unwrap().to_string();
    assert_eq!(world.ask(&theirs), Err(Refusal::NotSigned(note::VerifyError::Unsigned)));
    let shrinks = body.replace("old 10", "old 21");
    assert_eq!(world.ask(&shrinks), Err(Refusal::Shrinks { old: 21, new: 20 }));
    for old in [0, 9, 11] {
        assert_eq!(world.grow(old, 20), Err(Refusal::Conflict { latest: 10 }), "{old}");
    }
    let mut lines: Vec<_> = body.lines().collect();
    lines.remove(1);
    let short = lines.join("\n") + "\n";
    assert!(matches!(world.ask(&short), Err(Refusal::NotConsistent(_))));
    assert!(matches!(world.ask("old 1"), Err(Refusal::Malformed(RequestError::OldSize))));
    assert_eq!(world.latest(), 10);
    assert!(world.ask(&body).is_ok());
}

/// The administrator of the log shows the witness another history: at the same size, and at a later one.
#[test]
fn a_second_history_is_never_cosigned() {
    let world = World::new();
    world.grow(0, 10).unwrap();
    let mut other = MemoryTree::new();
    for index in 0..20_u8 {
        other.push(leaf_hash(&[index + u8::from(index == 4)]));
    }
    for size in [10, 20] {
        let head = TreeHead { size, root: root_at(size, &other).unwrap() };
        let proof = consistency_proof(10, size, &other).unwrap();
        let request = Request::new(10, proof, world.note(head)).unwrap().to_string();
        let refusal = world.ask(&request).unwrap_err();
        if size == 10 {
            assert_eq!(refusal, Refusal::Fork { size });
        } else {
            assert_eq!(refusal, Refusal::NotConsistent(merkle::VerifyError::OldRoot));
        }
    }
    // Going back is no better than going elsewhere.
    let rolled_back = Request::new(5, Vec::new(), world.note(world.head(5))).unwrap();
    assert_eq!(world.ask(&rolled_back.to_string()), Err(Refusal::Conflict { latest: 10 }));
}

#[test]
fn nothing_is_given_out_that_is_not_remembered() {
    let world = World::new();
    world.grow(0, 10).unwrap();
    world.memory.full.set(true);
    assert_eq!(world.grow(10, 20), Err(Refusal::State(Full)));
    world.memory.full.set(false);
    // The race of the specification: the second request is checked while the first is remembered.
    world.memory.faster.set(Some(world.head(30)));
    assert_eq!(world.grow(10, 20), Err(Refusal::Conflict { latest: 30 }));
    assert_eq!(world.latest(), 30);
    let body = world.request(30, 40).to_string();
    let early = world.witness.add_checkpoint(body.as_bytes(), 0, &world.memory);
    assert_eq!(early, Err(Refusal::Signing(CosignError::Time { unix_seconds: 0 })));
    assert_eq!(world.latest(), 30);
}

#[test]
fn a_witness_is_set_up_with_what_it_needs() {
    let key = || CosigningKey::from_seed("w", Algorithm::CosignatureEd25519, &[2; 32]).unwrap();
    assert_eq!(Witness::new(Vec::new(), BTreeMap::new()).unwrap_err(), SetupError::NoKey);
    let twice = Witness::new(vec![key(), key()], BTreeMap::new()).unwrap_err();
    assert_eq!(twice, SetupError::KeyTwice { name: "w".to_owned(), id: key().id() });
    let keyless = BTreeMap::from([("log".to_owned(), Vec::new())]);
    let without = Witness::new(vec![key()], keyless).unwrap_err();
    assert_eq!(without, SetupError::LogWithoutKey { origin: "log".to_owned() });
}

#[test]
fn malformed_requests_are_told_apart() {
    let hash = Hash::EMPTY.to_string();
    let tail = &EXAMPLE[EXAMPLE.find("\n\n").unwrap()..];
    for (body, error) in [
        (String::new(), RequestError::OldSize),
        ("old 1".to_owned(), RequestError::OldSize),
        ("old 01\n".to_owned(), RequestError::OldSize),
        ("old  1\n".to_owned(), RequestError::OldSize),
        ("Old 1\n".to_owned(), RequestError::OldSize),
        ("old 9223372036854775808\n".to_owned(), RequestError::OldSize),
        ("old 1\n".to_owned(), RequestError::Proof { line: 1 }),
        (format!("old 1\n{hash}"), RequestError::Proof { line: 1 }),
        (format!("old 1\n{hash}\n"), RequestError::Proof { line: 2 }),
        (format!("old 1\n{hash}\r\n\n"), RequestError::Proof { line: 1 }),
        (format!("old 1\n{}", format!("{hash}\n").repeat(64)), RequestError::TooManyProofLines),
        ("old 1\n\n".to_owned(), RequestError::Note(note::ParseError::NoNewline)),
        (EXAMPLE.replace("\n20852163", "\nx"), RequestError::Checkpoint(checkpoint::ParseError::Size)),
        ("x".repeat(REQUEST_BYTES_MAX + 1), RequestError::TooLong { bytes: REQUEST_BYTES_MAX + 1 }),
    ] {
        assert_eq!(Request::parse(body.as_bytes()), Err(error), "{:?}", body.get(..100));
    }
    assert_eq!(Request::parse(b"\xff"), Err(RequestError::NotUtf8));
    let most = format!("old 1{}{tail}", format!("\n{hash}").repeat(63));
    assert_eq!(Request::parse(most.as_bytes()).unwrap().to_string(), most);
    let note = Request::parse(EXAMPLE.as_bytes()).unwrap().note().clone();
    let too_many = Request::new(1, vec![Hash::EMPTY; 64], note);
    assert_eq!(too_many, Err(RequestError::TooManyProofLines));
}

#[test]
fn only_lines_of_the_witness_are_merged() {
    let world = World::new();
    let keys = world.witness.verifier_keys();
    let answer = world.grow(0, 10).unwrap().to_string();
    let note = world.note(world.head(10));
    let merge = |answer: &str, keys: &[VerifierKey]| {
        let mut merged = note.clone();
        let result = merge_answer(&mut merged, answer, keys);
        assert!(result.is_ok() || merged == note, "an error changes nothing");
        result.map(|_| merged.signatures().len())
    };
    assert_eq!(merge(&answer, &keys), Ok(3));
    assert_eq!(merge(&answer, &keys[..1]), Ok(2));

    let other = CosigningKey::from_seed("other", Algorithm::CosignatureEd25519, &[3; 32]).unwrap();
    let line = other.cosign(&Checkpoint::new(ORIGIN, world.head(10)).unwrap(), NOW).unwrap();
    assert_eq!(merge(&format!("{line}\n{answer}"), &keys), Ok(3));
    assert_eq!(merge(&format!("{line}\n"), &keys), Err(AnswerError::Signatures(note::VerifyError::Unsigned)));

    // A witness that answers for another checkpoint, with the log's own line, or with nothing.
    let elsewhere = world.grow(10, 20).unwrap().to_string();
    assert!(matches!(
        merge(&elsewhere, &keys),
        Err(AnswerError::Signatures(note::VerifyError::Wrong { .. }))
    ));
    let own = format!("{}\n", note.signatures()[0]);
    let as_witness = merge(&own, &[world.log.verifier_key()]);
    assert_eq!(as_witness, Err(AnswerError::Signatures(note::VerifyError::Unsigned)));
    assert_eq!(merge("", &keys), Err(AnswerError::Signatures(note::VerifyError::Unsigned)));
    assert_eq!(merge(answer.trim_end(), &keys), Err(AnswerError::Line { line: 2 }));
    assert_eq!(merge(&format!("{answer}\n"), &keys), Err(AnswerError::Line { line: 3 }));
    assert_eq!(merge(&format!("{line}\n").repeat(101), &keys), Err(AnswerError::Line { line: 101 }));
}

/// As the tests of sigsum-go have it.
#[test]
fn a_conflict_is_one_number_on_one_line() {
    for (body, size) in [("0\n", Some(0)), ("50\n", Some(50)), ("50", None), ("050\n", None), ("", None)] {
        assert_eq!(parse_conflict(body), size, "{body:?}");
    }
    assert_eq!((parse_conflict("5\n\n"), parse_conflict("5 \n"), parse_conflict("-5\n")), (None, None, None));
}

proptest! {
    #[test]
    fn no_body_makes_the_witness_panic(body in prop::collection::vec(any::<u8>(), 0..200)) {
        let world = World::with(&[Algorithm::CosignatureEd25519]);
        prop_assert!(matches!(world.witness.add_checkpoint(&body, NOW, &world.memory), Err(Refusal::Malformed(_))));
    }

    #[test]
    fn no_changed_byte_of_a_request_is_cosigned_as_another(at in any::<prop::sample::Index>(), byte in 0_u8..128) {
        let world = World::with(&[Algorithm::CosignatureEd25519]);
        world.grow(0, 10).unwrap();
        let mut body = world.request(10, 20).to_string().into_bytes();
        let at = at.index(body.len());
        prop_assume!(body[at] != byte);
        body[at] = byte;
        if let Ok(request) = Request::parse(&body) {
            prop_assert_eq!(request.to_string().into_bytes(), body.clone());
        }
        prop_assert!(world.witness.add_checkpoint(&body, NOW, &world.memory).is_err());
        prop_assert_eq!(world.latest(), 10);
    }
}
