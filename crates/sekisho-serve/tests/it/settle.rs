//! Budgets of a process that is no longer there: settled from its log, and never from a log that does not know it. The real
//! kill is a test of the binary.

use std::{fs, path::Path};

use sekisho_audit::journal::Journal;
use sekisho_serve::settle_left_open;
use sekisho_store::{Settings, Store, Subject};
use serde_json::json;

use crate::{
    gate::{Gate, Person, journal_parts},
    http::Listening,
};

/// Copies a folder as a crash would leave it: nobody holds a lock there.
fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), &target).unwrap();
        }
        fs::set_permissions(&target, entry.metadata().unwrap().permissions()).unwrap();
    }
    fs::set_permissions(to, fs::metadata(from).unwrap().permissions()).unwrap();
}

#[tokio::test]
async fn a_log_gives_back_what_it_accounts_for_and_no_more() {
    let gate = Gate::new();
    let key = gate.person(Person { tokens_per_month: Some(1_000_000), ..Person::default() });
    // The log is older than the first call, as it is in earnest.
    let early = json!({ "model": "nobody", "messages": [{ "role": "user", "content": "x" }] });
    let gate = Listening::new(gate).await;
    assert_eq!(gate.post("/v1/chat/completions", &key, &early).await.status, 404);
    let body = json!({ "model": "chonai", "messages": [{ "role": "user", "content": "予定" }] });
    let mut spent = 0;
    for _ in 0..5 {
        let reply = gate.post("/v1/chat/completions", &key, &body).await;
        spent += reply.json()["usage"]["total_tokens"].as_u64().unwrap();
        gate.gate.record(reply.header("x-sekisho-record").unwrap());
    }
    gate.gate.store.flush().unwrap();

    for has_log in [true, false] {
        let folder = tempfile::tempdir().unwrap();
        copy(gate.gate.folder(), folder.path());
        let audit = folder.path().join("audit");
        if !has_log {
            fs::remove_dir_all(&audit).unwrap();
            fs::create_dir(&audit).unwrap();
        }
        let settings = Settings { tick: None, ..Settings::at(folder.path().join("sekisho.db")) };
        let store = Store::open(&settings).unwrap();
        let (journal, _) = Journal::start(journal_parts(&audit)).unwrap();
        let who = Subject::Principal(store.principal("somu-kakariin").unwrap().id);
        let before = store.standing(who, store.month()).unwrap();
        assert!(before.leased.tokens > 0);
        let settled = settle_left_open(&store, &journal).unwrap();
        let after = store.standing(who, store.month()).unwrap();
        assert_eq!((settled.len(), after.leased.tokens), (1, 0));
        assert_eq!(settled[0].rest_is_spent, !has_log, "{settled:?}");
        let expected = if has_log { spent } else { before.used.tokens + before.leased.tokens };
        assert_eq!((before.used.tokens, after.used.tokens), (spent, expected), "{settled:?}");
        // Once.
        assert_eq!(settle_left_open(&store, &journal).unwrap(), []);
    }
}
