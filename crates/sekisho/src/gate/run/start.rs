//! From nothing to a gate that can take requests.

use std::{
    fs::DirBuilder,
    os::unix::fs::DirBuilderExt,
    path::{Path, PathBuf},
    sync::Arc,
};

use sekisho_audit::journal::{Journal, OpenReport, Parts as JournalParts};
use sekisho_base::Code;
use sekisho_serve::{Directory, Gateway, Parts, settle_left_open};
use sekisho_store::{Settings as StoreSettings, Store};
use serde_json::json;

use super::{Places, Running};
use crate::{
    commands::audit_retention,
    failure::{Failure, Outcome},
    gate::{
        build::{self, Around, Kept},
        files::Files,
        log::Log,
        problem::failure,
        settings::{self, Settings},
        traces::Tracing,
    },
    words::Words,
};

/// Reads everything, opens everything, and puts it together.
pub(super) fn start(places: Places, words: &Words) -> Outcome<(Settings, Running)> {
    let mut files = Files::default();
    let environment = |name: &str| std::env::var(name).ok();
    let settings = settings::load(&places.config, &places.flags, &environment, &mut files)
        .map_err(|problems| failure(&places.config, &problems, words))?;
    let tracing =
        Tracing::new(&settings, &mut files).map_err(|problem| failure(&places.config, &[*problem], words))?;
    let data = &settings.fixed.data;
    make_folder(data, words)?;
    make_folder(&audit_path(data), words)?;
    let store = open_store(data, words)?;
    let groups = store.groups().iter().map(|group| group.name.clone()).collect();
    let around = Around { groups, environment: &environment, kept: &Kept::default() };
    let built = build::build(&settings, &around, &mut files)
        .map_err(|problems| failure(&places.config, &problems, words))?;
    let (journal, report) = open_journal(data, &settings.fixed.origin, words)?;
    let log = Log::start(settings.fixed.log).map_err(|error| {
        Failure::new(Code::Internal, words.t("gate-runtime-failed")).cause(error.to_string())
    })?;
    let log = Arc::new(log);
    tell(&report, &log, words);
    settle(&store, &journal, &log, words);
    let directory = Directory::new(store.clone());
    let parts = Parts { world: built.world, journal, store, directory };
    let observer: Arc<dyn sekisho_serve::Observe> = Arc::<Log>::clone(&log);
    let tracer = tracing.as_ref().map(|tracing| tracing.tracer.clone());
    let gateway = Gateway::observed(parts, observer, tracer);
    let running = Running {
        gateway,
        places,
        fixed: settings.fixed.clone(),
        tls: built.tls,
        kept: built.kept,
        files,
        tracing,
        log,
        words: Words::new(words.lang),
    };
    Ok((settings, running))
}

/// The folder of all data: for its owner alone.
fn make_folder(data: &Path, words: &Words) -> Outcome {
    let made = DirBuilder::new().recursive(true).mode(0o700).create(data);
    made.map_err(|error| {
        let folder = data.display().to_string();
        Failure::new(Code::FileUnwritable, words.f("gate-data-unwritable", &[("folder", folder.into())]))
            .cause(error.to_string())
            .hint(words.t("gate-hint-data"))
    })
}

fn open_store(data: &Path, words: &Words) -> Outcome<Store> {
    let settings = StoreSettings::at(store_path(data));
    let is_there = settings.path.try_exists().unwrap_or(true);
    let opened = if is_there { Store::open(&settings) } else { Store::create(&settings) };
    opened.map_err(|error| {
        let file = settings.path.display().to_string();
        Failure::from_coded(&error, words.f("gate-store-failed", &[("file", file.into())]))
            .hint(words.t("gate-hint-store"))
    })
}

/// Where the store of an installation lies.
pub(crate) fn store_path(data: &Path) -> PathBuf {
    data.join("sekisho.db")
}

/// Where its audit log lies: the folder for `sekisho audit --dir`.
pub(crate) fn audit_path(data: &Path) -> PathBuf {
    data.join("audit")
}

fn open_journal(data: &Path, origin: &str, words: &Words) -> Outcome<(Journal, OpenReport)> {
    let folder = audit_path(data);
    let retention = audit_retention(&folder, words)?;
    let clock = Arc::new(crate::gate::now_ms);
    Journal::start(JournalParts::on_disk(&folder, origin, retention, clock)).map_err(|error| {
        let folder = folder.display().to_string();
        Failure::from_coded(&error, words.f("gate-journal-failed", &[("folder", folder.clone().into())]))
            .hint(words.f("gate-hint-journal", &[("folder", folder.into())]))
    })
}

/// What the last end left to do, and was done.
fn tell(report: &OpenReport, log: &Log, words: &Words) {
    let cut_bytes = report.recovered.as_ref().map_or(0, |recovered| recovered.cut_bytes);
    let aborted = report.aborted.len();
    if cut_bytes == 0 && aborted == 0 {
        return;
    }
    let args = [("bytes", cut_bytes.into()), ("aborted", aborted.into())];
    let fields = json!({ "cut_bytes": cut_bytes, "aborted_records": aborted });
    log.say("recovered", fields, &words.f("gate-recovered", &args));
}

/// Settles the budgets that a crash left open, before anybody can use them. Should that fail, they count as used up to what
/// was leased, which is never too little; the next start tries again.
fn settle(store: &Store, journal: &Journal, log: &Log, words: &Words) {
    match settle_left_open(store, journal) {
        Ok(runs) => {
            for run in runs {
                let args = [
                    ("booked", run.booked.into()),
                    ("unended", run.unended.into()),
                    ("rest", (if run.rest_is_spent { "spent" } else { "back" }).into()),
                ];
                let fields = json!({
                    "run": run.run, "booked": run.booked, "known": run.known, "foreign": run.foreign,
                    "unended": run.unended, "unreadable": run.unreadable, "rest_is_spent": run.rest_is_spent,
                });
                log.say("budgets.settled", fields, &words.f("gate-budgets-settled", &args));
            }
        }
        Err(error) => {
            let cause = build::chain(&error);
            let text = words.f("gate-budgets-unsettled", &[("cause", cause.clone().into())]);
            log.say("budgets.unsettled", json!({ "cause": cause }), &text);
        }
    }
}
