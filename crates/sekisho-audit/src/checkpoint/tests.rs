//! Checkpoints: their one spelling, and whose signature counts.

use proptest::prelude::*;

use super::*;
use crate::cosignature::CosigningKey;

/// The example of C2SP tlog-checkpoint, without its signature.
const EXAMPLE: &str = "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n";

fn log() -> SigningKey {
    SigningKey::from_seed("audit.example.jp/log", &[1; 32]).unwrap()
}

fn checkpoint() -> Checkpoint {
    Checkpoint::new("audit.example.jp/log", TreeHead { size: 3, root: Hash([5; 32]) }).unwrap()
}

fn witness(algorithm: Algorithm) -> CosigningKey {
    CosigningKey::from_seed("witness.example.jp", algorithm, &[2; 32]).unwrap()
}

#[test]
fn the_example_is_read_and_written() {
    let checkpoint: Checkpoint = EXAMPLE.parse().unwrap();
    assert_eq!((checkpoint.origin(), checkpoint.size()), ("example.com/behind-the-sofa", 20_852_163));
    assert_eq!(checkpoint.root().as_bytes()[..2], [0x0a, 0xc5]);
    assert_eq!(checkpoint.to_string(), EXAMPLE);
    let extended = format!("{EXAMPLE}one\ntwo 2\n");
    let checkpoint: Checkpoint = extended.parse().unwrap();
    assert_eq!(checkpoint.extensions(), ["one", "two 2"]);
    assert_eq!(checkpoint.to_string(), extended);
}

#[test]
fn a_checkpoint_is_written_in_one_way_only() {
    let root = "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=";
    let line = |line| ParseError::Line { line };
    for (text, error) in [
        (String::new(), line(1)),
        (format!("\n1\n{root}\n"), line(1)),
        (format!("{}\n1\n{root}\n", "o".repeat(256)), line(1)),
        ("o\n".to_owned(), line(2)),
        ("o\n\n".to_owned(), line(2)),
        ("o\n1\n".to_owned(), line(3)),
        (format!("o\n1\n{root}"), line(3)),
        (format!("o\n1\n{root}\n\n"), line(4)),
        (format!("o\n1\n{root}\nx"), line(4)),
        (format!("o\n1\n{root}\nx\r\n"), line(4)),
        (format!("o\n01\n{root}\n"), ParseError::Size),
        (format!("o\n+1\n{root}\n"), ParseError::Size),
        (format!("o\n-1\n{root}\n"), ParseError::Size),
        (format!("o\n 1\n{root}\n"), ParseError::Size),
        (format!("o\n1.0\n{root}\n"), ParseError::Size),
        (format!("o\n１\n{root}\n"), ParseError::Size),
        (format!("o\n9223372036854775808\n{root}\n"), ParseError::Size),
        (format!("o\n99999999999999999999\n{root}\n"), ParseError::Size),
        (format!("o\n1\n{root} \n"), ParseError::Root),
        (format!("o\n1\n{}\n", &root[..43]), ParseError::Root),
        (format!("o\n1\n{}\n", root.replace("2I=", "2J=")), ParseError::Root),
    ] {
        assert_eq!(text.parse::<Checkpoint>(), Err(error), "{text:?}");
    }
    assert_eq!(format!("o\n9223372036854775807\n{root}\n").parse::<Checkpoint>().unwrap().size(), SIZE_MAX);
    assert_eq!(format!("o\n0\n{root}\n").parse::<Checkpoint>().unwrap().size(), 0);
    for origin in ["", "a\nb", "a\0"] {
        assert_eq!(Checkpoint::new(origin, TreeHead::EMPTY), Err(line(1)));
    }
    let huge = TreeHead { size: SIZE_MAX + 1, root: Hash::EMPTY };
    assert_eq!(Checkpoint::new("o", huge), Err(ParseError::Size));
}

#[test]
fn a_signed_checkpoint_opens_with_the_key_of_its_log() {
    let note = checkpoint().sign(&log()).to_string();
    let opened = open(&note, &[log().verifier_key()]).unwrap();
    assert_eq!(opened.checkpoint, checkpoint());
    assert_eq!(opened.note.to_string(), note);

    let unsigned = open(&note, &[]).unwrap_err();
    assert_eq!(unsigned, OpenError::Signatures(note::VerifyError::Unsigned));
    let edited = open(&note.replace("\n3\n", "\n4\n"), &[log().verifier_key()]).unwrap_err();
    assert!(matches!(edited, OpenError::Signatures(note::VerifyError::Wrong { .. })));
    let other = Note::sign("a\nb\n", &log()).unwrap().to_string();
    let no_checkpoint = open(&other, &[log().verifier_key()]).unwrap_err();
    assert_eq!(no_checkpoint, OpenError::Checkpoint(ParseError::Size));
}

/// Cosignatures say that a witness saw it, not that the log said it; so does the key of another log.
#[test]
fn only_the_log_itself_speaks_for_the_log() {
    let mut note = checkpoint().sign(&log());
    let witnesses = [Algorithm::CosignatureMlDsa44, Algorithm::CosignatureEd25519].map(witness);
    for witness in &witnesses {
        note.add(witness.cosign(&checkpoint(), 1_750_000_000).unwrap());
    }
    let mut keys: Vec<_> = witnesses.iter().map(CosigningKey::verifier_key).collect();
    let by_witnesses = open(&note.to_string(), &keys).unwrap_err();
    assert_eq!(by_witnesses, OpenError::NotByLog { origin: "audit.example.jp/log".to_owned() });

    keys.push(log().verifier_key());
    let opened = open(&note.to_string(), &keys).unwrap();
    let signers: Vec<_> = opened.signers.iter().map(VerifierKey::algorithm).collect();
    assert_eq!(signers, [Algorithm::Ed25519, Algorithm::CosignatureMlDsa44, Algorithm::CosignatureEd25519]);

    let stranger = SigningKey::from_seed("other.example.jp/log", &[3; 32]).unwrap();
    let note = checkpoint().sign(&stranger).to_string();
    assert!(matches!(open(&note, &[stranger.verifier_key()]), Err(OpenError::NotByLog { .. })));
}

proptest! {
    #[test]
    fn what_was_read_is_written_back(text in "([a-z0-9+/= ]{0,8}\n|CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n){0,6}") {
        if let Ok(checkpoint) = text.parse::<Checkpoint>() {
            prop_assert_eq!(checkpoint.to_string(), text);
        }
    }

    #[test]
    fn what_was_written_is_read_back(origin in "[^\\p{Cc}]{1,60}", size in 0..=SIZE_MAX, root in any::<[u8; 32]>()) {
        let checkpoint = Checkpoint::new(&origin, TreeHead { size, root: Hash(root) }).unwrap();
        prop_assert_eq!(checkpoint.to_string().parse(), Ok(checkpoint));
    }
}
