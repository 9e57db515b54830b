//! Key files of retention classes.

use base64::{Engine, engine::general_purpose::STANDARD};
use zeroize::Zeroizing;

use super::{Error, Shared, check_mode, read_private};

const KEY_END: &str = ".key";

/// The key that wraps the keys of a class. Hidden, and gone from memory when dropped.
pub(super) struct ClassKey(pub(super) Zeroizing<[u8; 32]>);

/// Path of the key file below the folder of keys.
pub(super) fn name(class: u8) -> String {
    format!("class/{class}{KEY_END}")
}

fn number(name: &str) -> Option<u8> {
    let class: u8 = name.strip_suffix(KEY_END)?.parse().ok()?;
    (name == format!("{class}{KEY_END}")).then_some(class)
}

/// Classes that have a key.
pub(super) fn all(shared: &Shared) -> Result<Vec<u8>, Error> {
    let names = shared.folder.below("class").list().map_err(Error::io("class"))?;
    Ok(names.iter().filter_map(|name| number(name)).collect())
}

/// Overwrites and removes the key of a class; no matter if there is none.
pub(super) fn destroy(shared: &Shared, class: u8) -> Result<(), Error> {
    let gone = shared.folder.below("class").wipe_and_remove(&format!("{class}{KEY_END}"));
    match gone {
        Err(cause) if cause.kind() != std::io::ErrorKind::NotFound => Err(Error::io(&name(class))(cause)),
        _ => Ok(()),
    }
}

impl ClassKey {
    /// The key of the class; none when there is none.
    pub(super) fn open(shared: &Shared, class: u8) -> Result<Option<Self>, Error> {
        let folder = shared.folder.below("class");
        let file = format!("{class}{KEY_END}");
        let text = match read_private(&folder, &file) {
            Err(Error::Missing { .. }) => return Ok(None),
            Err(Error::TooOpen { mode, .. }) => return Err(Error::TooOpen { name: name(class), mode }),
            other => other?,
        };
        // Overwritten, and not yet removed: an erasure of the class that was interrupted.
        if !text.is_empty() && text.iter().all(|byte| *byte == 0) {
            return Ok(None);
        }
        let damaged = || Error::Damaged { name: name(class) };
        let line = text.strip_suffix(b"\n").unwrap_or(&text);
        let bytes = Zeroizing::new(STANDARD.decode(line).map_err(|_| damaged())?);
        let key = <[u8; 32]>::try_from(&bytes[..]).map_err(|_| damaged())?;
        Ok(Some(Self(Zeroizing::new(key))))
    }

    /// Makes a key, durable before it returns.
    pub(super) fn make(shared: &Shared, class: u8) -> Result<Self, Error> {
        let mut key = Zeroizing::new([0; 32]);
        shared.entropy.fill(&mut *key)?;
        let line = Zeroizing::new(format!("{}\n", *Zeroizing::new(STANDARD.encode(*key))));
        let folder = shared.folder.below("class");
        let file = format!("{class}{KEY_END}");
        folder.replace(&file, line.as_bytes()).map_err(Error::io(&name(class)))?;
        check_mode(&folder, &file, &name(class), 0o600)?;
        Ok(Self(key))
    }
}
