//! The body a witness reads: what is read is written back, and nothing that was made up is cosigned.

#![no_main]

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use sekisho_audit::cosignature::CosigningKey;
use sekisho_audit::merkle::TreeHead;
use sekisho_audit::note::{Algorithm, Note, SigningKey};
use sekisho_audit::witness::{Request, State, Witness};

struct Nothing;

impl State for Nothing {
    type Error = Infallible;

    fn latest(&self, _: &str) -> Result<Option<TreeHead>, Infallible> {
        Ok(None)
    }

    fn replace(&self, _: &str, _: Option<TreeHead>, _: TreeHead, _: &Note) -> Result<bool, Infallible> {
        Ok(true)
    }
}

static WITNESS: LazyLock<Witness> = LazyLock::new(|| {
    let origin = "example.com/behind-the-sofa";
    let log = SigningKey::from_seed(origin, &[1; 32]).expect("a name").verifier_key();
    let key = CosigningKey::from_seed("w", Algorithm::CosignatureEd25519, &[2; 32]).expect("a name");
    Witness::new(vec![key], BTreeMap::from([(origin.to_owned(), vec![log])])).expect("a key and a log")
});

fuzz_target!(|body: &[u8]| {
    if let Ok(request) = Request::parse(body) {
        assert_eq!(request.to_string().as_bytes(), body);
    }
    assert!(WITNESS.add_checkpoint(body, 1_750_000_000, &Nothing).is_err());
});
