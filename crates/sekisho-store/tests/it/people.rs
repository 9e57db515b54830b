use std::collections::BTreeSet;

use sekisho_base::{Code, Coded};
use sekisho_store::{Error, ExternalId, GroupSpec, Item, KeySpec, Kind, PrincipalSpec, Role};

use crate::house::{House, somebody};

#[test]
fn groups_give_roles_until_they_are_retired() {
    let house = House::new();
    let store = house.create();
    let yamada = somebody(&store, "yamada");
    let roles = BTreeSet::from([Role::Auditor, Role::Approver]);
    let audit = store.add_group(&GroupSpec { roles, ..GroupSpec::new("監査室") }).unwrap();
    let staff = store.add_group(&GroupSpec::new("staff")).unwrap();
    store.join(yamada, audit).unwrap();
    store.join(yamada, staff).unwrap();
    let names = |store: &sekisho_store::Store| {
        let principal = store.principal("yamada").unwrap();
        let groups: Vec<_> = principal.groups.iter().map(|group| group.name.clone()).collect();
        let roles: Vec<_> = principal.roles.iter().map(|role| role.as_str()).collect();
        format!("{} | {}", groups.join(" "), roles.join(" "))
    };
    assert_eq!(names(&store), "staff 監査室 | auditor approver");
    store.set_retired(audit, true).unwrap();
    assert_eq!(names(&store), "staff | ");
    store.set_retired(audit, false).unwrap();
    store.leave(yamada, staff).unwrap();
    assert_eq!(names(&store), "監査室 | auditor approver");
    store
        .change_group(audit, &GroupSpec { roles: BTreeSet::from([Role::Admin]), ..GroupSpec::new("監査室") })
        .unwrap();
    drop(store);
    assert_eq!(names(&house.open()), "監査室 | admin");
}

#[test]
fn an_identity_provider_replaces_only_its_own_groups() {
    let house = House::new();
    let store = house.create();
    let external = ExternalId { issuer: "https://idp.example".into(), subject: "a|b".into() };
    let spec = PrincipalSpec {
        external: Some(external.clone()),
        ..PrincipalSpec::new(Kind::User, "suzuki@example.jp")
    };
    let suzuki = store.add_principal(&spec).unwrap();
    let groups: Vec<_> = ["a", "b", "c"].map(|name| store.add_group(&GroupSpec::new(name)).unwrap()).into();
    store.join(suzuki, groups[0]).unwrap();
    store.set_external_groups(suzuki, &groups[..2]).unwrap();
    store.set_external_groups(suzuki, &groups[1..]).unwrap();
    let found = store.principal_of(&external).unwrap();
    assert_eq!(found.groups.iter().map(|group| &*group.name).collect::<Vec<_>>(), ["a", "b", "c"]);
    store.set_external_groups(suzuki, &[]).unwrap();
    assert_eq!(store.principal_of(&external).unwrap().groups.len(), 1);
    // The pair is what counts: the same text cut elsewhere is somebody else.
    let other = ExternalId { issuer: "https://idp.example|a".into(), subject: "b".into() };
    assert_eq!(other.to_string(), external.to_string());
    assert!(store.principal_of(&other).is_none());
    let again = PrincipalSpec { external: Some(external), ..PrincipalSpec::new(Kind::User, "other") };
    assert!(
        matches!(store.add_principal(&again), Err(Error::Exists { item: Item::Principal, name }) if name == "suzuki@example.jp")
    );
}

#[test]
fn names_are_unique_without_regard_to_case_and_stay_taken() {
    let house = House::new();
    let store = house.create();
    let admin = somebody(&store, "Admin");
    store.set_disabled(admin, true).unwrap();
    let error = store.add_principal(&PrincipalSpec::new(Kind::System, "aDMIN")).unwrap_err();
    assert_eq!(
        (error.code(), error.to_string().as_str()),
        (Code::ItemExists, "principal \"Admin\" exists already")
    );
    assert_eq!(store.principal("ADMIN").unwrap().id, admin);
    store.add_group(&GroupSpec::new("Staff")).unwrap();
    assert!(matches!(
        store.add_group(&GroupSpec::new("staff")),
        Err(Error::Exists { item: Item::Group, .. })
    ));
}

#[test]
fn hostile_names_do_not_get_in() {
    let house = House::new();
    let store = house.create();
    let writer = somebody(&store, "writer");
    for name in [
        "",
        "a\u{0}b",
        "\u{1b}]0;x\u{7}",
        "ad\u{200b}min",
        "ａdmin",
        "x'; DROP TABLE principal; --",
        &"x".repeat(100_000),
    ] {
        let error = store.add_principal(&PrincipalSpec::new(Kind::User, name)).unwrap_err();
        assert_eq!(error.code(), Code::RequestInvalid, "{name:.20?}");
        assert!(store.add_group(&GroupSpec::new(name)).is_err());
        assert!(store.draft_template(name, "text", writer).is_err());
        assert!(store.set_setting(name, "value").is_err());
    }
    let display =
        PrincipalSpec { display_name: "山田\u{202e}".into(), ..PrincipalSpec::new(Kind::User, "yamada") };
    assert!(matches!(store.add_principal(&display), Err(Error::Name { .. })));
    let subject = ExternalId { issuer: "i".into(), subject: "x".repeat(513) };
    let external = PrincipalSpec { external: Some(subject), ..PrincipalSpec::new(Kind::User, "yamada") };
    assert!(matches!(store.add_principal(&external), Err(Error::Name { .. })));
    assert_eq!(store.principals().len(), 1);
    // What is asked for by a hostile name is simply not there.
    assert!(store.principal("'; --").is_none());
    assert!(store.group("\u{0}").is_none());
}

#[test]
fn the_first_administrator_is_made_once() {
    let house = House::new();
    let store = house.create();
    assert!(!store.is_bootstrapped().unwrap());
    let who = PrincipalSpec::new(Kind::User, "kanri");
    let group = GroupSpec { roles: BTreeSet::from([Role::Admin]), ..GroupSpec::new("administrators") };
    let made = store.bootstrap(&who, &group, &KeySpec::named("first key")).unwrap();
    let caller = store.authenticate(made.key.secret.expose()).unwrap();
    assert!(caller.principal.roles.contains(&Role::Admin));
    store.set_disabled(made.principal, true).unwrap();
    for store in [&store, &house.open()] {
        let other = PrincipalSpec::new(Kind::User, "other");
        let group = GroupSpec { name: "others".into(), ..group.clone() };
        let again = store.bootstrap(&other, &group, &KeySpec::named("k"));
        assert!(matches!(again, Err(Error::Exists { item: Item::Administrator, .. })));
        assert!(store.is_bootstrapped().unwrap());
        assert!(store.principal("other").is_none() && store.group("others").is_none());
    }
}

#[test]
fn settings() {
    let house = House::new();
    let store = house.create();
    assert_eq!(store.setting("site.name").unwrap(), None);
    store.set_setting("site.name", "一").unwrap();
    store.set_setting("site.name", "二").unwrap();
    assert_eq!(house.open().setting("site.name").unwrap().as_deref(), Some("二"));
    assert!(matches!(store.set_setting_once("site.name", "三"), Err(Error::Exists { .. })));
    store.set_setting_once("once", "x").unwrap();
    // Those of the store itself are not reachable.
    assert!(store.setting("store.pepper-check").is_err());
    assert!(store.set_setting("store.bootstrap", "x").is_err());
    assert!(matches!(store.set_setting("big", &"x".repeat(65 * 1024)), Err(Error::TooLarge { .. })));
}
