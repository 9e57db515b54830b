//! `sekisho backup` and `sekisho restore`: the store as one file, and its pepper as another.

use serde::Serialize;

use super::{
    failure,
    place::{self, Place},
};
use crate::{
    cli::{BackupArgs, RestoreArgs},
    failure::Outcome,
    terminal::Terminal,
};

#[derive(Serialize)]
struct Copied {
    file: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pepper: Option<String>,
    schema: i64,
    pages: u64,
}

/// Copies the store while others use it.
pub(super) fn backup(args: &BackupArgs, terminal: &mut Terminal<'_>) -> Outcome {
    let words = terminal.words;
    let place = Place::open(&args.data, words)?;
    let file = args.file.display().to_string();
    let tried = words.f("people-backup-failed", &[("file", file.clone().into())]);
    let failed = |error| failure(&error, tried.clone(), words);
    let check = place.store.backup(&args.file).map_err(failed)?;
    if let Some(pepper) = &args.pepper {
        place.store.backup_pepper(pepper).map_err(failed)?;
    }
    place.record(terminal)?;
    let pepper = args.pepper.as_ref().map(|path| path.display().to_string());
    if terminal.json {
        return terminal.print_json(&Copied { file, pepper, schema: check.schema, pages: check.pages });
    }
    terminal.say(&words.f("people-backup-done", &[("file", file.into())]));
    match pepper {
        Some(pepper) => terminal.say(&words.f("people-pepper-done", &[("file", pepper.into())])),
        None => terminal.say(&words.t("people-pepper-left")),
    }
    terminal.say(&words.t("people-backup-log"));
    Ok(())
}

#[derive(Serialize)]
struct Restored {
    file: String,
    users: usize,
    keys: usize,
    left_open: usize,
}

/// Makes a store out of a copy, where none is.
pub(super) fn restore(args: &RestoreArgs, terminal: &mut Terminal<'_>) -> Outcome {
    let words = terminal.words;
    let dir = place::dir(&args.data);
    place::create_folder(&dir, words)?;
    let settings = place::settings(&dir);
    let file = settings.path.display().to_string();
    let tried = words.f("people-restore-failed", &[("file", args.file.display().to_string().into())]);
    let failed = |error| failure(&error, tried.clone(), words);
    let store = sekisho_store::Store::restore(&args.file, &args.pepper, &settings).map_err(failed)?;
    let left_open = store.left_open().map_err(failed)?.len();
    let restored =
        Restored { file, users: store.principals().len(), keys: store.keys(None).len(), left_open };
    Place { dir, store }.record(terminal)?;
    if terminal.json {
        return terminal.print_json(&restored);
    }
    let numbers =
        [("file", restored.file.into()), ("users", restored.users.into()), ("keys", restored.keys.into())];
    terminal.say(&words.f("people-restore-done", &numbers));
    if left_open > 0 {
        terminal.say(&words.f("people-restore-open", &[("count", left_open.into())]));
    }
    terminal.say(&words.t("people-restore-keys"));
    Ok(())
}
