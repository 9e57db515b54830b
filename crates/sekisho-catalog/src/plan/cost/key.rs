//! The closed list of cost assumptions: where each stands in the file, its unit, and what it may be.

use std::fmt;

use serde::{Serialize, Serializer};

/// One assumption. Its path in the TOML file is `group.name`, and the name ends in the unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Key {
    /// Price of one GPU.
    GpuPrice,
    /// GPUs that serve, without spares.
    GpuCount,
    /// Price of one server without its GPUs.
    HostPrice,
    /// Servers that serve, without spares.
    ServerCount,
    /// Hardware bought per hardware that serves: 1 is no spare, 2 a second set (予備機). Spares stand cold.
    RedundancyFactor,
    /// Years of straight-line depreciation (定額法), after which the hardware is bought anew.
    DepreciationYears,
    /// Maintenance contract per year, as a share of the purchase price.
    MaintenanceShare,
    /// Electric power of one server at its wall plug.
    ServerPower,
    /// Power usage effectiveness: power of the site per power of its servers.
    Pue,
    /// Price of electricity.
    ElectricityPrice,
    /// Hours a year that the servers are on.
    PoweredHours,
    /// Rent of rack space, all servers together.
    RackRent,
    /// Network and storage.
    NetworkStorage,
    /// Full-time equivalents that run it (MLOps, LLMOps).
    StaffFte,
    /// Cost of one full-time equivalent.
    StaffPrice,
    /// Documents to be prepared for RAG (権限設計, メタデータ).
    RagDocuments,
    /// Preparation of one document, once.
    RagPerDocument,
    /// Preparation of documents as a lump sum, once; added to the price per document where both are given.
    RagLumpSum,
    /// Keeping the documents up to date (更新運用).
    RagUpdate,
    /// Guardrails: licence and upkeep.
    Guardrails,
    /// Audit of logs and answers.
    SafetyAudit,
    /// Red-team exercises.
    RedTeam,
    /// Years over which costs are summed.
    Years,
    /// Exchange rate; its date is the assumption's `as_of`.
    YenPerUsd,
    /// Input tokens per output token.
    InputOutputRatio,
    /// Share of the input tokens that is billed at the cached price.
    CachedShare,
    /// Share of all tokens that is sent as batch.
    BatchShare,
    /// Volume, input and output together, at which yearly costs are compared.
    TokensPerMonth,
    /// Share of the staff that an API needs as well.
    ApiPeopleShare,
    /// Share of RAG preparation and update that an API needs as well.
    ApiRagShare,
    /// Share of safety operation that an API needs as well.
    ApiSafetyShare,
    /// Output tokens per second of the whole machine at its planned concurrency.
    DecodeSpeed,
    /// Input tokens per second of the whole machine.
    PrefillSpeed,
    /// Share of the hours in which the machine is busy.
    Utilisation,
    /// Hours in a month of service.
    HoursPerMonth,
}

/// What the file may say of a key.
pub(super) struct Rule {
    pub(super) key: Key,
    pub(super) group: &'static str,
    pub(super) name: &'static str,
    pub(super) unit: &'static str,
    pub(super) min: f64,
    pub(super) max: f64,
    pub(super) form: Form,
}

/// How a key's number is written.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    /// Any number, a range, or 未指定.
    Number,
    /// A whole number, a range, or 未指定.
    Whole,
    /// A share that is never a range, since it says what is compared, or 未指定.
    Point,
    /// A whole number without range that must be known: the calculation counts its years by it.
    Years,
}

const YEN_MAX: f64 = 1e13;
const YEARS_MAX: f64 = 50.0;
const TOKENS_PER_S_MAX: f64 = 1e9;

const fn rule(
    key: Key,
    path: (&'static str, &'static str),
    unit: &'static str,
    (min, max): (f64, f64),
    form: Form,
) -> Rule {
    Rule { key, group: path.0, name: path.1, unit, min, max, form }
}

/// In the order of [`Key`], which is the order of the default file.
#[rustfmt::skip] // a table: one row, one line
const RULES: &[Rule] = &[
    rule(Key::GpuPrice, ("hardware", "gpu_price_yen"), "yen/GPU", (0.0, YEN_MAX), Form::Number),
    rule(Key::GpuCount, ("hardware", "gpu_count"), "GPU", (0.0, 1e6), Form::Whole),
    rule(Key::HostPrice, ("hardware", "host_price_yen"), "yen/server", (0.0, YEN_MAX), Form::Number),
    rule(Key::ServerCount, ("hardware", "server_count"), "server", (0.0, 1e6), Form::Whole),
    rule(Key::RedundancyFactor, ("hardware", "redundancy_factor"), "ratio", (1.0, 10.0), Form::Number),
    rule(Key::DepreciationYears, ("hardware", "depreciation_years"), "year", (1.0, YEARS_MAX), Form::Years),
    rule(Key::MaintenanceShare, ("hardware", "maintenance_share_per_year"), "share/year", (0.0, 1.0), Form::Number),
    rule(Key::ServerPower, ("power", "server_power_kw"), "kW/server", (0.0, 1e3), Form::Number),
    rule(Key::Pue, ("power", "pue"), "ratio", (1.0, 5.0), Form::Number),
    rule(Key::ElectricityPrice, ("power", "electricity_yen_per_kwh"), "yen/kWh", (0.0, 1e4), Form::Number),
    rule(Key::PoweredHours, ("power", "powered_hours_per_year"), "hour/year", (0.0, 8_784.0), Form::Number),
    rule(Key::RackRent, ("site", "rack_yen_per_month"), "yen/month", (0.0, YEN_MAX), Form::Number),
    rule(Key::NetworkStorage, ("site", "network_storage_yen_per_year"), "yen/year", (0.0, YEN_MAX), Form::Number),
    rule(Key::StaffFte, ("people", "staff_fte"), "FTE", (0.0, 1e5), Form::Number),
    rule(Key::StaffPrice, ("people", "staff_yen_per_fte_year"), "yen/(FTE year)", (0.0, YEN_MAX), Form::Number),
    rule(Key::RagDocuments, ("rag", "documents"), "document", (0.0, 1e9), Form::Whole),
    rule(Key::RagPerDocument, ("rag", "yen_per_document"), "yen/document", (0.0, YEN_MAX), Form::Number),
    rule(Key::RagLumpSum, ("rag", "lump_sum_yen"), "yen", (0.0, YEN_MAX), Form::Number),
    rule(Key::RagUpdate, ("rag", "update_yen_per_year"), "yen/year", (0.0, YEN_MAX), Form::Number),
    rule(Key::Guardrails, ("safety", "guardrails_yen_per_year"), "yen/year", (0.0, YEN_MAX), Form::Number),
    rule(Key::SafetyAudit, ("safety", "audit_yen_per_year"), "yen/year", (0.0, YEN_MAX), Form::Number),
    rule(Key::RedTeam, ("safety", "red_team_yen_per_year"), "yen/year", (0.0, YEN_MAX), Form::Number),
    rule(Key::Years, ("comparison", "years"), "year", (1.0, YEARS_MAX), Form::Years),
    rule(Key::YenPerUsd, ("comparison", "yen_per_usd"), "yen/USD", (1.0, 1e4), Form::Number),
    rule(Key::InputOutputRatio, ("comparison", "input_tokens_per_output_token"), "ratio", (0.0, 1e4), Form::Number),
    rule(Key::CachedShare, ("comparison", "cached_input_share"), "share", (0.0, 1.0), Form::Number),
    rule(Key::BatchShare, ("comparison", "batch_share"), "share", (0.0, 1.0), Form::Number),
    rule(Key::TokensPerMonth, ("comparison", "tokens_per_month"), "token/month", (0.0, 1e15), Form::Number),
    rule(Key::ApiPeopleShare, ("api", "people_share"), "share", (0.0, 1.0), Form::Point),
    rule(Key::ApiRagShare, ("api", "rag_share"), "share", (0.0, 1.0), Form::Point),
    rule(Key::ApiSafetyShare, ("api", "safety_share"), "share", (0.0, 1.0), Form::Point),
    rule(Key::DecodeSpeed, ("capacity", "decode_tokens_per_s"), "token/s", (0.0, TOKENS_PER_S_MAX), Form::Number),
    rule(Key::PrefillSpeed, ("capacity", "prefill_tokens_per_s"), "token/s", (0.0, TOKENS_PER_S_MAX), Form::Number),
    rule(Key::Utilisation, ("capacity", "utilisation"), "share", (0.0, 1.0), Form::Number),
    rule(Key::HoursPerMonth, ("capacity", "hours_per_month"), "hour/month", (0.0, 744.0), Form::Number),
];

impl Key {
    /// Every key, in the order of the default file.
    pub fn all() -> impl Iterator<Item = Self> {
        RULES.iter().map(|rule| rule.key)
    }

    /// Its table in the file.
    pub fn group(self) -> &'static str {
        self.rule().group
    }

    /// Its name in that table.
    pub fn name(self) -> &'static str {
        self.rule().name
    }

    /// Its unit.
    pub fn unit(self) -> &'static str {
        self.rule().unit
    }

    /// The key at `group.name`.
    pub fn find(group: &str, name: &str) -> Option<Self> {
        RULES.iter().find(|rule| rule.group == group && rule.name == name).map(|rule| rule.key)
    }

    pub(super) fn is_group(name: &str) -> bool {
        RULES.iter().any(|rule| rule.group == name)
    }

    pub(super) fn rule(self) -> &'static Rule {
        &RULES[self as usize]
    }
}

/// `hardware.gpu_price_yen`, the path in the file.
impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.group(), self.name())
    }
}

impl Serialize for Key {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::{Key, RULES};

    #[test]
    fn each_key_has_its_own_row_and_path() {
        assert_eq!(RULES.len(), Key::HoursPerMonth as usize + 1);
        for (index, key) in Key::all().enumerate() {
            assert_eq!(key as usize, index, "{key} stands out of order");
            assert_eq!(Key::find(key.group(), key.name()), Some(key), "the path {key} is taken twice");
        }
    }
}
