//! The folder of an installation: where it is, whose it is, and the store in it.

use std::{
    env,
    fs::{self, DirBuilder},
    os::unix::fs::{DirBuilderExt, MetadataExt},
    path::{Path, PathBuf},
};

use sekisho_base::Code;
use sekisho_store::{Error, Item, Settings, Store};

use super::{failure, record};
use crate::{
    cli::Data,
    failure::{Failure, Outcome},
    terminal::Terminal,
    words::Words,
};

/// Where an installation lies unless somebody says otherwise.
const DIR: &str = "/var/lib/sekisho";
/// What the system says instead of a user when nobody has signed in.
const NO_LOGIN: u32 = u32::MAX;

/// An installation whose store is open.
pub(super) struct Place {
    pub(super) dir: PathBuf,
    pub(super) store: Store,
}

impl Place {
    /// Opens what is there.
    pub(super) fn open(data: &Data, words: &Words) -> Outcome<Self> {
        let dir = dir(data);
        let settings = settings(&dir);
        refuse_foreign(&settings.path, words)?;
        let store = Store::open(&settings).map_err(|error| open_failed(&error, &dir, words))?;
        Ok(Self { dir, store })
    }

    /// Opens what is there, or makes it.
    pub(super) fn open_or_create(data: &Data, terminal: &Terminal<'_>) -> Outcome<Self> {
        let words = terminal.words;
        let dir = dir(data);
        let settings = settings(&dir);
        if settings.path.exists() && settings.pepper_path().exists() {
            return Self::open(data, words);
        }
        create_folder(&dir, words)?;
        let store = Store::create(&settings).map_err(|error| open_failed(&error, &dir, words))?;
        terminal.say(&words.f("people-made-store", &[("file", settings.path.display().to_string().into())]));
        Ok(Self { dir, store })
    }

    /// Puts what was changed into the audit log, as far as this process may write there.
    pub(super) fn record(&self, terminal: &Terminal<'_>) -> Outcome {
        record::run(self, terminal)
    }
}

/// The folder that was asked for: flag, environment, default.
pub(super) fn dir(data: &Data) -> PathBuf {
    let from_environment = || env::var_os("SEKISHO_DATA").filter(|dir| !dir.is_empty()).map(PathBuf::from);
    data.dir.clone().or_else(from_environment).unwrap_or_else(|| DIR.into())
}

/// How the store of a folder is opened by a command, which ends soon: no thread, and the changes are those of whoever
/// typed it.
pub(super) fn settings(dir: &Path) -> Settings {
    Settings { tick: None, actor: actor(), ..Settings::at(dir.join("sekisho.db")) }
}

/// Makes the folder, for its owner only.
pub(super) fn create_folder(dir: &Path, words: &Words) -> Outcome {
    DirBuilder::new().recursive(true).mode(0o700).create(dir).map_err(|error| {
        let file = dir.display().to_string();
        Failure::new(Code::FileUnwritable, words.f("cli-unwritable", &[("file", file.into())]))
            .cause(error.to_string())
            .hint(words.t("people-hint-data"))
    })
}

fn open_failed(error: &Error, dir: &Path, words: &Words) -> Failure {
    let shown = dir.display().to_string();
    match error {
        Error::NoSuch { item: Item::Database, .. } => {
            Failure::new(Code::NoSuchItem, words.f("people-no-store", &[("dir", shown.clone().into())]))
                .hint(words.f("people-hint-no-store", &[("dir", shown.into())]))
        }
        _ => failure(error, words.f("people-open-failed", &[("dir", shown.into())]), words),
    }
}

/// Files that another account made stay its own: what we would write beside them it could not use any more.
fn refuse_foreign(file: &Path, words: &Words) -> Outcome {
    let Some(owner) = foreign_owner(file) else { return Ok(()) };
    let args = [("file", file.display().to_string().into()), ("owner", owner.clone().into())];
    Err(Failure::new(Code::StoreUnusable, words.f("people-foreign", &args))
        .hint(words.f("people-hint-foreign", &[("owner", owner.into())])))
}

/// The account to which a file belongs, when it is not the one of this process.
pub(super) fn foreign_owner(file: &Path) -> Option<String> {
    let owner = fs::metadata(file).ok()?.uid();
    let own = own_uid()?;
    (owner != own).then(|| account(owner))
}

/// Who types: the one who signed in, also behind `sudo`; else the account of this process.
fn actor() -> String {
    let login = fs::read_to_string("/proc/self/loginuid").ok().and_then(|text| text.trim().parse().ok());
    let uid = login.filter(|&uid: &u32| uid != NO_LOGIN).or_else(own_uid);
    format!("os:{}", uid.map_or_else(|| "unknown".to_owned(), account))
}

fn own_uid() -> Option<u32> {
    // The owner of our own entry in /proc is the effective user.
    fs::metadata("/proc/self").ok().map(|entry| entry.uid())
}

/// The name of an account, or its number.
fn account(uid: u32) -> String {
    let accounts = fs::read_to_string("/etc/passwd").unwrap_or_default();
    let name = accounts.lines().find_map(|line| {
        let mut fields = line.split(':');
        let name = fields.next()?;
        (fields.nth(1)? == uid.to_string()).then_some(name)
    });
    name.map_or_else(|| format!("uid-{uid}"), str::to_owned)
}
