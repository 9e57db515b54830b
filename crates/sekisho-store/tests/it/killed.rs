//! A real process, killed at a moment that nobody chose, again and again.

use std::{
    collections::HashMap,
    env, fs,
    fs::OpenOptions,
    io::Write as _,
    process::{Command, Stdio},
    thread,
    time::Duration,
};

use sekisho_store::{HoldTag, Rest, Settings, Settled, Store, Subject, Used};

use crate::house::{Dice, House, MODEL, limit, reserve, somebody, standing, tokens, used};

const FOLDER: &str = "SEKISHO_STORE_TEST_FOLDER";
const LIMIT: u64 = 50_000_000;
const KILLS: u64 = 8;

/// Not a test of its own: what is killed. Runs only when the test below starts it.
#[test]
fn child() {
    let Ok(folder) = env::var(FOLDER) else { return };
    let settings =
        Settings { tick: Some(Duration::from_millis(4)), ..Settings::at(format!("{folder}/sekisho.db")) };
    let store = Store::open(&settings).unwrap();
    thread::scope(|scope| {
        for thread in 0..3_u64 {
            let (store, folder) = (&store, &folder);
            scope.spawn(move || {
                let who = store.principal("a").unwrap().id;
                let mut audit = OpenOptions::new().append(true).open(format!("{folder}/audit")).unwrap();
                let mut dice = Dice::new(thread ^ u64::from(std::process::id()));
                let mut open = Vec::new();
                loop {
                    let ask = 1 + dice.roll(2000);
                    let hold = reserve(store, who, tokens(ask)).unwrap();
                    // The kill may cut a line; only one with its full stop has been written.
                    audit.write_all(format!("open {} {ask} .\n", hold.tag()).as_bytes()).unwrap();
                    open.push((ask, hold));
                    if open.len() > dice.roll(6) as usize {
                        let (ask, hold) = open.swap_remove(dice.roll(open.len() as u64) as usize);
                        let spent = dice.roll(ask + 1);
                        audit.write_all(format!("done {} {spent} .\n", hold.tag()).as_bytes()).unwrap();
                        hold.settle(MODEL, used(spent));
                    }
                    if dice.roll(50) == 0 {
                        thread::sleep(Duration::from_millis(1));
                    }
                }
            });
        }
    });
}

#[test]
fn a_killed_process_is_settled_to_the_token() {
    let house = House::new();
    let settings = Settings { tick: None, ..Settings::at(&house.settings.path) };
    let store = Store::create(&settings).unwrap();
    let who = somebody(&store, "a");
    let subject = Subject::Principal(who);
    limit(&store, subject, LIMIT);
    let audit = house.folder.path().join("audit");
    fs::write(&audit, "").unwrap();

    let mut expected = 0;
    for round in 0..KILLS {
        let mut child = Command::new(env::current_exe().unwrap())
            .args(["--exact", "killed::child", "--nocapture"])
            .env(FOLDER, house.folder.path())
            .stdout(Stdio::null())
            .spawn()
            .unwrap();
        let lines = || fs::read_to_string(&audit).unwrap().lines().count();
        let before = lines();
        while lines() < before + 50 {
            assert_eq!(child.try_wait().unwrap(), None, "the child has ended by itself");
            thread::sleep(Duration::from_millis(2));
        }
        thread::sleep(Duration::from_millis(round * 7));
        assert_eq!(store.left_open().unwrap(), [], "it is alive");
        child.kill().unwrap();
        child.wait().unwrap();

        // Whatever line was cut, the next process begins a new one.
        OpenOptions::new().append(true).open(&audit).unwrap().write_all(b"\n").unwrap();
        let calls = read(&fs::read_to_string(&audit).unwrap());
        let left = store.left_open().unwrap();
        assert_eq!(left.len(), 1);
        let of_run: Vec<Settled> = calls.into_iter().filter(|call| call.tag.run() == left[0].run).collect();
        let spent: u64 = of_run.iter().map(|call| call.used.to_amount().tokens).sum();
        let (used, leased) = standing(&store, subject);
        assert!(used + leased >= expected + spent && used + leased <= LIMIT);
        let outcome = store.reconcile(left[0].run, &of_run, Rest::GiveBack).unwrap();
        assert_eq!(outcome.booked + outcome.known, of_run.len() as u64);
        expected += spent;
        assert_eq!(standing(&store, subject), (expected, 0), "round {round}: {outcome:?}");
    }
    assert_eq!(store.left_open().unwrap(), []);
    assert!(store.check().unwrap().is_sound());
}

/// What the audit log says: a call that ended has its use, one that did not its reservation.
fn read(audit: &str) -> Vec<Settled> {
    let mut calls: HashMap<HoldTag, Used> = HashMap::new();
    for line in audit.lines() {
        // A use that was cut off had not been settled, and a hold that was cut off was never used.
        if let [_, tag, tokens, "."] = line.split(' ').collect::<Vec<_>>()[..] {
            calls.insert(tag.parse().unwrap(), used(tokens.parse().unwrap()));
        }
    }
    calls.into_iter().map(|(tag, used)| Settled { tag, model: MODEL.to_owned(), used }).collect()
}
