//! How sure an address is.

use super::{
    number::{Number, Strength},
    parse::Place,
};

/// How much is known of the letters that stand for a town.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Town {
    Missing,
    /// Letters of which only the neighbourhood says that they are a town.
    Unknown,
    /// By its ending, by 字 or 大字, or from the list.
    Sure,
    /// 北24条西: two numbers that cross.
    Grid,
}

/// What stands around an address and speaks for it.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Around {
    /// A word before it, or the head of its column.
    pub(super) cue: bool,
    pub(super) building: bool,
    /// Words behind it that make it somebody's.
    pub(super) lived_in: bool,
    /// A line, a sentence or a cell ends behind it.
    pub(super) ended: bool,
}

/// How sure it is; `None` when it is no address.
pub(super) fn confidence(place: &Place, number: &Number, around: Around) -> Option<f32> {
    let sure_town = matches!(place.town, Town::Sure | Town::Grid);
    let has_town = place.town != Town::Missing;
    let anchored = place.is_anchored();
    let told = around.cue || around.building || around.lived_in;
    match number.strength {
        Strength::Block if anchored && (has_town || number.parts > 1 || told || around.ended) => Some(0.97),
        Strength::Block if place.town == Town::Grid => Some(0.9),
        Strength::Block if has_town && told => Some(0.95),
        Strength::Block if sure_town && number.parts > 1 => Some(0.9),
        // 一丁目一番地 without a town is said of what comes first.
        Strength::Block if number.parts > 2 && (has_town || told) => Some(0.85),
        Strength::Hyphens if anchored && has_town => Some(if number.parts > 1 { 0.96 } else { 0.8 }),
        Strength::Hyphens if has_town && (around.cue || around.lived_in) => Some(0.9),
        Strength::Hyphens if sure_town && (number.parts > 2 || around.building) => Some(0.85),
        Strength::Bare if anchored && has_town => {
            let shown = told || sure_town || around.ended || place.has_prefecture && !number.apart;
            shown.then_some(0.8)
        }
        Strength::Bare if sure_town && around.cue => Some(0.7),
        Strength::Town if anchored && has_town => Some(0.6),
        Strength::Town if sure_town && around.cue => Some(0.6),
        _ => None,
    }
}
