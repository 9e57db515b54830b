//! What witnesses have answered, kept below the published checkpoint.

use super::{CHECKPOINT, CHECKPOINT_BYTES_MAX, FOLDER, OpenError, writer::lock};
use crate::{
    note::{Note, Signature},
    vfs::{self, Vfs},
};

/// Adds the lines of witnesses to the published checkpoint, durably. An older line of the same key goes. False, and
/// nothing done, when another checkpoint has been published since, or when there is no room for the lines.
///
/// Which lines to believe is for the caller to say before: [`crate::witness::merge_answer`]. Needs the log for itself;
/// a running writer publishes with lines of its own ([`super::Cosign`]).
///
/// # Errors
/// [`OpenError::Locked`], [`OpenError::NoLog`], [`OpenError::Published`], and what the disk says.
pub fn add_cosignatures<V: Vfs>(fs: &V, cosigned: &Note) -> Result<bool, OpenError> {
    let _lock = lock(fs)?;
    let bytes = vfs::read(fs, CHECKPOINT, CHECKPOINT_BYTES_MAX)?;
    let published = Note::parse_bytes(&bytes).map_err(|error| OpenError::Published(error.into()))?;
    if published.text() != cosigned.text() {
        return Ok(false);
    }
    let newest = |line: &Signature| {
        let is_of_key = |other: &&Signature| (other.name(), other.id()) == (line.name(), line.id());
        cosigned.signatures().iter().rfind(is_of_key).unwrap_or(line).clone()
    };
    let mut merged = published.unsigned();
    published.signatures().iter().chain(cosigned.signatures()).for_each(|line| merged.add(newest(line)));
    let text = merged.to_string();
    if text.len() as u64 > CHECKPOINT_BYTES_MAX || Note::parse(&text).is_err() {
        return Ok(false);
    }
    vfs::replace(fs, CHECKPOINT, text.as_bytes())?;
    fs.sync_folder(FOLDER)?;
    Ok(true)
}

#[cfg(test)]
mod tests {
    use super::add_cosignatures;
    use crate::{
        cosignature::CosigningKey,
        log::{
            OpenError,
            tests::{leaves, log_of, open},
        },
        note::{Algorithm, Note},
        vfs::Memory,
    };

    fn published(fs: &Memory) -> Note {
        let (writer, _) = open(fs);
        let note = Note::parse_bytes(&writer.reader().published().unwrap()).unwrap();
        writer.close().unwrap();
        note
    }

    /// The published checkpoint, and a cosignature of a witness at a time.
    fn cosigned(fs: &Memory, witness: u8, unix_seconds: u64) -> Note {
        let mut note = published(fs);
        let name = format!("witness.example/{witness}");
        let key = CosigningKey::from_seed(&name, Algorithm::CosignatureEd25519, &[witness; 32]).unwrap();
        note.add(key.cosign(&note.text().parse().unwrap(), unix_seconds).unwrap());
        note
    }

    #[test]
    fn the_newest_line_of_each_witness_stays_over_a_restart() {
        let fs = log_of(5, 2);
        let first = cosigned(&fs, 1, 100);
        assert!(add_cosignatures(&fs, &first).unwrap());
        assert!(add_cosignatures(&fs, &cosigned(&fs, 2, 150)).unwrap());
        let again = cosigned(&fs, 1, 200);
        assert!(add_cosignatures(&fs, &again).unwrap());
        let lines = published(&fs);
        assert_eq!(lines.signatures().len(), 3);
        assert!(!lines.signatures().contains(&first.signatures()[1]));
        assert!(lines.signatures().contains(again.signatures().last().unwrap()));
    }

    #[test]
    fn a_line_for_another_checkpoint_is_left_out() {
        let fs = log_of(5, 2);
        let old = cosigned(&fs, 1, 100);
        let (mut writer, _) = open(&fs);
        assert!(matches!(add_cosignatures(&fs, &old), Err(OpenError::Locked)));
        writer.commit(&leaves(5..6)).unwrap();
        writer.publish().unwrap();
        writer.close().unwrap();
        assert!(!add_cosignatures(&fs, &old).unwrap());
        assert_eq!(published(&fs).signatures().len(), 1);
    }
}
