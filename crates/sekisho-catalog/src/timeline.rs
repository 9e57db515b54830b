//! Events and dated releases in the order of time, whatever order their sources print them in.

use serde::Serialize;

use crate::{Catalog, Claim, Class, DateKind, Entity, PartialDate};

/// Something that happened.
#[derive(Debug, Clone, Serialize)]
pub struct Moment<'a> {
    /// When, as exactly as the source says.
    pub date: PartialDate,
    /// What sort of date it is.
    pub date_kind: Option<DateKind>,
    /// The event, model or series.
    pub entity: &'a Entity,
    /// The claim that says so.
    pub claim: &'a Claim,
}

/// Every event, and with `releases` every dated release of a model or series, by date. Of two dates for one release
/// both are kept: they are of different kinds, or from different sources.
pub fn timeline(catalog: &Catalog, releases: bool) -> Vec<Moment<'_>> {
    let wanted = |entity: &Entity, claim: &Claim| match entity.class {
        Class::Event => claim.field == "event",
        Class::Model | Class::Series => releases && claim.field == "release_date",
        _ => false,
    };
    let mut moments: Vec<Moment<'_>> = catalog
        .claims()
        .filter(|(entity, claim)| wanted(entity, claim))
        .filter_map(|(entity, claim)| {
            let value = claim.value.to_string();
            let printed = if entity.class == Class::Event { claim.as_of.as_deref()? } else { value.as_str() };
            let date = PartialDate::parse(printed)?;
            Some(Moment { date, date_kind: claim.date_kind, entity, claim })
        })
        .collect();
    moments.sort_by(|left, right| (left.date, &left.entity.id).cmp(&(right.date, &right.entity.id)));
    moments
}
