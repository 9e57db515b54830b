//! Notes against the vectors of Go's `sumdb/note` (PeterNeumann, EnochRoot) and against what is not a note.

use proptest::prelude::*;

use super::*;

const PETER: &str = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
const PETER_PRIVATE: &str = "PRIVATE+KEY+PeterNeumann+c74f20a3+AYEKFALVFGyNhPJEMzD1QIDr+Y7hfZx09iUvxdXHKDFz";
const PETER_LINE: &str = "\u{2014} PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n";
const ENOCH: &str = "EnochRoot+af0cfe78+ATtqJ7zOtqQtYqOo0CpvDXNlMhV3HeJDpjrASKGLWdop";
const ENOCH_LINE: &str = "\u{2014} EnochRoot rwz+eBzmZa0SO3NbfRGzPCpDckykFXSdeX+MNtCOXm2/5n2tiOHp+vAF1aGrQ5ovTG01oOTGwnWLox33WWd1RvMc+QQ=\n";
const TEXT: &str =
    "If you think cryptography is the answer to your problem,\nthen you don't know what your problem is.\n";

/// The example of C2SP signed-note: a text with an empty line in it.
const POEM: &str = "\
Ognuno sta solo sul cuor della terra
trafitto da un raggio di sole:

ed è subito sera.

\u{2014} quasimodo.example/salvatore NnugSzTjtVAewIS+Z/iJhUPeFDkO/5QQ2i5ddnGITLlC+EhfLW9oJKONrMouFSQU0xMcXxj99ihAQwaqP3ZekRwNtIc=
";

fn key(text: &str) -> VerifierKey {
    text.parse().unwrap()
}

fn signers(note: &str, keys: &[VerifierKey]) -> Result<Vec<String>, VerifyError> {
    let note = Note::parse(note).unwrap();
    verify(&note, keys).map(|verified| verified.iter().map(|v| v.key.name().to_owned()).collect())
}

#[test]
fn signs_byte_for_byte_as_the_reference() {
    let private = SigningKey::parse(PETER_PRIVATE).unwrap();
    assert_eq!(Note::sign(TEXT, &private).unwrap().to_string(), format!("{TEXT}\n{PETER_LINE}"));
    assert_eq!(private.verifier_key().to_string(), PETER);
    assert_eq!(*private.to_text(), PETER_PRIVATE);
    assert_eq!((private.name(), private.id()), ("PeterNeumann", 0xc74f_20a3));
}

#[test]
fn verifies_as_the_reference() {
    let (peter, enoch) = (key(PETER), key(ENOCH));
    let both = format!("{TEXT}\n{PETER_LINE}{ENOCH_LINE}");
    let one = std::slice::from_ref;
    assert_eq!(signers(&both, one(&peter)).unwrap(), ["PeterNeumann"]);
    assert_eq!(signers(&both, &[enoch.clone(), peter.clone()]).unwrap(), ["PeterNeumann", "EnochRoot"]);
    assert_eq!(signers(&both, &[]), Err(VerifyError::Unsigned));

    // One key twice is an error where it would have to decide, and only there.
    let twice = [enoch.clone(), peter.clone(), enoch];
    let ambiguous = VerifyError::Ambiguous { name: "EnochRoot".to_owned(), id: 0xaf0c_fe78 };
    assert_eq!(signers(&both, &twice), Err(ambiguous));
    assert_eq!(signers(&format!("{TEXT}\n{PETER_LINE}"), &twice).unwrap(), ["PeterNeumann"]);

    // A wrong line of a trusted key is an error beside a right one; that of a stranger is nothing.
    let wrong = PETER_LINE.replace("x08go/ZJ", "x08go/ZK");
    let error = VerifyError::Wrong { name: "PeterNeumann".to_owned(), id: 0xc74f_20a3 };
    for lines in [format!("{PETER_LINE}{wrong}"), format!("{wrong}{PETER_LINE}")] {
        assert_eq!(signers(&format!("{TEXT}\n{lines}"), one(&peter)), Err(error.clone()));
    }
    let strangers = format!("{TEXT}\n{PETER_LINE}{}", ENOCH_LINE.replace("af", "ag"));
    assert_eq!(signers(&strangers, one(&peter)).unwrap(), ["PeterNeumann"]);
    assert_eq!(signers(&both.replace("cryptography", "cryptographY"), one(&peter)), Err(error));
}

/// The first checkpoint in the tests of torchwood's litewitness, signed by a sigsum log.
#[test]
fn the_checkpoint_of_a_sigsum_log_holds() {
    let origin = "sigsum.org/v1/tree/985ea163f5af026723561354f51f2ebcdcf2af809ce254ccfb64aa9aadd80f90";
    let bytes = [
        0x52, 0xc0, 0x5e, 0xda, 0xd1, 0xbf, 0x5f, 0xef, 0xfa, 0x81, 0x35, 0x4f, 0xaa, 0xe5, 0x9a, 0x65, 0x5d,
        0x9a, 0x9a, 0x1a, 0x79, 0x3e, 0xd2, 0xf6, 0x2c, 0x39, 0xc2, 0x6c, 0x0b, 0xe2, 0xae, 0xcd,
    ];
    let key = format!("{origin}+ec1293d2+{}", STANDARD.encode([&[1][..], &bytes].concat()));
    let note = format!(
        "{origin}\n1\nKgAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n\n\u{2014} {origin} 7BKT0gOfNZ1J0So9unY3BZtm2YkPIoNYM/dce0Z2avJDs8dxN6ts9bOSwwrVrbjm6P9K3ZxpK6jJngOG6YvGGzV/lwo=\n"
    );
    assert_eq!(signers(&note, &[key.parse().unwrap()]).unwrap(), [origin]);
}

#[test]
fn a_text_may_have_empty_lines() {
    let note = Note::parse(POEM).unwrap();
    assert_eq!(note.text().lines().last(), Some("ed è subito sera."));
    assert_eq!(note.signatures()[0].name(), "quasimodo.example/salvatore");
    assert_eq!(note.to_string(), POEM);

    let private = SigningKey::parse(PETER_PRIVATE).unwrap();
    for text in ["\n", "a\n\n", "\n\n\n", "a\n\n\u{2014} b c\n"] {
        let note = Note::sign(text, &private).unwrap();
        let again = Note::parse(&note.to_string()).unwrap();
        assert_eq!(again, note, "{text:?}");
        assert!(verify(&again, &[private.verifier_key()]).is_ok());
    }
}

#[test]
fn what_is_not_a_note() {
    let line = PETER_LINE.trim_end();
    let cases = [
        (String::new(), ParseError::NoNewline),
        (TEXT.to_owned(), ParseError::NoSignatures),
        (format!("{TEXT}\n"), ParseError::NoSignatures),
        (format!("{TEXT}\n{line}"), ParseError::NoNewline),
        (PETER_LINE.to_owned(), ParseError::NoSignatures),
        (format!("\n{PETER_LINE}"), ParseError::NoSignatures),
        (format!("\x01{TEXT}\n{PETER_LINE}"), ParseError::Control { offset: 0 }),
        (format!("{TEXT}\n{line}\r\n"), ParseError::Control { offset: TEXT.len() + 1 + line.len() }),
        (format!("{TEXT}\n{PETER_LINE}x\n"), ParseError::Signature { line: 2 }),
        (format!("{TEXT}\n{}", PETER_LINE.replace("PeterN", "Peter N")), ParseError::Signature { line: 1 }),
        (
            format!("{TEXT}\n{}", PETER_LINE.replace("PeterN", "Peter\u{3000}N")),
            ParseError::Signature { line: 1 },
        ),
        (format!("{TEXT}\n{}", PETER_LINE.replace("PeterN", "Peter+N")), ParseError::Signature { line: 1 }),
        (format!("{TEXT}\n{}", PETER_LINE.replace("AM=", "AN=")), ParseError::Signature { line: 1 }),
        (format!("{TEXT}\n{}", PETER_LINE.replace("AM=", "AM")), ParseError::Signature { line: 1 }),
        (format!("{TEXT}\n\u{2014} P x08gow==\n"), ParseError::Signature { line: 1 }),
        (format!("{TEXT}\n\u{2014}  x08gowA=\n"), ParseError::Signature { line: 1 }),
        (format!("{TEXT}\n- P x08gowA=\n"), ParseError::Signature { line: 1 }),
        (format!("{TEXT}\n{}", PETER_LINE.repeat(101)), ParseError::TooManySignatures),
        ("a\n".repeat(NOTE_BYTES_MAX), ParseError::TooLong { bytes: 2 * NOTE_BYTES_MAX }),
    ];
    for (note, error) in cases {
        assert_eq!(Note::parse(&note), Err(error), "{:?}", note.get(..200));
    }
    assert!(Note::parse(&format!("{TEXT}\n{}", PETER_LINE.repeat(100))).is_ok());
    assert_eq!(Note::parse_bytes(b"\xff\n"), Err(ParseError::NotUtf8));
    assert_eq!(Note::new("no newline"), Err(ParseError::NoNewline));
    assert_eq!(Note::new("tab\t\n"), Err(ParseError::Control { offset: 3 }));
}

#[test]
fn no_mangled_key_is_a_key() {
    for text in [PETER, PETER_PRIVATE] {
        let parse =
            |text: &str| text.parse::<VerifierKey>().map(drop).or_else(|_| SigningKey::parse(text).map(drop));
        assert_eq!(parse(text), Ok(()));
        for start in 0..text.len() {
            for end in start..=text.len() {
                // Without `PRIVATE+KEY+`, a private key would be a public one with a wrong id.
                assert!((start, end) == (0, text.len()) || parse(&text[start..end]).is_err());
            }
        }
        for at in 0..text.len() {
            let mut bytes = text.as_bytes().to_vec();
            bytes[at] += 1;
            assert!(parse(str::from_utf8(&bytes).unwrap()).is_err(), "byte {at}");
        }
    }
    // The reference reads the first one's base64, loosely, and finds the key too long; the second one's id fits.
    for (text, error) in [
        ("PeterNeumann+cc469956+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TWBADKEY==", KeyError::Form),
        (
            "PeterNeumann+173116ae+ZRpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
            KeyError::Algorithm { byte: 0x65 },
        ),
        ("PeterNeumann+C74F20A3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW", KeyError::Form),
        (
            "PeterNeumann+c74f20a4+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW",
            KeyError::Id { id: 0xc74f_20a3 },
        ),
        ("Peter Neumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW", KeyError::Name),
        ("weak+00000000+AQEAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", KeyError::Bytes),
        ("PeterNeumann+c74f20a3+AQ==", KeyError::Bytes),
        ("PeterNeumann+c74f20a3+", KeyError::Form),
    ] {
        assert_eq!(text.parse::<VerifierKey>().unwrap_err(), error, "{text}");
    }
    for name in ["", "a b", "a+b", "a\nb", "全\u{3000}角"] {
        assert_eq!(SigningKey::from_seed(name, &[0; 32]).unwrap_err(), KeyError::Name, "{name:?}");
    }
}

#[test]
fn a_secret_is_not_shown() {
    let private = SigningKey::parse(PETER_PRIVATE).unwrap();
    assert_eq!(format!("{private:?}"), format!("SigningKey({PETER})"));
}

proptest! {
    #[test]
    fn no_text_makes_the_parser_panic(text in "(\\PC|\n|\u{2014} |[a-z]{1,3} [A-Za-z0-9+/=]{4,12}){0,12}") {
        if let Ok(note) = Note::parse(&text) {
            prop_assert_eq!(note.to_string(), text);
        }
    }

    #[test]
    fn what_was_read_is_written_back(
        text in "([a-zé \n]{0,20}\n){1,4}",
        names in prop::collection::vec("[a-z./]{1,12}", 1..4),
        bytes in prop::collection::vec(any::<u8>(), 5..80),
    ) {
        let base64 = STANDARD.encode(&bytes);
        let lines: Vec<_> = names.iter().map(|name| format!("\u{2014} {name} {base64}\n")).collect();
        let note = format!("{text}\n{}", lines.concat());
        let parsed = Note::parse(&note).unwrap();
        prop_assert_eq!(parsed.text(), text);
        prop_assert_eq!(parsed.signatures().len(), names.len());
        prop_assert_eq!(parsed.to_string(), note);
    }

    #[test]
    fn whatever_is_signed_verifies(text in "[^\\p{Cc}]{0,40}", seed in any::<[u8; 32]>()) {
        let private = SigningKey::from_seed("k", &seed).unwrap();
        let note = Note::sign(format!("{text}\n"), &private).unwrap();
        let note = Note::parse(&note.to_string()).unwrap();
        prop_assert_eq!(verify(&note, &[private.verifier_key()]).unwrap().len(), 1);
        let again = SigningKey::parse(&private.to_text()).unwrap();
        prop_assert_eq!(again.verifier_key().to_string(), private.verifier_key().to_string());
    }
}
