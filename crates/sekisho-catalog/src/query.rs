//! Filters over models that know three answers: yes, no, and "ask" (確認要).

use serde::Serialize;

use crate::{Catalog, Claim, Class, Entity, claim::words};

words! {
    /// The answer of a filter. An unknown value is never counted as a yes or a no.
    Truth {
        /// Every condition holds.
        Yes = "yes",
        /// Nothing speaks against it, but a value is not published: ask the vendor.
        Unknown = "unknown",
        /// A condition does not hold.
        No = "no",
    }
}

/// What a person looks for. Conditions that are not set do not count.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct ModelFilter {
    /// Weights can be downloaded.
    pub open_weights: bool,
    /// Commercial use is permitted without further conditions.
    pub commercial: bool,
    /// Can run on the organisation's own or dedicated machines: offered so, or open weights.
    pub on_prem: bool,
    /// Offered as an API.
    pub api: bool,
    /// The maker publishes GGUF files.
    pub gguf: bool,
    /// Most parameters.
    pub max_params: Option<u64>,
    /// Fewest parameters.
    pub min_params: Option<u64>,
    /// Shortest context, in tokens.
    pub min_context: Option<u64>,
    /// Word in the licence.
    pub licence: Option<String>,
    /// Word in the names of the organisations behind it.
    pub developer: Option<String>,
    /// Word in the name of the series.
    pub series: Option<String>,
    /// Word in id, name or alias.
    pub name: Option<String>,
}

/// One model with the answer.
#[derive(Debug, Clone, Serialize)]
pub struct Match<'a> {
    /// The model.
    pub model: &'a Entity,
    /// The answer over all conditions.
    pub verdict: Truth,
    /// Fields whose unknown value keeps the answer open.
    pub to_confirm: Vec<&'static str>,
    /// Fields that speak against it.
    pub against: Vec<&'static str>,
}

impl ModelFilter {
    /// Every model with its answer, in the order of ids. Nothing is left out: the caller shows the three groups.
    pub fn apply<'a>(&self, catalog: &'a Catalog) -> Vec<Match<'a>> {
        catalog.of(Class::Model).map(|model| self.judge(catalog, model)).collect()
    }

    /// Whether any condition is set.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    fn judge<'a>(&self, catalog: &'a Catalog, model: &'a Entity) -> Match<'a> {
        let mut found = Match { model, verdict: Truth::Yes, to_confirm: Vec::new(), against: Vec::new() };
        let mut ask = |wanted: bool, field: &'static str, answer: &dyn Fn() -> Truth| {
            if !wanted {
                return;
            }
            match answer() {
                Truth::Yes => {}
                Truth::Unknown if found.to_confirm.contains(&field) => {}
                Truth::Unknown => found.to_confirm.push(field),
                Truth::No => found.against.push(field),
            }
        };
        ask(self.open_weights, "access", &|| any_code(model, "access", &["open_weights"]));
        ask(self.on_prem, "access", &|| {
            any_code(model, "access", &["on_prem", "private_cloud", "open_weights"])
        });
        ask(self.api, "access", &|| any_code(model, "access", &["api"]));
        ask(self.commercial, "commercial_use", &|| permitted(model));
        ask(self.gguf, "official_gguf", &|| any_code(model, "official_gguf", &["yes"]));
        ask(self.max_params.is_some(), "params_total", &|| {
            compare(model, "params_total", |count| self.max_params.is_none_or(|most| count <= most))
        });
        ask(self.min_params.is_some(), "params_total", &|| {
            compare(model, "params_total", |count| self.min_params.is_none_or(|least| count >= least))
        });
        ask(self.min_context.is_some(), "context", &|| {
            compare(model, "context", |count| self.min_context.is_none_or(|least| count >= least))
        });
        ask(self.licence.is_some(), "licence", &|| {
            let text = model.text("licence").value();
            text.map_or(Truth::Unknown, |text| says(text, self.licence.as_deref()))
        });
        ask(self.developer.is_some(), "developer", &|| {
            related(catalog, model, "organisation", self.developer.as_deref())
        });
        ask(self.series.is_some(), "series", &|| related(catalog, model, "series", self.series.as_deref()));
        ask(self.name.is_some(), "name", &|| {
            let named = [&model.id, &model.name.ja, &model.name.en];
            let all = named.iter().map(|name| name.as_str()).chain(model.aliases.iter().map(String::as_str));
            any(all.map(|name| says(name, self.name.as_deref())))
        });
        if !found.against.is_empty() {
            found.verdict = Truth::No;
        } else if !found.to_confirm.is_empty() {
            found.verdict = Truth::Unknown;
        }
        found
    }
}

/// Whether the best claims on a field carry one of the codes. A field that only says something outside its closed list
/// is unknown, not no.
pub fn any_code(entity: &Entity, field: &str, wanted: &[&str]) -> Truth {
    let known: Vec<&Claim> = entity.claims_on(field).filter(|claim| !claim.codes.is_empty()).collect();
    if known.is_empty() {
        return Truth::Unknown;
    }
    let holds = known.iter().any(|claim| claim.codes.iter().any(|code| wanted.contains(&code.as_str())));
    if holds { Truth::Yes } else { Truth::No }
}

fn permitted(model: &Entity) -> Truth {
    match model.codes("commercial_use").first().map(String::as_str) {
        Some("yes") => Truth::Yes,
        Some("no") => Truth::No,
        // Conditions that nobody has read are a question to the vendor.
        _ => Truth::Unknown,
    }
}

fn compare(model: &Entity, field: &str, holds: impl Fn(u64) -> bool) -> Truth {
    match model.count(field).value() {
        Some(count) if holds(count) => Truth::Yes,
        Some(_) => Truth::No,
        None => Truth::Unknown,
    }
}

fn says(text: &str, wanted: Option<&str>) -> Truth {
    if wanted.is_none_or(|wanted| sekisho_text::fold::contains(text, wanted)) {
        Truth::Yes
    } else {
        Truth::No
    }
}

fn related(catalog: &Catalog, model: &Entity, relation: &str, wanted: Option<&str>) -> Truth {
    let class = Class::parse(relation).expect("relations are named by classes");
    let names = model.related(relation).iter().flat_map(|id| {
        let entity = catalog.get(class, id);
        let names = entity.map(|entity| [entity.name.ja.as_str(), entity.name.en.as_str()]);
        std::iter::once(id.as_str()).chain(names.into_iter().flatten())
    });
    any(names.map(|name| says(name, wanted)))
}

fn any(answers: impl Iterator<Item = Truth>) -> Truth {
    if answers.into_iter().any(|answer| answer == Truth::Yes) { Truth::Yes } else { Truth::No }
}

/// Claims on a field of adoptions, grouped by code; those without a code stand under `None` (未指定).
pub fn adoptions_by<'a>(catalog: &'a Catalog, field: &str) -> Vec<(Option<&'a str>, Vec<&'a Entity>)> {
    let mut groups: Vec<(Option<&str>, Vec<&Entity>)> = Vec::new();
    for adoption in catalog.of(Class::Adoption) {
        let code = adoption.best(field).and_then(|claim| claim.codes.first()).map(String::as_str);
        match groups.iter_mut().find(|(known, _)| *known == code) {
            Some((_, members)) => members.push(adoption),
            None => groups.push((code, vec![adoption])),
        }
    }
    groups.sort_by_key(|(code, members)| (code.is_none(), std::cmp::Reverse(members.len()), *code));
    groups
}
