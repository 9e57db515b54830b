//! The machine stops at any moment: after each call, and in the middle of each write.
//!
//! What SQLite writes goes to the end of one file, the log, until a checkpoint; so the log cut anywhere, beside the database
//! from before, is exactly what a crash leaves. The test keeps its own books, cuts the log everywhere, opens what is left,
//! and looks whether a token is missing.

use std::{collections::HashMap, fs, path::PathBuf};

use sekisho_store::{GroupSpec, Hold, HoldTag, PrincipalId, Rest, Settings, Settled, Store, Subject, Used};

use crate::house::{Dice, House, MODEL, limit, reserve, somebody, standing, tokens, used};

const LIMIT: u64 = 60_000;
const STEPS: u64 = 160;
/// Cuts inside a write, besides that before and that behind it.
const TORN: u64 = 3;

/// A call as the audit log knows it.
#[derive(Clone)]
struct Call {
    tag: HoldTag,
    pays: Vec<Subject>,
    reserved: u64,
    spent: Option<u64>,
}

struct Moment {
    log_bytes: u64,
    calls: Vec<Call>,
}

fn log_path(house: &House) -> PathBuf {
    let mut path = house.settings.path.clone().into_os_string();
    path.push("-wal");
    path.into()
}

#[test]
fn no_cut_of_the_log_loses_a_token() {
    let house = House::new();
    let store = house.create();
    let people: Vec<PrincipalId> = ["a", "b"].iter().map(|name| somebody(&store, name)).collect();
    let group = store.add_group(&GroupSpec::new("g")).unwrap();
    store.join(people[0], group).unwrap();
    let subjects = [Subject::Principal(people[0]), Subject::Principal(people[1]), Subject::Group(group)];
    for one in subjects {
        limit(&store, one, LIMIT);
    }
    store.close().unwrap();
    drop(store);
    // The last connection has gone, and the log is in the database.
    assert!(!log_path(&house).exists());
    let base = fs::read(&house.settings.path).unwrap();

    let store = house.open();
    let moments = live(&house, &store, &people, subjects);
    let log = fs::read(log_path(&house)).unwrap();
    assert_eq!(
        fs::read(&house.settings.path).unwrap(),
        base,
        "a checkpoint has moved the log; take fewer steps"
    );
    drop(store);

    let mut dice = Dice::new(2);
    let mut cuts = 0;
    for (index, moment) in moments.iter().enumerate() {
        check(&house, &base, &log[..moment.log_bytes as usize], moment, &subjects);
        cuts += 1;
        let next = moments.get(index + 1).map_or(log.len() as u64, |next| next.log_bytes);
        for _ in 0..TORN.min(next - moment.log_bytes) {
            let cut = moment.log_bytes + dice.roll(next - moment.log_bytes);
            check(&house, &base, &log[..cut as usize], moment, &subjects);
            cuts += 1;
        }
    }
    assert!(cuts > STEPS, "{cuts}");
}

/// Reserves, settles, releases and flushes, and writes down what was true after each step.
fn live(house: &House, store: &Store, people: &[PrincipalId], subjects: [Subject; 3]) -> Vec<Moment> {
    let mut dice = Dice::new(1);
    let mut calls: Vec<Call> = Vec::new();
    let mut open: Vec<(usize, Hold)> = Vec::new();
    let mut moments = Vec::new();
    for _ in 0..STEPS {
        match dice.roll(10) {
            0..5 => {
                let who = dice.roll(2) as usize;
                let ask = 1 + dice.roll(900);
                if let Ok(hold) = reserve(store, people[who], tokens(ask)) {
                    let pays = if who == 0 { vec![subjects[0], subjects[2]] } else { vec![subjects[1]] };
                    open.push((calls.len(), hold));
                    let tag = open[open.len() - 1].1.tag();
                    calls.push(Call { tag, pays, reserved: ask, spent: None });
                }
            }
            5..8 if !open.is_empty() => {
                let (call, hold) = open.swap_remove(dice.roll(open.len() as u64) as usize);
                let spent = dice.roll(calls[call].reserved + 1);
                calls[call].spent = Some(spent);
                hold.settle(MODEL, used(spent));
            }
            8 if !open.is_empty() => {
                let (call, hold) = open.swap_remove(dice.roll(open.len() as u64) as usize);
                calls[call].spent = Some(0);
                hold.release();
            }
            _ => store.flush().unwrap(),
        }
        let log_bytes = fs::metadata(log_path(house)).map_or(0, |metadata| metadata.len());
        moments.push(Moment { log_bytes, calls: calls.clone() });
    }
    assert!(!open.is_empty() && calls.len() > 20);
    moments
}

/// Opens what the crash has left, and settles it from the audit log.
fn check(house: &House, base: &[u8], log: &[u8], moment: &Moment, subjects: &[Subject; 3]) {
    let folder = tempfile::tempdir().unwrap();
    let settings = Settings { path: folder.path().join("sekisho.db"), ..house.settings.clone() };
    fs::write(&settings.path, base).unwrap();
    fs::write(folder.path().join("sekisho.db-wal"), log).unwrap();
    fs::copy(house.settings.pepper_path(), settings.pepper_path()).unwrap();
    let only_owner = <fs::Permissions as std::os::unix::fs::PermissionsExt>::from_mode(0o600);
    fs::set_permissions(&settings.path, only_owner).unwrap();
    let store = Store::open(&settings).unwrap();

    let mut spent: HashMap<Subject, u64> = HashMap::new();
    for call in &moment.calls {
        // Of a call whose end the audit log does not know, the caller takes the reservation.
        let used = call.spent.unwrap_or(call.reserved);
        for one in &call.pays {
            *spent.entry(*one).or_default() += used;
        }
    }
    for one in subjects {
        let (used, leased) = standing(&store, *one);
        let spent = spent.get(one).copied().unwrap_or(0);
        assert!(used + leased >= spent, "{one}: {used} + {leased} < {spent}");
        assert!(used + leased <= LIMIT, "{one}: {used} + {leased}");
    }
    let check = store.check().unwrap();
    assert!(check.is_sound() && check.overdrawn == 0, "{check:?}");

    let settled: Vec<Settled> = moment.calls.iter().map(settled_of).collect();
    let left = store.left_open().unwrap();
    assert_eq!(left.len(), usize::from(!moment.calls.is_empty() || !left.is_empty()));
    for run in &left {
        let outcome = store.reconcile(run.run, &settled, Rest::GiveBack).unwrap();
        assert_eq!(outcome.foreign, 0);
        assert_eq!(outcome.booked + outcome.known, settled.len() as u64);
    }
    for one in subjects {
        assert_eq!(standing(&store, *one), (spent.get(one).copied().unwrap_or(0), 0), "{one}");
    }
}

fn settled_of(call: &Call) -> Settled {
    let used = call.spent.map_or(Used { prompt_tokens: call.reserved, ..Used::default() }, used);
    Settled { tag: call.tag.clone(), model: MODEL.to_owned(), used }
}

#[test]
fn without_an_audit_log_the_lease_counts_as_spent() {
    let house = House::new();
    let store = house.create();
    let who = somebody(&store, "a");
    let subject = Subject::Principal(who);
    limit(&store, subject, 3200);
    let hold = reserve(&store, who, tokens(50)).unwrap();
    reserve(&store, who, tokens(50)).unwrap().settle(MODEL, used(20));
    // The process ends without closing: another one opens what is there, and finds no lock.
    let copy = tempfile::tempdir().unwrap();
    let settings = Settings { path: copy.path().join("copy.db"), ..house.settings.clone() };
    store.backup(&settings.path).unwrap();
    store.backup_pepper(&settings.pepper_path()).unwrap();
    let after = Store::open(&settings).unwrap();
    let left = after.left_open().unwrap();
    assert_eq!((left.len(), left[0].run), (1, hold.tag().run()));
    let (used_before, leased) = standing(&after, subject);
    assert_eq!(left[0].leased, [(subject, after.month(), tokens(leased))]);
    assert!(leased >= 70 && used_before == 0);
    // It counts before anybody has done anything.
    assert!(reserve(&after, who, tokens(3200 - leased + 1)).is_err());
    after.reconcile(left[0].run, &[], Rest::CountAsSpent).unwrap();
    assert_eq!(standing(&after, subject).0, leased);
    let month = after.month();
    let report = after.usage(Some(subject), month, month).unwrap();
    assert_eq!(
        (report.len(), report[0].model.as_deref(), report[0].usage.unaccounted_tokens),
        (1, None, leased)
    );
    assert!(after.reconcile(left[0].run, &[], Rest::CountAsSpent).is_err());
    // The one that is still alive cannot be settled by somebody else.
    let other = house.open();
    assert_eq!(other.left_open().unwrap(), []);
    let alive = other.reconcile(hold.tag().run(), &[], Rest::GiveBack);
    assert!(matches!(alive, Err(sekisho_store::Error::RunAlive { .. })));
}
