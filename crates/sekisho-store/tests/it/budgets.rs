use std::{
    sync::atomic::{AtomicI64, AtomicU64, Ordering},
    thread,
    time::Duration,
};

use sekisho_base::{Code, Coded};
use sekisho_store::{
    Amount, Budget, BudgetSpec, Charge, Error, Exceeded, GroupSpec, Limits, Month, ReserveError, Settings,
    Store, Subject, Unit, Usage, Used,
};

use crate::house::{Dice, House, MODEL, limit, reserve, somebody, standing, tokens, used};

#[test]
fn settled_to_the_token_and_to_the_millionth_of_a_yen() {
    let house = House::new();
    let store = house.create();
    let who = somebody(&store, "yamada");
    let subject = Subject::Principal(who);
    let limits = Limits { tokens_max: Some(1000), micro_yen_max: Some(3_000_001) };
    store.set_budget(&BudgetSpec { budget: Budget { subject, month: None }, limits }).unwrap();
    let ask = Amount { tokens: 10, micro_yen: 1_000_000 };
    let used = Used { prompt_tokens: 3, completion_tokens: 4, micro_yen: 999_999 };
    reserve(&store, who, ask).unwrap().settle(MODEL, used);
    reserve(&store, who, ask).unwrap().settle("plamo-2", used);
    reserve(&store, who, ask).unwrap().release();
    let held = reserve(&store, who, ask).unwrap();
    let refused = reserve(&store, who, ask).unwrap_err();
    assert_eq!(refused.code(), Code::BudgetExceeded);
    let ReserveError::Exceeded(exceeded) = refused else { panic!("{refused}") };
    let month = Month::new(2026, 11).unwrap();
    let expected =
        Exceeded { subject, month, unit: Unit::MicroYen, limit: 3_000_001, left: 3, asked: 1_000_000 };
    assert_eq!(exceeded, expected);
    assert!(reserve(&store, who, Amount { tokens: 10, micro_yen: 3 }).is_ok());
    drop(held);
    store.flush().unwrap();

    let report = store.usage(None, month, month).unwrap();
    let lines: Vec<_> = report.iter().map(|row| (row.model.as_deref().unwrap(), row.usage)).collect();
    let one = Usage {
        requests: 1,
        prompt_tokens: 3,
        completion_tokens: 4,
        micro_yen: 999_999,
        unaccounted_tokens: 0,
    };
    // Two holds were dropped without a word, and count in full.
    let dropped = Usage { requests: 3, unaccounted_tokens: 20, micro_yen: 999_999 + 1_000_000 + 3, ..one };
    assert_eq!(lines, [("plamo-2", one), (MODEL, dropped)]);
    let standing = store.standing(subject, month).unwrap();
    assert_eq!(standing.used, Amount { tokens: 34, micro_yen: 3_000_001 });
    assert_eq!(standing.limits, limits);
}

#[test]
fn from_all_groups_or_from_none() {
    let house = House::new();
    let store = house.create();
    let (a, b) = (somebody(&store, "a"), somebody(&store, "b"));
    let group = store.add_group(&GroupSpec::new("g")).unwrap();
    for who in [a, b] {
        store.join(who, group).unwrap();
        limit(&store, Subject::Principal(who), 80);
    }
    limit(&store, Subject::Group(group), 100);
    reserve(&store, a, tokens(70)).unwrap().settle(MODEL, used(60));
    let refused = |result: Result<_, ReserveError>| match result {
        Err(ReserveError::Exceeded(exceeded)) => (exceeded.subject, exceeded.left),
        other => panic!("{other:?}"),
    };
    assert_eq!(refused(reserve(&store, b, tokens(41))), (Subject::Group(group), 40));
    assert_eq!(refused(reserve(&store, a, tokens(21))), (Subject::Principal(a), 20));
    // The refusal of the group has taken nothing from b.
    reserve(&store, b, tokens(40)).unwrap().settle(MODEL, used(40));
    assert_eq!(refused(reserve(&store, b, tokens(1))), (Subject::Group(group), 0));
    store.set_retired(group, true).unwrap();
    assert!(reserve(&store, b, tokens(40)).is_ok());
    store.close().unwrap();
    assert_eq!(standing(&house.open(), Subject::Group(group)), (100, 0));
}

#[test]
fn a_month_ends_at_midnight_in_japan() {
    let house = House::new();
    let store = house.create();
    let who = somebody(&store, "a");
    let subject = Subject::Principal(who);
    limit(&store, subject, 100);
    let december = Month::new(2026, 12).unwrap();
    let limits = Limits { tokens_max: Some(7), micro_yen_max: None };
    store.set_budget(&BudgetSpec { budget: Budget { subject, month: Some(december) }, limits }).unwrap();
    // To 2026-11-30T23:59:59.999+09:00.
    house.pass(1_796_050_799_999 - crate::house::NOW_MS);
    let hold = reserve(&store, who, tokens(100)).unwrap();
    assert!(reserve(&store, who, tokens(1)).is_err());
    house.pass(1);
    assert_eq!(store.month(), december);
    assert!(reserve(&store, who, tokens(8)).is_err());
    reserve(&store, who, tokens(7)).unwrap().settle(MODEL, used(7));
    // Begun in November, so it counts there.
    hold.settle(MODEL, used(90));
    store.flush().unwrap();
    let of = |month| {
        let standing = store.standing(subject, month).unwrap();
        (standing.used.tokens, standing.leased.tokens)
    };
    assert_eq!(of(december), (7, 0));
    assert_eq!(of(Month::new(2026, 11).unwrap()), (90, 0));
    store.remove_budget(Budget { subject, month: Some(december) }).unwrap();
    assert!(reserve(&store, who, tokens(93)).is_ok());
}

#[test]
fn a_limit_that_is_lowered_binds_at_once() {
    let house = House::new();
    let store = house.create();
    let who = somebody(&store, "a");
    let subject = Subject::Principal(who);
    limit(&store, subject, 1_000_000);
    let open = reserve(&store, who, tokens(10)).unwrap();
    limit(&store, subject, 15);
    assert!(reserve(&store, who, tokens(6)).is_err());
    assert!(reserve(&store, who, tokens(5)).is_ok());
    limit(&store, subject, 0);
    assert!(reserve(&store, who, tokens(1)).is_err());
    store.remove_budget(Budget { subject, month: None }).unwrap();
    reserve(&store, who, tokens(1_000_000_000)).unwrap().release();
    open.settle(MODEL, used(10));
    store.close().unwrap();
    assert_eq!(standing(&house.open(), subject), (15, 0));
}

#[test]
fn absurd_numbers_do_not_break_a_sum() {
    let house = House::new();
    let store = house.create();
    let who = somebody(&store, "a");
    let subject = Subject::Principal(who);
    let most = Used { prompt_tokens: u64::MAX, completion_tokens: u64::MAX, micro_yen: u64::MAX };
    for _ in 0..20 {
        let ask = Amount { tokens: u64::MAX, micro_yen: u64::MAX };
        reserve(&store, who, ask).unwrap().settle(MODEL, most);
    }
    reserve(&store, who, tokens(1)).unwrap().settle(&"x".repeat(100_000), used(1));
    store.flush().unwrap();
    let standing = store.standing(subject, store.month()).unwrap();
    assert_eq!(standing.used, Amount { tokens: 20_000_000_001, micro_yen: 20_000_000_000_000 });
    let limits = Limits { tokens_max: Some(u64::MAX), micro_yen_max: None };
    let spec = BudgetSpec { budget: Budget { subject, month: None }, limits };
    assert!(matches!(store.set_budget(&spec), Err(Error::TooLarge { .. })));
    let charge = Charge::to(&store.principal_by_id(who).unwrap(), "\u{0}");
    assert!(matches!(
        store.reserve_blocking(charge, tokens(1)),
        Err(ReserveError::Store(Error::Name { .. }))
    ));
}

/// Threads, and processes each with threads, at one budget: at no moment is more reserved and used than the limit, in the
/// end every token is accounted for, and none is withheld.
#[test]
fn no_overspend_by_threads_of_several_processes() {
    const LIMIT: u64 = 40_000;
    let house = House::new();
    let settings = Settings { tick: Some(Duration::from_millis(3)), ..house.settings.clone() };
    let first = Store::create(&settings).unwrap();
    let people: Vec<_> = ["a", "b", "c"].iter().map(|name| somebody(&first, name)).collect();
    let group = first.add_group(&GroupSpec::new("g")).unwrap();
    for &who in &people {
        first.join(who, group).unwrap();
    }
    limit(&first, Subject::Group(group), LIMIT);
    limit(&first, Subject::Principal(people[0]), LIMIT / 4);
    let stores = [first, Store::open(&settings).unwrap()];
    let (seen, settled, refused) = (AtomicI64::new(0), AtomicU64::new(0), AtomicU64::new(0));
    thread::scope(|scope| {
        for thread in 0..8_u64 {
            let (store, people) = (&stores[thread as usize % 2], &people);
            let (seen, settled, refused) = (&seen, &settled, &refused);
            scope.spawn(move || {
                let mut dice = Dice::new(thread);
                for _ in 0..400 {
                    let (who, ask) = (people[dice.roll(3) as usize], 1 + dice.roll(120));
                    let Ok(hold) = reserve(store, who, tokens(ask)) else {
                        refused.fetch_add(1, Ordering::Relaxed);
                        continue;
                    };
                    assert!(seen.fetch_add(ask as i64, Ordering::SeqCst) + ask as i64 <= LIMIT as i64);
                    let spent = dice.roll(ask + 1);
                    // Before the store knows: what we see is never more than what it counts.
                    seen.fetch_sub((ask - spent) as i64, Ordering::SeqCst);
                    settled.fetch_add(spent, Ordering::SeqCst);
                    hold.settle(MODEL, used(spent));
                }
            });
        }
    });
    assert!(refused.load(Ordering::Relaxed) > 0, "the limit was never reached");
    let [first, second] = stores;
    second.close().unwrap();
    first.refresh().unwrap();
    let spent = settled.load(Ordering::SeqCst);
    // What is left is there to the last token: the other process gave its lease back.
    reserve(&first, people[1], tokens(LIMIT - spent)).unwrap().settle(MODEL, used(LIMIT - spent));
    assert!(reserve(&first, people[1], tokens(1)).is_err());
    first.close().unwrap();
    assert_eq!(standing(&house.open(), Subject::Group(group)), (LIMIT, 0));
    assert_eq!(house.open().left_open().unwrap(), []);
}

#[test]
fn who_goes_away_while_waiting_has_reserved_nothing() {
    let house = House::new();
    let store = house.create();
    let who = somebody(&store, "a");
    limit(&store, Subject::Principal(who), 100);
    let charge = Charge::to(&store.principal_by_id(who).unwrap(), MODEL);
    let context = &mut std::task::Context::from_waker(std::task::Waker::noop());
    {
        let mut waiting = Box::pin(store.reserve(charge.clone(), tokens(100)));
        assert!(waiting.as_mut().poll(context).is_pending());
        assert_eq!(store.health().waiting, 1);
    }
    {
        let mut waiting = Box::pin(store.reserve(charge.clone(), tokens(100)));
        assert!(waiting.as_mut().poll(context).is_pending());
        // The hold is made and sent; nobody takes it.
        store.flush().unwrap();
    }
    assert_eq!((store.health().waiting, store.health().open_holds), (0, 0));
    let mut ready = Box::pin(store.reserve(charge, tokens(100)));
    let std::task::Poll::Ready(hold) = ready.as_mut().poll(context) else { panic!("it has to wait again") };
    hold.unwrap().settle(MODEL, used(1));
    store.close().unwrap();
    assert_eq!(standing(&house.open(), Subject::Principal(who)), (1, 0));
    let charge = Charge::to(&store.principal_by_id(who).unwrap(), MODEL);
    assert!(matches!(store.reserve_blocking(charge, tokens(1)), Err(ReserveError::Store(Error::Closed))));
}
