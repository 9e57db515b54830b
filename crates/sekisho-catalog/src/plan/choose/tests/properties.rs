//! What must hold for every question.

use proptest::{prelude::*, test_runner::RngSeed};

use super::{HEAD, candidate, codes, decide, number};
use crate::plan::choose::{Candidate, Decision, Observation, Ranked, Requirements};

/// Numbers with range 0 to 1, then one order of codes.
const NUMBERS: [&str; 4] = ["context", "params_total", "params_active", "release_year"];
const ORDERED: &str = "commercial_use";
const CODES: [&str; 3] = ["yes", "conditional", "no"];
const DRAWS: u32 = 300;

#[derive(Debug, Clone)]
enum Weighting {
    Free,
    Ranks,
    Bounds,
}

#[derive(Debug, Clone)]
struct Asked {
    weighting: Weighting,
    numbers: usize,
    seed: u64,
    /// Per candidate: claims on each number, and on the order.
    rows: Vec<(Vec<Vec<Observation>>, Vec<Observation>)>,
}

impl Asked {
    fn requirements(&self) -> Requirements {
        self.requirements_in_order(false)
    }

    fn requirements_in_order(&self, reversed: bool) -> Requirements {
        let count = self.numbers + 1;
        let weight = |index: usize| match self.weighting {
            Weighting::Free => String::new(),
            Weighting::Ranks => format!("rank = {}", index / 2 + 1),
            Weighting::Bounds => {
                format!("weight = {{ low = {}, high = 0.9 }}", 0.5 / (count * (index + 1)) as f64)
            }
        };
        let mut criteria: Vec<String> = (0..self.numbers)
            .map(|index| super::unit_criterion(&format!("k{index}"), NUMBERS[index], &weight(index)))
            .collect();
        criteria.push(format!(
            "[[criterion]]
            id = 'order'
            axis = 'control'
            field = '{ORDERED}'
            goal = 'order'
            order = ['yes', 'conditional', 'no']
            {}
            why = '試験'\n",
            weight(self.numbers)
        ));
        if reversed {
            criteria.reverse();
        }
        let draws = format!("[draws]\ncount = {DRAWS}\nseed = {}\n", self.seed);
        let (requirements, problems) = Requirements::parse(&format!("{HEAD}{draws}{}", criteria.concat()));
        assert_eq!(problems, []);
        requirements
    }

    fn candidates(&self) -> Vec<Candidate> {
        let rows = self.rows.iter().enumerate();
        rows.map(|(index, (numbers, order))| {
            let mut fields: Vec<_> =
                NUMBERS.iter().copied().zip(numbers.iter().take(self.numbers).cloned()).collect();
            fields.push((ORDERED, order.clone()));
            candidate(&format!("m{index}"), &fields)
        })
        .collect()
    }
}

fn claims() -> impl Strategy<Value = Vec<Observation>> {
    // Few distinct values, so that ties happen.
    let value = || (0_u8..=4).prop_map(|quarter| f64::from(quarter) / 4.0);
    prop_oneof![
        Just(Vec::new()),
        value().prop_map(|value| vec![number(value)]),
        (value(), value()).prop_map(|(one, other)| vec![Observation::Range(one, other)]),
        (value(), value()).prop_map(|(one, other)| vec![number(one), number(other)]),
    ]
}

fn code_claims() -> impl Strategy<Value = Vec<Observation>> {
    let claim = || (0_usize..3).prop_map(|index| codes(&[CODES[index]]));
    prop::collection::vec(claim(), 0..3)
}

fn asked() -> impl Strategy<Value = Asked> {
    let weighting = prop_oneof![Just(Weighting::Free), Just(Weighting::Ranks), Just(Weighting::Bounds)];
    let row = (prop::collection::vec(claims(), NUMBERS.len()), code_claims());
    let rows = prop::collection::vec(row, 2..6);
    (weighting, 1..=NUMBERS.len(), any::<u64>(), rows).prop_map(|(weighting, numbers, seed, rows)| Asked {
        weighting,
        numbers,
        seed,
        rows,
    })
}

fn find<'d>(decision: &'d Decision, id: &str) -> &'d Ranked {
    super::ranked(decision, id)
}

/// The lower bound of what the claims allow, the upper bound, both 0 to 1.
fn bounds(claims: &[Observation]) -> (f64, f64) {
    let intervals: Vec<_> = claims.iter().filter_map(Observation::as_interval).collect();
    if intervals.is_empty() {
        return (0.0, 1.0);
    }
    intervals.iter().fold((1.0, 0.0), |(low, high), interval| (interval.0.min(low), interval.1.max(high)))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, rng_seed: RngSeed::Fixed(1), ..ProptestConfig::default() })]

    #[test]
    fn shares_add_up(asked in asked()) {
        let decision = decide(&asked.requirements(), &asked.candidates());
        let m = decision.ranking.len();
        let one = |sum: f64| (sum - 1.0).abs() < 1e-9;
        for (row, ranked) in decision.ranking.iter().enumerate() {
            prop_assert!(one(ranked.ranks.iter().sum()));
            prop_assert!(one(decision.ranking.iter().map(|other| other.ranks[row]).sum()));
            let mean: f64 = ranked.ranks.iter().zip(1..).map(|(share, rank)| share * f64::from(rank)).sum();
            prop_assert!((mean - ranked.mean_rank).abs() < 1e-9);
            for column in (0..m).filter(|column| *column != row) {
                prop_assert!(one(decision.pairwise[row][column] + decision.pairwise[column][row]));
            }
            // Rank and pairs count the same worlds: everybody better than me is one rank.
            let lost: f64 = (0..m).filter(|other| *other != row).map(|other| decision.pairwise[other][row]).sum();
            prop_assert!((lost + 1.0 - ranked.mean_rank).abs() < 1e-9);
            prop_assert_eq!(ranked.central_weights.is_some(), ranked.first.share > 0.0);
            if let Some(weights) = &ranked.central_weights {
                prop_assert!(one(weights.iter().map(|weight| weight.weight).sum()));
            }
        }
        prop_assert!(one(decision.weights.iter().map(|weight| weight.mean).sum()));
    }

    /// To the bit, not only within the error of drawing.
    #[test]
    fn order_of_listing_does_not_matter(asked in asked(), turn in 0_usize..6) {
        let mut candidates = asked.candidates();
        let one = decide(&asked.requirements(), &candidates);
        let middle = turn % candidates.len();
        candidates.rotate_left(middle);
        candidates.reverse();
        let mut other = decide(&asked.requirements_in_order(true), &candidates);
        for ranked in &mut other.ranking {
            if let Some(weights) = &mut ranked.central_weights {
                weights.reverse();
            }
        }
        prop_assert_eq!(one.ranking, other.ranking);
        prop_assert_eq!(one.pairwise, other.pairwise);
        prop_assert_eq!(one.sensitivity, other.sensitivity);
    }

    /// Who is at least as good wherever it can be seen is never ranked behind, in any world.
    #[test]
    fn dominance(asked in asked()) {
        let mut candidates = asked.candidates();
        let mut fields: Vec<_> = NUMBERS
            .iter()
            .enumerate()
            .map(|(index, field)| (*field, vec![number(bounds(&asked.rows[0].0[index]).1)]))
            .collect();
        fields.push((ORDERED, vec![codes(&["yes"])]));
        candidates.push(candidate("better", &fields));
        let decision = decide(&asked.requirements(), &candidates);
        let (better, worse) = (find(&decision, "better"), find(&decision, "m0"));
        prop_assert!(better.first.share >= worse.first.share);
        prop_assert!(better.mean_rank <= worse.mean_rank);
        prop_assert!(better.holistic >= worse.holistic - 1e-12);
    }

    /// In the same worlds, a better value never costs a first place.
    #[test]
    fn monotonicity(asked in asked(), raised in 0.0_f64..=1.0) {
        let mut improved = asked.clone();
        let (low, high) = bounds(&asked.rows[0].0[0]);
        let better = if low == high { low + (1.0 - low) * raised } else { high };
        improved.rows[0].0[0] = vec![number(better)];
        let before = decide(&asked.requirements(), &asked.candidates());
        let after = decide(&improved.requirements(), &improved.candidates());
        prop_assert!(find(&after, "m0").first.share >= find(&before, "m0").first.share);
        prop_assert!(find(&after, "m0").mean_rank <= find(&before, "m0").mean_rank);
    }

    /// What the sensitivity pass promises is what a full analysis finds when the value is published, to the bit.
    #[test]
    fn sensitivity_is_a_full_analysis(asked in asked(), chosen in any::<prop::sample::Index>()) {
        use crate::plan::choose::End;
        let decision = decide(&asked.requirements(), &asked.candidates());
        if decision.sensitivity.is_empty() {
            return Ok(());
        }
        let flip = chosen.get(&decision.sensitivity);
        let mut candidates = asked.candidates();
        let field = flip.criterion.strip_prefix('k').map_or(ORDERED, |index| {
            NUMBERS[index.parse::<usize>().expect("criteria are numbered")]
        });
        let value = match &flip.value {
            End::Number(value) => number(*value),
            End::Code(code) => codes(&[code]),
            End::Unstated => unreachable!("every range is given"),
        };
        let position = candidates.iter().position(|one| one.id == flip.candidate).expect("it was asked about");
        candidates[position].observations.insert(field.to_owned(), super::observed(vec![value]));
        let known = decide(&asked.requirements(), &candidates);
        prop_assert_eq!(find(&known, &flip.candidate).first, flip.candidate_first);
        prop_assert_eq!(find(&known, &flip.winner).first, flip.winner_first);
        prop_assert_eq!(find(&known, &decision.ranking[0].candidate).first, flip.present_winner_first);
        prop_assert_eq!(known.ranking[0].first, flip.winner_first);
        prop_assert_eq!(flip.changes_winner, flip.winner != decision.ranking[0].candidate);
    }

    /// Nothing known: nobody is better, within five standard errors.
    #[test]
    fn nothing_known(seed in any::<u64>(), m in 2_usize..6, numbers in 1_usize..=4) {
        let rows = vec![(vec![Vec::new(); NUMBERS.len()], Vec::new()); m];
        let asked = Asked { weighting: Weighting::Ranks, numbers, seed, rows };
        let mut requirements = asked.requirements();
        requirements.draws = 4_000;
        let decision = decide(&requirements, &asked.candidates());
        let even = 1.0 / m as f64;
        for share in decision.ranking.iter().flat_map(|ranked| &ranked.ranks) {
            let error = (even * (1.0 - even) / f64::from(requirements.draws)).sqrt();
            prop_assert!((share - even).abs() < 5.0 * error, "{share} of {even}");
        }
        prop_assert!(decision.ranking.iter().all(|ranked| (ranked.weight_on_unknowns - 1.0).abs() < 1e-9));
    }
}
