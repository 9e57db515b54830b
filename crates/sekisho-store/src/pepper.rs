//! The key under which the secrets of API keys are hashed. It lies beside the database and not in it, so that a stolen
//! database, or a backup, does not help anybody to test guesses or to put a key of their own in.

use std::{
    fmt::Write as _,
    fs::{self, File, OpenOptions},
    io::{self, Read, Write},
    os::unix::fs::OpenOptionsExt,
    path::Path,
};

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use zeroize::Zeroizing;

use crate::{
    database::refuse_open_to_others,
    entropy::Entropy,
    error::Error,
    key_text::{KeyId, Secret},
};

const PEPPER_BYTES: usize = 32;
/// 64 hexadecimal digits and a line end.
const FILE_BYTES_MAX: u64 = 65;
const KEY_LABEL: &[u8] = b"sekisho api key 1";
const CHECK_LABEL: &[u8] = b"sekisho pepper 1";

/// Keyed and ready: a request copies the state instead of hashing the key again.
pub(crate) struct Pepper(Hmac<Sha256>);

impl Pepper {
    /// Reads the file, or makes it when it is not there.
    pub(crate) fn read_or_create(path: &Path, entropy: &dyn Entropy) -> Result<Self, Error> {
        let mut options = OpenOptions::new();
        match options.write(true).create_new(true).mode(0o600).open(path) {
            Ok(mut file) => {
                let made = fill(&mut file, entropy).and_then(|()| sync_folder(path));
                made.inspect_err(|_| drop(fs::remove_file(path)))
                    .map_err(|cause| Error::file(path, cause))?;
            }
            Err(cause) if cause.kind() == io::ErrorKind::AlreadyExists => {}
            Err(cause) => return Err(Error::file(path, cause)),
        }
        Self::read(path)
    }

    /// Reads the file, which nobody but its owner may read.
    pub(crate) fn read(path: &Path) -> Result<Self, Error> {
        refuse_open_to_others(path)?;
        let file = File::open(path).map_err(|cause| Error::file(path, cause))?;
        let mut text = Zeroizing::new(String::new());
        file.take(FILE_BYTES_MAX + 1).read_to_string(&mut text).map_err(|cause| Error::file(path, cause))?;
        let digits = text.trim_end();
        if digits.len() != PEPPER_BYTES * 2 || !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Err(Error::Pepper);
        }
        let mut bytes = Zeroizing::new([0; PEPPER_BYTES]);
        for (place, byte) in bytes.iter_mut().enumerate() {
            *byte = u8::from_str_radix(&digits[place * 2..place * 2 + 2], 16).map_err(|_| Error::Pepper)?;
        }
        Ok(Self(Hmac::new_from_slice(&*bytes).expect("HMAC takes a key of any length")))
    }

    /// What the database keeps of a key.
    pub(crate) fn mac(&self, id: KeyId, secret: &Secret) -> [u8; 32] {
        self.of_key(id, secret).finalize().into_bytes().into()
    }

    /// Whether a secret is the one that was kept; takes the same time wherever they differ.
    pub(crate) fn verifies(&self, id: KeyId, secret: &Secret, kept: &[u8; 32]) -> bool {
        self.of_key(id, secret).verify_slice(kept).is_ok()
    }

    fn of_key(&self, id: KeyId, secret: &Secret) -> Hmac<Sha256> {
        let mut mac = self.0.clone();
        mac.update(KEY_LABEL);
        mac.update(id.as_bytes());
        mac.update(&**secret);
        mac
    }

    /// What the database keeps so as to notice another pepper. Says nothing of the pepper or of any key.
    pub(crate) fn check_value(&self) -> String {
        let mut mac = self.0.clone();
        mac.update(CHECK_LABEL);
        let mut text = String::with_capacity(64);
        for byte in mac.finalize().into_bytes() {
            write!(text, "{byte:02x}").expect("a string takes everything");
        }
        text
    }
}

fn fill(file: &mut File, entropy: &dyn Entropy) -> io::Result<()> {
    let mut bytes = Zeroizing::new([0; PEPPER_BYTES]);
    entropy.fill(&mut *bytes).map_err(io::Error::other)?;
    let mut text = Zeroizing::new(String::with_capacity(FILE_BYTES_MAX as usize));
    for byte in *bytes {
        write!(text, "{byte:02x}").map_err(io::Error::other)?;
    }
    text.push('\n');
    file.write_all(text.as_bytes())?;
    file.sync_all()
}

/// Makes the name of a new file durable.
pub(crate) fn sync_folder(path: &Path) -> io::Result<()> {
    let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
    File::open(folder)?.sync_all()
}
