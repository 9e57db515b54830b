//! `audit witness`: the other host, which cosigns only what goes on from all it has seen; and asking it.

pub(super) mod answer;
pub(super) mod ask;
mod door;
pub(super) mod serve;
mod state;

use std::{collections::BTreeMap, io, path::Path};

use sekisho_audit::{
    cosignature::CosigningKey,
    entropy::{Entropy, OsEntropy},
    note::Algorithm,
    vfs::{self, Disk, Vfs},
    witness::Witness,
};
use sekisho_base::Code;

use super::{place, printable, verifier_key};
use crate::{
    cli::WitnessPlace,
    failure::{Failure, Outcome},
    words::Words,
};
use state::Memory;

/// The private key of a witness, in its folder.
const KEY: &str = "witness.key";
/// Bytes of that file.
const KEY_BYTES_MAX: u64 = 8 * 1024;

/// A witness, and what it has seen.
struct Station {
    witness: Witness,
    memory: Memory,
    /// The logs it knows, by name.
    origins: Vec<String>,
}

impl Station {
    /// The keys of the witness, one a line.
    fn verifier_keys(&self) -> String {
        let keys: Vec<String> = self.witness.verifier_keys().iter().map(ToString::to_string).collect();
        keys.join("\n")
    }
}

/// Opens the folder of a witness, or makes it with a key of its own. No other process has it meanwhile.
fn open(place: &WitnessPlace, words: &Words) -> Outcome<Station> {
    let mut logs = BTreeMap::new();
    for text in &place.log {
        let key = verifier_key(text, words)?;
        if key.algorithm().is_cosignature() {
            return Err(Failure::new(
                Code::Usage,
                words.f("audit-not-a-log-key", &[("key", key.to_string().into())]),
            )
            .hint(words.t("audit-hint-key")));
        }
        logs.entry(key.name().to_owned()).or_insert_with(Vec::new).push(key);
    }
    let origins = logs.keys().cloned().collect();
    place::create_folder(&place.dir, words)?;
    let memory = Memory::open(&place.dir).map_err(|error| unusable(&place.dir, &error, words))?;
    let key = read_key(place, words)?;
    let witness = Witness::new(vec![key], logs)
        .map_err(|error| Failure::new(Code::Usage, words.t("audit-witness-failed")).chain(&error))?;
    Ok(Station { witness, memory, origins })
}

fn unusable(dir: &Path, error: &io::Error, words: &Words) -> Failure {
    let args = [("dir", dir.display().to_string().into())];
    if error.kind() == io::ErrorKind::WouldBlock {
        return Failure::new(Code::LogBusy, words.f("audit-witness-busy", &args))
            .hint(words.t("audit-hint-witness-busy"));
    }
    Failure::new(Code::FileUnwritable, words.f("audit-witness-folder", &args)).cause(error.to_string())
}

/// The key of the witness; a new one at the first start.
fn read_key(place: &WitnessPlace, words: &Words) -> Outcome<CosigningKey> {
    let disk = Disk::private(&place.dir);
    let failed = |cause: String| {
        let file = place.dir.join(KEY).display().to_string();
        Failure::new(Code::KeysUnusable, words.f("audit-witness-key", &[("file", file.into())])).cause(cause)
    };
    let bytes = match vfs::read(&disk, KEY, KEY_BYTES_MAX) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => {
            return make_key(&disk, &place.name, words, &failed);
        }
        bytes => bytes.map_err(|error| failed(error.to_string()))?,
    };
    let mode = disk.mode(KEY).map_err(|error| failed(error.to_string()))?;
    if mode.is_some_and(|mode| mode & 0o077 != 0) {
        return Err(failed(words.t("audit-key-open")));
    }
    let text = std::str::from_utf8(&bytes).map_err(|error| failed(error.to_string()))?;
    let key = CosigningKey::parse(text.trim_end()).map_err(|error| failed(error.to_string()))?;
    if key.name() == place.name {
        return Ok(key);
    }
    let name = printable(key.name());
    Err(failed(words.f("audit-witness-other-name", &[("name", name.into())])))
}

fn make_key(
    disk: &Disk,
    name: &str,
    words: &Words,
    failed: &dyn Fn(String) -> Failure,
) -> Outcome<CosigningKey> {
    let mut seed = [0; 32];
    OsEntropy.fill(&mut seed).map_err(|error| failed(error.to_string()))?;
    let key = CosigningKey::from_seed(name, Algorithm::CosignatureEd25519, &seed).map_err(|_| {
        let name = printable(name);
        Failure::new(Code::Usage, words.f("audit-origin-bad", &[("origin", name.into())]))
            .hint(words.t("audit-hint-origin"))
    })?;
    let mut text = key.to_text();
    text.push('\n');
    vfs::replace(disk, KEY, text.as_bytes())
        .and_then(|()| disk.sync_folder(""))
        .map_err(|error| failed(error.to_string()))?;
    Ok(key)
}
