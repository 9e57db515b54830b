//! Benchmark scores, kept apart by everything that decides whether two of them may be compared.

use serde::Serialize;

use crate::{Catalog, Claim, Class, Entity, ScoreTag, UNDISCLOSED};

/// One score with the entry it is about.
#[derive(Debug, Clone, Serialize)]
pub struct Score<'a> {
    /// Model or series.
    pub entity: &'a Entity,
    /// The claim.
    pub claim: &'a Claim,
}

/// Scores that were taken the same way, as far as their sources say.
#[derive(Debug, Clone, Serialize)]
pub struct ScoreGroup<'a> {
    /// How they were taken.
    pub tag: &'a ScoreTag,
    /// Their common scale, such as `0-1`.
    pub scale: Option<&'a str>,
    /// The scores, in the order of entries.
    pub scores: Vec<Score<'a>>,
}

/// A reason why two groups of one benchmark must not be put on one axis.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Difference {
    /// Different ranges (0-1 and 0-100). We never convert: a rescaled score is another test's score.
    Scale,
    /// A task, a category and an overall figure are different things.
    Part,
    /// Different evaluation programs, or not stated.
    Harness,
    /// Different versions, or not stated.
    Version,
    /// Averages over different tasks, or not stated.
    Composition,
    /// Different judges, or not stated.
    Judge,
}

/// Every score of the catalog in groups, by benchmark.
pub fn score_groups(catalog: &Catalog) -> Vec<ScoreGroup<'_>> {
    let mut groups: Vec<ScoreGroup<'_>> = Vec::new();
    for (entity, claim) in catalog.claims() {
        let Some(tag) = &claim.score else { continue };
        // "1-10 range" says that the value is a range on the scale 1-10.
        let scale = claim.scale.as_deref().map(|scale| scale.trim_end_matches(" range"));
        let score = Score { entity, claim };
        match groups.iter_mut().find(|group| group.tag == tag && group.scale == scale) {
            Some(group) => group.scores.push(score),
            None => groups.push(ScoreGroup { tag, scale, scores: vec![score] }),
        }
    }
    groups.sort_by(|left, right| (left.tag, left.scale).cmp(&(right.tag, right.scale)));
    groups
}

/// What keeps two groups of one benchmark apart.
pub fn differences(left: &ScoreGroup<'_>, right: &ScoreGroup<'_>) -> Vec<Difference> {
    let mut found = Vec::new();
    if left.scale != right.scale {
        found.push(Difference::Scale);
    }
    let pairs = [
        (&left.tag.part, &right.tag.part, Difference::Part),
        (&left.tag.harness, &right.tag.harness, Difference::Harness),
        (&left.tag.version, &right.tag.version, Difference::Version),
        (&left.tag.composition, &right.tag.composition, Difference::Composition),
        (&left.tag.judge, &right.tag.judge, Difference::Judge),
    ];
    found.extend(
        pairs.into_iter().filter(|(left, right, _)| left != right).map(|(_, _, difference)| difference),
    );
    found
}

/// What nobody has published about how a group was taken; even inside one group, scores compare only under the
/// assumption that these agree.
pub fn unstated(tag: &ScoreTag) -> Vec<Difference> {
    [
        (&tag.part, Difference::Part),
        (&tag.harness, Difference::Harness),
        (&tag.version, Difference::Version),
        (&tag.composition, Difference::Composition),
        (&tag.judge, Difference::Judge),
    ]
    .into_iter()
    .filter(|(word, _)| *word == UNDISCLOSED)
    .map(|(_, difference)| difference)
    .collect()
}

/// The benchmarks that stand in more than one group, with everything that keeps their groups apart.
pub fn kept_apart<'a>(groups: &'a [ScoreGroup<'a>]) -> Vec<(&'a ScoreGroup<'a>, Vec<Difference>)> {
    let mut found: Vec<(&ScoreGroup<'_>, Vec<Difference>)> = Vec::new();
    for (at, left) in groups.iter().enumerate() {
        for right in groups[at + 1..].iter().filter(|right| right.tag.benchmark == left.tag.benchmark) {
            let known = found.iter_mut().find(|(group, _)| group.tag.benchmark == left.tag.benchmark);
            let reasons = match known {
                Some((_, reasons)) => reasons,
                None => {
                    found.push((left, Vec::new()));
                    &mut found.last_mut().expect("pushed above").1
                }
            };
            reasons.extend(differences(left, right));
            reasons.sort_unstable();
            reasons.dedup();
        }
    }
    found
}

/// The benchmark entry of a group.
pub fn benchmark<'a>(catalog: &'a Catalog, group: &ScoreGroup<'_>) -> Option<&'a Entity> {
    catalog.get(Class::Benchmark, &group.tag.benchmark)
}
