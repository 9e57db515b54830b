use std::{
    fs,
    io::{Seek, SeekFrom, Write},
    os::unix::fs::PermissionsExt,
    thread,
    time::Duration,
};

use sekisho_base::{Code, Coded};
use sekisho_store::{Error, Item, KeySpec, Settings, Store, Subject};

use crate::house::{House, MODEL, limit, reserve, somebody, standing, tokens, used};

#[test]
fn made_once_and_opened_only_where_it_is() {
    let house = House::new();
    let error = Store::open(&house.settings).err().unwrap();
    assert_eq!(error.code(), Code::NoSuchItem);
    drop(house.create());
    assert!(matches!(Store::create(&house.settings), Err(Error::Exists { item: Item::Database, .. })));
    drop(house.open());

    fs::set_permissions(&house.settings.path, PermissionsExt::from_mode(0o644)).unwrap();
    assert!(matches!(Store::open(&house.settings), Err(Error::TooOpen { mode: 0o644, .. })));
    fs::set_permissions(&house.settings.path, PermissionsExt::from_mode(0o600)).unwrap();
    fs::remove_file(house.settings.pepper_path()).unwrap();
    // A new pepper would end every key; somebody has to look.
    assert_eq!(Store::open(&house.settings).err().unwrap().code(), Code::StoreUnusable);
}

#[test]
fn what_a_crash_left_of_making_one_can_be_made_again() {
    let house = House::new();
    fs::write(&house.settings.path, "").unwrap();
    fs::set_permissions(&house.settings.path, PermissionsExt::from_mode(0o600)).unwrap();
    fs::write(house.settings.pepper_path(), format!("{}\n", "5".repeat(64))).unwrap();
    fs::set_permissions(house.settings.pepper_path(), PermissionsExt::from_mode(0o600)).unwrap();
    assert!(matches!(Store::open(&house.settings), Err(Error::NoSuch { .. })));
    drop(house.create());
    drop(house.open());
}

#[test]
fn a_newer_schema_is_refused() {
    let house = House::new();
    drop(house.create());
    let other = rusqlite::Connection::open(&house.settings.path).unwrap();
    other.pragma_update(None, "user_version", 9_999).unwrap();
    let error = Store::open(&house.settings).err().unwrap();
    assert!(matches!(error, Error::Newer { found: 9_999, .. }));
    other.pragma_update(None, "user_version", 1).unwrap();
    other.pragma_update(None, "application_id", 77).unwrap();
    assert!(matches!(Store::open(&house.settings), Err(Error::NotAStore)));
}

#[test]
fn a_copy_is_made_while_others_write_and_lives_again() {
    let house = House::new();
    let settings = Settings { tick: Some(Duration::from_millis(2)), ..house.settings.clone() };
    let store = Store::create(&settings).unwrap();
    let who = somebody(&store, "a");
    let subject = Subject::Principal(who);
    limit(&store, subject, 1_000_000);
    let key = store.create_key(who, &KeySpec::named("k")).unwrap();
    let (copy, pepper) = (house.folder.path().join("copy"), house.folder.path().join("copy-pepper"));
    thread::scope(|scope| {
        scope.spawn(|| {
            for _ in 0..2000 {
                reserve(&store, who, tokens(50)).unwrap().settle(MODEL, used(50));
            }
        });
        assert!(store.backup(&copy).unwrap().is_sound());
    });
    store.backup_pepper(&pepper).unwrap();
    for taken in [store.backup(&copy).map(|_| ()), store.backup_pepper(&pepper)] {
        assert!(matches!(taken, Err(Error::Exists { .. })));
    }
    for file in [&copy, &pepper] {
        assert_eq!(fs::metadata(file).unwrap().permissions().mode() & 0o777, 0o600);
    }
    let names: Vec<_> =
        fs::read_dir(house.folder.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert!(!names.iter().any(|name| name.to_string_lossy().starts_with("copy.")), "{names:?}");

    assert!(matches!(Store::restore(&copy, &pepper, &house.settings), Err(Error::Exists { .. })));
    let place = tempfile::tempdir().unwrap();
    let elsewhere = Settings { path: place.path().join("db"), ..house.settings.clone() };
    let again = Store::restore(&copy, &pepper, &elsewhere).unwrap();
    assert!(again.authenticate(key.secret.expose()).is_ok());
    let (used, leased) = standing(&again, subject);
    assert!(used + leased <= 1_000_000 && used % 50 == 0);
    assert!(again.check().unwrap().is_sound());
}

#[test]
fn a_wrong_copy_leaves_nothing() {
    let house = House::new();
    let store = house.create();
    let (copy, pepper) = (house.folder.path().join("copy"), house.folder.path().join("copy-pepper"));
    store.backup(&copy).unwrap();
    store.backup_pepper(&pepper).unwrap();
    let place = tempfile::tempdir().unwrap();
    let elsewhere = Settings { path: place.path().join("db"), ..house.settings.clone() };
    let empty = || fs::read_dir(place.path()).unwrap().count() == 0;

    let other = house.folder.path().join("other-pepper");
    fs::write(&other, "7".repeat(64)).unwrap();
    fs::set_permissions(&other, PermissionsExt::from_mode(0o600)).unwrap();
    assert!(matches!(Store::restore(&copy, &other, &elsewhere), Err(Error::Pepper)));
    assert!(empty());
    let stranger = house.folder.path().join("stranger");
    rusqlite::Connection::open(&stranger).unwrap().execute_batch("CREATE TABLE x (y)").unwrap();
    assert!(matches!(Store::restore(&stranger, &pepper, &elsewhere), Err(Error::NotAStore)));
    fs::write(&stranger, "nothing like a database").unwrap();
    assert!(Store::restore(&stranger, &pepper, &elsewhere).is_err());
    assert!(empty());

    let mut file = fs::OpenOptions::new().write(true).open(&copy).unwrap();
    let bytes = file.metadata().unwrap().len();
    file.seek(SeekFrom::Start(bytes / 2)).unwrap();
    file.write_all(&[0xa5; 4096]).unwrap();
    assert!(Store::restore(&copy, &pepper, &elsewhere).is_err());
    assert!(empty());
}

#[test]
fn doctor_finds_damage_and_overdraft() {
    let house = House::new();
    let store = house.create();
    let who = somebody(&store, "a");
    limit(&store, Subject::Principal(who), 100);
    reserve(&store, who, tokens(100)).unwrap().settle(MODEL, used(101));
    store.flush().unwrap();
    let check = store.check().unwrap();
    assert!(check.is_sound());
    assert_eq!((check.schema, check.overdrawn, check.left_open), (check.schema_known, 1, 0));
    let other = rusqlite::Connection::open(&house.settings.path).unwrap();
    other.pragma_update(None, "foreign_keys", false).unwrap();
    other.execute("INSERT INTO membership VALUES (77, 78, 'local')", []).unwrap();
    let check = store.check().unwrap();
    assert!(!check.is_sound() && check.dangling == 2);
}
