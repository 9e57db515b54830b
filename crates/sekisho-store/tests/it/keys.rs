use std::os::unix::fs::PermissionsExt;

use expect_test::expect;
use sekisho_store::{Denied, Error, Item, KeySpec, Scope, Settings, Store};

use crate::house::{House, NOW_MS, somebody};

#[test]
fn a_key_opens_until_something_ends_it() {
    let house = House::new();
    let store = house.create();
    let who = somebody(&store, "yamada");
    let spec = KeySpec { expires_ms: Some(NOW_MS + 1000), ..KeySpec::named("端末") };
    let new = store.create_key(who, &spec).unwrap();
    let id = new.key.id;
    let text = new.secret.expose();
    assert_eq!(store.authenticate(text).unwrap().key.name, "端末");

    let mut wrong = text.to_owned();
    // The last character carries one bit of the secret and four that are always zero: 'a' or 'q'.
    let last = if wrong.ends_with('a') { "q" } else { "a" };
    wrong.replace_range(wrong.len() - 1.., last);
    assert_eq!(store.authenticate(&wrong).unwrap_err(), Denied::Secret { id });
    let other = store.create_key(who, &KeySpec::named("other")).unwrap();
    let mixed = format!("{}{}", &text[..20], &other.secret.expose()[20..]);
    assert_eq!(store.authenticate(&mixed).unwrap_err(), Denied::Secret { id });
    for malformed in
        ["", "sk_", &text[..text.len() - 1], &text.to_uppercase(), &format!(" {text}"), &format!("{text}\n")]
    {
        assert_eq!(store.authenticate(malformed).unwrap_err(), Denied::Malformed, "{malformed:?}");
    }
    let unknown = format!("sk_aaaaaaaaaaaaaaaa_{}", &text[20..]);
    assert_eq!(store.authenticate(&unknown).unwrap_err(), Denied::Unknown);

    house.pass(999);
    assert!(store.authenticate(text).is_ok());
    house.pass(1);
    assert_eq!(store.authenticate(text).unwrap_err(), Denied::Expired { id });
    store.revoke_key(id).unwrap();
    assert_eq!(store.authenticate(text).unwrap_err(), Denied::Revoked { id });
    store.set_disabled(who, true).unwrap();
    assert_eq!(store.authenticate(other.secret.expose()).unwrap_err(), Denied::Disabled { id: other.key.id });
    store.set_disabled(who, false).unwrap();
    assert!(store.authenticate(other.secret.expose()).is_ok());
}

#[test]
fn the_secret_is_nowhere() {
    let house = House::new();
    let store = house.create();
    let who = somebody(&store, "yamada");
    let new = store.create_key(who, &KeySpec::named("k")).unwrap();
    assert!(!format!("{new:?}").contains(&new.secret.expose()[20..]));
    drop(store);
    let pepper = std::fs::read_to_string(house.settings.pepper_path()).unwrap();
    for entry in std::fs::read_dir(house.folder.path()).unwrap() {
        let path = entry.unwrap().path();
        if !path.is_file() {
            continue;
        }
        let mode = std::fs::metadata(&path).unwrap().permissions().mode();
        assert_eq!(mode & 0o077, 0, "{}", path.display());
        let bytes = std::fs::read(&path).unwrap();
        let holds = |text: &str| bytes.windows(text.len()).any(|window| window == text.as_bytes());
        assert!(!holds(&new.secret.expose()[20..40]), "{}", path.display());
        assert!(path == house.settings.pepper_path() || !holds(pepper.trim()), "{}", path.display());
    }
    assert!(house.open().authenticate(new.secret.expose()).is_ok());
}

#[test]
fn rotation_leaves_time_to_change_over() {
    let house = House::new();
    let store = house.create();
    let who = somebody(&store, "bot");
    let scope = Scope {
        models: Some(vec!["sarashina*".into(), "plamo-2".into()]),
        purposes: Some(vec!["要約".into()]),
        label: Some("1".into()),
        label_max: Some("2".into()),
    };
    let spec = KeySpec { name: "夜間処理".into(), scope: scope.clone(), expires_ms: None };
    let old = store.create_key(who, &spec).unwrap();
    let new = store.rotate_key(old.key.id, NOW_MS + 60_000, None).unwrap();
    assert_eq!((&new.key.name, &new.key.scope, new.key.replaces), (&spec.name, &scope, Some(old.key.id)));
    assert!(
        store.authenticate(old.secret.expose()).is_ok() && store.authenticate(new.secret.expose()).is_ok()
    );
    house.pass(60_000);
    assert!(
        store.authenticate(old.secret.expose()).is_err() && store.authenticate(new.secret.expose()).is_ok()
    );
    assert!(matches!(store.rotate_key(old.key.id, NOW_MS + 90_000, None), Err(Error::KeyEnded)));
    assert_eq!(store.keys(Some(who)).len(), 2);

    let scope = &store.authenticate(new.secret.expose()).unwrap().key.scope;
    assert!(scope.allows_model("sarashina2.2-3b") && scope.allows_model("plamo-2"));
    assert!(!scope.allows_model("plamo-2.1") && !scope.allows_model("gpt"));
    assert!(scope.allows_purpose("要約") && !scope.allows_purpose("翻訳"));
    assert!(Scope::default().allows_model("anything"));
}

#[test]
fn last_use_comes_to_the_disk_later() {
    let house = House::new();
    let store = house.create();
    let who = somebody(&store, "bot");
    let new = store.create_key(who, &KeySpec::named("k")).unwrap();
    let on_disk = || house.open().key(new.key.id).unwrap().last_used_ms;
    house.pass(5);
    store.authenticate(new.secret.expose()).unwrap();
    assert_eq!(store.key(new.key.id).unwrap().last_used_ms, Some(NOW_MS + 5));
    assert_eq!(on_disk(), None);
    store.flush().unwrap();
    assert_eq!(on_disk(), Some(NOW_MS + 5));
    house.pass(5);
    store.authenticate(new.secret.expose()).unwrap();
    // A change of something else must not forget it.
    somebody(&store, "other");
    store.close().unwrap();
    assert_eq!(on_disk(), Some(NOW_MS + 10));
}

#[test]
fn limits_of_keys() {
    let house = House::new();
    let store = house.create();
    let who = somebody(&store, "bot");
    let many = Scope { models: Some(vec!["m".into(); 257]), ..Scope::default() };
    let spec = KeySpec { scope: many, ..KeySpec::named("k") };
    assert!(matches!(store.create_key(who, &spec), Err(Error::TooLarge { item: Item::Key, .. })));
    for name in ["", "a\u{1b}", &"あ".repeat(129)] {
        assert!(matches!(
            store.create_key(who, &KeySpec::named(name)),
            Err(Error::Name { item: Item::Key, .. })
        ));
    }
}

#[test]
fn another_pepper_is_noticed_and_an_open_one_refused() {
    let house = House::new();
    drop(house.create());
    let pepper = house.settings.pepper_path();
    std::fs::set_permissions(&pepper, PermissionsExt::from_mode(0o640)).unwrap();
    let why =
        |settings: &Settings| Store::open(settings).err().map(|error| error.to_string()).unwrap_or_default();
    assert!(why(&house.settings).ends_with("is open to others: mode 640"));
    std::fs::set_permissions(&pepper, PermissionsExt::from_mode(0o600)).unwrap();
    std::fs::write(&pepper, "0".repeat(64)).unwrap();
    expect!["the pepper is not that of this database"].assert_eq(&why(&house.settings));
    std::fs::write(&pepper, "0".repeat(6_000_000)).unwrap();
    expect!["the pepper is not that of this database"].assert_eq(&why(&house.settings));
}
