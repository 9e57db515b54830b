//! Any sequence of calls against a few lines that keep the same books without a disk, a lease or a thread.

use std::collections::HashMap;

use proptest::prelude::*;
use sekisho_store::{Budget, GroupSpec, Hold, PrincipalId, Subject};

use crate::house::{House, MODEL, limit, reserve, somebody, standing, tokens, used};

#[derive(Debug, Clone)]
enum Step {
    Reserve { who: usize, tokens: u64 },
    Settle { which: prop::sample::Index, share: u64, over: bool },
    Release { which: prop::sample::Index },
    Limit { whose: usize, max: u64 },
    NoLimit { whose: usize },
    Flush,
    Reopen,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        8 => (0_usize..3, 0_u64..400).prop_map(|(who, tokens)| Step::Reserve { who, tokens }),
        4 => (any::<prop::sample::Index>(), 0_u64..=100, prop::bool::weighted(0.1))
            .prop_map(|(which, share, over)| Step::Settle { which, share, over }),
        2 => any::<prop::sample::Index>().prop_map(|which| Step::Release { which }),
        1 => (0_usize..4, 0_u64..3000).prop_map(|(whose, max)| Step::Limit { whose, max }),
        1 => (0_usize..4).prop_map(|whose| Step::NoLimit { whose }),
        1 => Just(Step::Flush),
        1 => Just(Step::Reopen),
    ]
}

#[derive(Default)]
struct Book {
    limit: Option<u64>,
    used: u64,
    open: u64,
}

/// The one, and the group in which all are.
fn pays(subjects: &[Subject], who: usize) -> [Subject; 2] {
    [subjects[who], subjects[3]]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, ..ProptestConfig::default() })]

    #[test]
    fn every_answer_is_exact(steps in prop::collection::vec(step(), 1..60)) {
        let house = House::new();
        let mut store = house.create();
        let people: Vec<PrincipalId> = ["a", "b", "c"].iter().map(|name| somebody(&store, name)).collect();
        let group = store.add_group(&GroupSpec::new("g")).unwrap();
        for &who in &people {
            store.join(who, group).unwrap();
        }
        let mut subjects: Vec<Subject> = people.iter().map(|&who| Subject::Principal(who)).collect();
        subjects.push(Subject::Group(group));
        let mut books: HashMap<Subject, Book> = subjects.iter().map(|&one| (one, Book::default())).collect();
        let mut holds: Vec<(usize, u64, Hold)> = Vec::new();

        for step in steps {
            match step {
                Step::Reserve { who, tokens: ask } => {
                    let fits = pays(&subjects, who).iter().all(|subject| {
                        let book = &books[subject];
                        ask == 0 || book.limit.is_none_or(|limit| book.used + book.open + ask <= limit)
                    });
                    let got = reserve(&store, people[who], tokens(ask));
                    prop_assert_eq!(got.is_ok(), fits, "{} of {}: {:?}", ask, who, got);
                    if let Ok(hold) = got {
                        for one in pays(&subjects, who) {
 books.get_mut(&one).unwrap().open += ask;
}
                        holds.push((who, ask, hold));
                    }
                }
                Step::Settle { which, share, over } if !holds.is_empty() => {
                    let (who, ask, hold) = holds.swap_remove(which.index(holds.len()));
                    let spent = if over { ask + 500 } else { ask * share / 100 };
                    hold.settle(MODEL, used(spent));
                    for one in pays(&subjects, who) {
                        let book = books.get_mut(&one).unwrap();
                        book.open -= ask;
                        book.used += spent;
                    }
                }
                Step::Release { which } if !holds.is_empty() => {
                    let (who, ask, hold) = holds.swap_remove(which.index(holds.len()));
                    hold.release();
                    for one in pays(&subjects, who) {
 books.get_mut(&one).unwrap().open -= ask;
}
                }
                Step::Limit { whose, max } => {
                    limit(&store, subjects[whose], max);
                    books.get_mut(&subjects[whose]).unwrap().limit = Some(max);
                }
                Step::NoLimit { whose } => {
                    let budget = Budget { subject: subjects[whose], month: None };
                    let had = books.get_mut(&subjects[whose]).unwrap().limit.take().is_some();
                    prop_assert_eq!(store.remove_budget(budget).is_ok(), had);
                }
                Step::Flush => store.flush().unwrap(),
                Step::Reopen if holds.is_empty() => {
                    store.close().unwrap();
                    store = house.open();
                    prop_assert_eq!(store.left_open().unwrap(), []);
                }
                _ => {}
            }
        }
        store.flush().unwrap();
        for (subject, book) in &books {
            let (used, leased) = standing(&store, *subject);
            prop_assert_eq!(used, book.used);
            if let Some(limit) = book.limit {
                prop_assert!(leased == 0 || used + leased <= limit.max(book.used + book.open));
            }
        }
    }
}
