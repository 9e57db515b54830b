//! The command line writes while the server runs.

use std::{
    thread,
    time::{Duration, Instant},
};

use sekisho_store::{Denied, KeySpec, Settings, Store, Subject};

use crate::house::{House, MODEL, limit, reserve, somebody, tokens, used};

#[test]
fn what_one_process_writes_the_other_sees_when_it_looks() {
    let house = House::new();
    let server = house.create();
    let command = house.open();
    assert!(!server.refresh().unwrap());
    let who = somebody(&command, "bot");
    let key = command.create_key(who, &KeySpec::named("k")).unwrap();
    assert_eq!(server.authenticate(key.secret.expose()).unwrap_err(), Denied::Unknown);
    assert!(server.refresh().unwrap());
    assert!(server.authenticate(key.secret.expose()).is_ok());
    assert!(!server.refresh().unwrap());
    command.revoke_key(key.key.id).unwrap();
    server.refresh().unwrap();
    assert_eq!(server.authenticate(key.secret.expose()).unwrap_err(), Denied::Revoked { id: key.key.id });
    // Its own writes are no news, and neither is reading.
    somebody(&server, "other");
    server.check().unwrap();
    assert!(!server.refresh().unwrap());
    assert!(command.principal("other").is_none() && command.refresh().unwrap());
    assert!(command.principal("other").is_some());
}

#[test]
fn the_thread_of_the_store_looks_by_itself() {
    let house = House::new();
    let server =
        Store::create(&Settings { tick: Some(Duration::from_millis(20)), ..house.settings.clone() }).unwrap();
    let command = house.open();
    let who = somebody(&command, "bot");
    let key = command.create_key(who, &KeySpec::named("k")).unwrap();
    let wait = |what: &dyn Fn() -> bool| {
        let begin = Instant::now();
        while !what() {
            assert!(begin.elapsed() < Duration::from_secs(5), "nothing was noticed");
            thread::sleep(Duration::from_millis(2));
        }
    };
    wait(&|| server.authenticate(key.secret.expose()).is_ok());
    command.revoke_key(key.key.id).unwrap();
    wait(&|| server.authenticate(key.secret.expose()).is_err());
    limit(&command, Subject::Principal(who), 10);
    wait(&|| reserve(&server, who, tokens(11)).map(sekisho_store::Hold::release).is_err());
    assert!(server.health().last_error.is_none());
}

#[test]
fn two_processes_share_a_budget() {
    let house = House::new();
    let (one, two) = (house.create(), house.open());
    let who = somebody(&one, "a");
    limit(&one, Subject::Principal(who), 1000);
    two.refresh().unwrap();
    let first = reserve(&one, who, tokens(600)).unwrap();
    assert!(reserve(&two, who, tokens(600)).is_err());
    first.settle(MODEL, used(100));
    // Booked, but the rest of the lease stays where it is until that process closes or the limit changes.
    one.flush().unwrap();
    two.refresh().unwrap();
    assert!(reserve(&two, who, tokens(600)).is_err());
    one.close().unwrap();
    two.refresh().unwrap();
    assert!(reserve(&two, who, tokens(901)).is_err());
    reserve(&two, who, tokens(900)).unwrap().settle(MODEL, used(900));
    two.close().unwrap();
    assert_eq!(crate::house::standing(&house.open(), Subject::Principal(who)), (1000, 0));
}
