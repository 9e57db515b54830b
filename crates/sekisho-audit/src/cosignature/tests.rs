//! Cosignatures against the published examples, and what they must not hold for.

use super::*;
use crate::merkle::Hash;
use crate::note::{Note, SigningKey, VerifyError, verify};

/// The example of C2SP tlog-cosignature. Its keys are not published, so its layout is checked, not its signatures.
const EXAMPLE: &str = "\
example.com/behind-the-sofa
20852163
CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=

\u{2014} example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=
\u{2014} witness.example.com/w1 jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2oyin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA==
";

/// The ML-DSA-44 subtree signature made by torchwood which the tests of transparency-dev/formats hold (first line the
/// verifier key, second the signature): leaves 8 to 13 of `example.com/log`.
const ML_DSA_44_SUBTREE: &str = include_str!("../../testdata/ml-dsa-44-subtree.txt");

const BOTH: [Algorithm; 2] = [Algorithm::CosignatureEd25519, Algorithm::CosignatureMlDsa44];

fn witness(algorithm: Algorithm) -> CosigningKey {
    CosigningKey::from_seed("witness.example/w1", algorithm, &[7; 32]).unwrap()
}

fn checkpoint() -> Checkpoint {
    Checkpoint::new("example.com/log", TreeHead { size: 5, root: Hash([9; 32]) }).unwrap()
}

#[test]
fn the_example_has_the_layout_we_write() {
    let note = Note::parse(EXAMPLE).unwrap();
    assert_eq!(note.to_string(), EXAMPLE);
    let [log, witness] = note.signatures() else { panic!("two lines") };
    assert_eq!((log.name(), log.bytes().len()), ("example.com/behind-the-sofa", 64));
    assert_eq!((witness.name(), witness.id()), ("witness.example.com/w1", 0x8d66_cf3f));
    assert_eq!(witness.bytes().len(), 72);
    assert_eq!(unix_seconds(witness), Some(1_679_315_147));
    assert_eq!(
        String::from_utf8(message_ed25519(1_679_315_147, note.text())).unwrap(),
        "cosignature/v1\ntime 1679315147\nexample.com/behind-the-sofa\n20852163\n\
         CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n"
    );
}

/// The time in the example of the tests of transparency-dev/formats.
#[test]
fn the_time_is_read_as_others_read_it() {
    let line = "\u{2014} w ZGhGuQAAAABm/qTPeyKXD+R2rzyQsxPiP8mXum7qq/iF0u4vanlqJyocWODBt97w9uL+8qT7S5gxEHWWOworDcFiEBYJXORmnFBOBA==";
    assert_eq!(unix_seconds(&Signature::parse(line).unwrap()), Some(1_727_964_367));
}

#[test]
fn an_ml_dsa_signature_of_another_implementation_holds() {
    let (key, line) = ML_DSA_44_SUBTREE.trim_end().split_once('\n').unwrap();
    let key: VerifierKey = key.parse().unwrap();
    let signature = Signature::parse(line).unwrap();
    assert_eq!((key.name(), key.id()), (signature.name(), signature.id()));
    assert_eq!(unix_seconds(&signature), None);

    let root = "E7ERCtFloiK1fdb+B6/dLG0pM1nmIR0ETKBSauCjtVw=".parse().unwrap();
    let (time, bytes) = split_time(signature.bytes()).unwrap();
    let Public::MlDsa44(public) = key.public() else { panic!("an ML-DSA key") };
    let message =
        |start, size| message_ml_dsa_44(key.name(), time, "example.com/log", start, TreeHead { size, root });
    assert!(public.verifies(&message(8, 13), bytes));
    assert!(!public.verifies(&message(0, 13), bytes));
    assert!(!public.verifies(&message(8, 12), bytes));
}

#[test]
fn a_cosignature_holds_for_its_checkpoint_only() {
    for algorithm in BOTH {
        let key = witness(algorithm);
        let keys = [key.verifier_key()];
        let signature = key.cosign(&checkpoint(), 1_750_000_000).unwrap();
        assert_eq!(unix_seconds(&signature), Some(1_750_000_000));
        let holds = |text: &str, signature: &Signature| {
            let mut note = Note::new(text).unwrap();
            note.add(signature.clone());
            verify(&note, &keys).is_ok()
        };
        let text = checkpoint().to_string();
        assert!(holds(&text, &signature));
        for other in [
            text.replace("log", "lag"),
            text.replace("\n5\n", "\n6\n"),
            text.replace("CQkJ", "CQkK"),
            format!("{text}more\n"),
            "not a checkpoint\n".to_owned(),
        ] {
            assert!(!holds(&other, &signature), "{other}");
        }
        for bit in [0, 8, 63, 64, 100, 8 * signature.bytes().len() - 1] {
            let mut bytes = signature.bytes().to_vec();
            bytes[bit / 8] ^= 1 << (bit % 8);
            assert!(!holds(&text, &Signature::new(&key.parts, bytes)), "bit {bit}");
        }
        for length in [0, 7, 8, signature.bytes().len() - 1] {
            let bytes = signature.bytes()[..length].to_vec();
            assert!(!holds(&text, &Signature::new(&key.parts, bytes)), "{length}");
        }
    }
}

/// Only the Ed25519 form covers extension lines, so only it may stand below them.
#[test]
fn extension_lines_are_cosigned_with_ed25519_only() {
    let extended: Checkpoint = format!("{}more\n", checkpoint()).parse().unwrap();
    assert!(witness(Algorithm::CosignatureEd25519).cosign(&extended, 1).is_ok());
    assert_eq!(witness(Algorithm::CosignatureMlDsa44).cosign(&extended, 1), Err(CosignError::Extensions));
}

#[test]
fn a_clock_that_is_off_is_noticed() {
    for algorithm in BOTH {
        for unix_seconds in [0, 1 << 63, u64::MAX] {
            let cosigned = witness(algorithm).cosign(&checkpoint(), unix_seconds);
            assert_eq!(cosigned, Err(CosignError::Time { unix_seconds }));
        }
    }
}

#[test]
fn keys_are_read_as_they_are_written() {
    for algorithm in BOTH {
        let key = witness(algorithm);
        let again = CosigningKey::parse(&key.to_text()).unwrap();
        assert!(again.verifier_key() == key.verifier_key());
        let public = key.verifier_key().to_string();
        assert_eq!(public.parse::<VerifierKey>().unwrap().to_string(), public);
        assert!(!format!("{key:?}").contains(&key.to_text()[key.to_text().len() - 20..]));
    }
    let log = SigningKey::from_seed("log", &[1; 32]).unwrap();
    assert_eq!(CosigningKey::parse(&log.to_text()).unwrap_err(), KeyError::Algorithm { byte: 1 });
    let witness = witness(Algorithm::CosignatureEd25519);
    assert_eq!(SigningKey::parse(&witness.to_text()).unwrap_err(), KeyError::Algorithm { byte: 4 });
    let long = "w".repeat(256);
    let key = CosigningKey::from_seed(&long, Algorithm::CosignatureMlDsa44, &[1; 32]);
    assert_eq!(key.unwrap_err(), KeyError::Name);
}

/// One seed used for a log and a witness: the id tells them apart, and neither signature holds for the other.
#[test]
fn a_log_signature_is_no_cosignature() {
    let log = SigningKey::from_seed("same", &[7; 32]).unwrap();
    let witness = CosigningKey::from_seed("same", Algorithm::CosignatureEd25519, &[7; 32]).unwrap();
    assert_ne!(log.id(), witness.verifier_key().id());
    let note = checkpoint().sign(&log);
    assert_eq!(verify(&note, &[witness.verifier_key()]).unwrap_err(), VerifyError::Unsigned);
    let bytes = note.signatures()[0].bytes().to_vec();
    let mut forged = Note::new(note.text()).unwrap();
    forged.add(Signature::new(&witness.parts, bytes));
    assert!(matches!(verify(&forged, &[witness.verifier_key()]), Err(VerifyError::Wrong { .. })));
}
