use sekisho_base::{Code, Coded};
use sekisho_store::{Error, State, Store, TEMPLATE_BYTES_MAX, TemplateRef};

use crate::house::{House, somebody};

fn in_use(store: &Store, reference: &str) -> Option<String> {
    let reference: TemplateRef = reference.parse().unwrap();
    store.approved_template(&reference).map(|template| template.text.clone())
}

#[test]
fn a_version_is_used_only_while_it_is_approved() {
    let house = House::new();
    let store = house.create();
    let (author, approver) = (somebody(&store, "author"), somebody(&store, "approver"));
    let first = store.draft_template("要約", "一", author).unwrap();
    assert_eq!(first.to_string(), "要約@1");
    assert_eq!(in_use(&store, "要約"), None);
    store.approve_template(&first, 1, approver).unwrap();
    let second = store.draft_template("要約", "二", author).unwrap();
    assert_eq!(in_use(&store, "要約").as_deref(), Some("一"));
    store.approve_template(&second, 1, approver).unwrap();
    assert_eq!(in_use(&store, "要約").as_deref(), Some("二"));
    assert_eq!(in_use(&store, "要約@1").as_deref(), Some("一"));
    store.retire_template(&second, author).unwrap();
    assert_eq!(in_use(&store, "要約@2"), None);
    assert_eq!(in_use(&store, "要約").as_deref(), Some("一"));
    assert!(matches!(store.approve_template(&second, 1, approver), Err(Error::TemplateState)));
    assert!(matches!(store.retire_template(&second, approver), Err(Error::TemplateState)));
    drop(store);

    let store = house.open();
    assert_eq!(in_use(&store, "要約").as_deref(), Some("一"));
    let kept = store.template(&second).unwrap();
    assert_eq!((kept.state, kept.text.as_str(), kept.retired_by), (State::Retired, "二", Some(author)));
    assert_eq!(store.templates(Some("要約")).unwrap().len(), 2);
}

#[test]
fn whoever_wrote_on_it_cannot_approve_it() {
    let house = House::new();
    let store = house.create();
    let [author, editor, approver] = ["author", "editor", "approver"].map(|name| somebody(&store, name));
    let id = store.draft_template("t", "one", author).unwrap();
    let error = store.approve_template(&id, 1, author).unwrap_err();
    assert_eq!(error.code(), Code::Forbidden);
    assert_eq!(store.edit_draft(&id, 1, "two", editor).unwrap(), 2);
    assert!(matches!(store.approve_template(&id, 2, editor), Err(Error::OwnTemplate)));
    assert!(matches!(store.approve_template(&id, 2, author), Err(Error::OwnTemplate)));
    // What the approver has read is not what stands there now.
    let error = store.approve_template(&id, 1, approver).unwrap_err();
    assert!(matches!(error, Error::DraftChanged { seen: 1, found: 2 }));
    store.approve_template(&id, 2, approver).unwrap();
    assert!(matches!(store.edit_draft(&id, 2, "three", approver), Err(Error::TemplateState)));
    assert_eq!(in_use(&store, "t").as_deref(), Some("two"));
}

/// The database itself holds to it, whoever writes.
#[test]
fn the_database_refuses_to_change_what_was_approved() {
    let house = House::new();
    let store = house.create();
    let (author, approver) = (somebody(&store, "author"), somebody(&store, "approver"));
    let id = store.draft_template("t", "one", author).unwrap();
    store.draft_template("t", "two", author).unwrap();
    store.approve_template(&id, 1, approver).unwrap();
    let other = rusqlite::Connection::open(&house.settings.path).unwrap();
    for sql in [
        "UPDATE template SET text = 'other' WHERE version = 1",
        "UPDATE template SET state = 'draft' WHERE version = 1",
        "DELETE FROM template WHERE version = 1",
        "UPDATE template SET state = 'approved', approved_by = author, approved_ms = 0 WHERE version = 2",
        "UPDATE template SET state = 'approved' WHERE version = 2",
    ] {
        assert!(other.execute(sql, []).is_err(), "{sql}");
    }
}

#[test]
fn limits_of_templates() {
    let house = House::new();
    let store = house.create();
    let author = somebody(&store, "author");
    let long = "x".repeat(TEMPLATE_BYTES_MAX + 1);
    assert!(matches!(store.draft_template("t", &long, author), Err(Error::TooLarge { .. })));
    assert!(store.draft_template("t", &long[1..], author).is_ok());
    assert!(matches!(store.draft_template("a@1", "", author), Err(Error::Name { .. })));
    let missing = "t@9".parse().unwrap();
    assert!(matches!(store.template(&missing), Err(Error::NoSuch { .. })));
}
