//! Total cost of ownership: each item by year, as money that leaves and as straight-line cost.

use sekisho_base::{Known, Yen};
use serde::Serialize;

use super::{assumptions::Assumptions, key::Key, range::Range};

/// What a machine of one's own costs over the years.
///
/// Low and high put every assumption at its low or high end at once, so they are outer bounds, not likely ones.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Tco {
    /// Years summed.
    pub years: u32,
    /// One line per item, in a fixed order.
    pub lines: Vec<Line>,
    /// Cost of one year, with purchases spread over the years they serve.
    pub yearly: Total,
    /// Money that leaves in each year.
    pub cash_by_year: Vec<Total>,
    /// Money that leaves over all years.
    pub cash: Total,
    /// Book value left in the hardware after the last year.
    pub residual: Total,
    /// The assumptions that are 未指定 and without which the sums are floors.
    pub missing: Vec<Key>,
}

/// One item of cost.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Line {
    /// Which.
    pub item: Item,
    /// When it is paid.
    pub timing: Timing,
    /// Each payment.
    pub payment_yen: Known<Range<Yen>>,
    /// Cost of one year, with purchases spread over the years they serve.
    pub yearly_yen: Known<Range<Yen>>,
    /// All payments over the years.
    pub cash_yen: Known<Range<Yen>>,
    /// Why the line is unknown.
    pub missing: Vec<Key>,
}

/// An item of cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Item {
    /// GPUs, spares included.
    Gpu,
    /// Servers without their GPUs, spares included.
    Host,
    /// Maintenance contract of the hardware.
    Maintenance,
    /// Electricity, cooling included.
    Power,
    /// Rack space.
    Rack,
    /// Network and storage.
    NetworkStorage,
    /// People who run it.
    People,
    /// First preparation of documents for RAG.
    RagPreparation,
    /// Keeping those documents up to date.
    RagUpdate,
    /// Guardrails.
    Guardrails,
    /// Audit of logs and answers.
    SafetyAudit,
    /// Red-team exercises.
    RedTeam,
}

/// When an item is paid.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Timing {
    /// In every year.
    Yearly,
    /// In the first year, and again whenever so many years have passed.
    EveryYears(u32),
    /// In the first year only; its cost is spread over all years.
    Once,
}

/// A sum of lines.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Total {
    /// The sum of the known lines.
    pub yen: Range<Yen>,
    /// Whether a line is unknown: then even `yen.high` is only a part.
    pub at_least: bool,
}

impl Tco {
    /// Calculates it.
    pub fn of(assumptions: &Assumptions) -> Self {
        let years = assumptions.years(Key::Years);
        let lines = lines(assumptions, years);
        let mut missing: Vec<Key> = lines.iter().flat_map(|line| line.missing.iter().copied()).collect();
        missing.sort();
        missing.dedup();
        let total = |part: &dyn Fn(&Line) -> Known<Range<Yen>>| Total::of(lines.iter().map(part));
        Self {
            years,
            yearly: total(&|line| line.yearly_yen),
            cash_by_year: (0..years).map(|year| total(&|line| line.cash_in(year, years))).collect(),
            cash: total(&|line| line.cash_yen),
            residual: total(&|line| line.residual(years)),
            missing,
            lines,
        }
    }
}

impl Total {
    pub(super) fn of(parts: impl Iterator<Item = Known<Range<Yen>>>) -> Self {
        let mut at_least = false;
        let yen = parts
            .map(|part| {
                at_least |= !part.is_known();
                part.value().unwrap_or(Range::ZERO)
            })
            .sum();
        Self { yen, at_least }
    }
}

impl Line {
    /// Payment in a year, counted from 0.
    fn cash_in(&self, year: u32, years: u32) -> Known<Range<Yen>> {
        let due = year.is_multiple_of(self.timing.period(years));
        self.payment_yen.map(|payment| if due { payment } else { Range::ZERO })
    }

    /// Book value after the last year.
    fn residual(&self, years: u32) -> Known<Range<Yen>> {
        let period = self.timing.period(years);
        let unused = years.div_ceil(period) * period - years;
        self.payment_yen.map(|payment| payment.map(|yen| scaled(yen, f64::from(unused) / f64::from(period))))
    }
}

impl Timing {
    /// Years that one payment serves.
    fn period(self, years: u32) -> u32 {
        match self {
            Self::Yearly => 1,
            Self::EveryYears(period) => period,
            Self::Once => years,
        }
    }
}

fn scaled(yen: Yen, factor: f64) -> Yen {
    Yen::from_f64(yen.as_f64() * factor)
}

fn lines(assumptions: &Assumptions, years: u32) -> Vec<Line> {
    let life = Timing::EveryYears(assumptions.years(Key::DepreciationYears));
    let book = Book { assumptions, years };
    let gpus = [Key::GpuPrice, Key::GpuCount, Key::RedundancyFactor];
    let hosts = [Key::HostPrice, Key::ServerCount, Key::RedundancyFactor];
    let hardware = [
        Key::GpuPrice,
        Key::GpuCount,
        Key::HostPrice,
        Key::ServerCount,
        Key::RedundancyFactor,
        Key::MaintenanceShare,
    ];
    let power = [Key::ServerCount, Key::ServerPower, Key::Pue, Key::PoweredHours, Key::ElectricityPrice];
    let product = |factors: &[f64]| factors.iter().product();
    vec![
        book.line(Item::Gpu, life, gpus, |factors| product(&factors)),
        book.line(Item::Host, life, hosts, |factors| product(&factors)),
        book.line(Item::Maintenance, Timing::Yearly, hardware, |[gpu, gpus, host, hosts, factor, share]| {
            (gpu * gpus + host * hosts) * factor * share
        }),
        book.line(Item::Power, Timing::Yearly, power, |factors| product(&factors)),
        book.line(Item::Rack, Timing::Yearly, [Key::RackRent], |[per_month]| per_month * 12.0),
        book.plain(Item::NetworkStorage, Key::NetworkStorage),
        book.line(Item::People, Timing::Yearly, [Key::StaffFte, Key::StaffPrice], |factors| {
            product(&factors)
        }),
        book.rag_preparation(),
        book.plain(Item::RagUpdate, Key::RagUpdate),
        book.plain(Item::Guardrails, Key::Guardrails),
        book.plain(Item::SafetyAudit, Key::SafetyAudit),
        book.plain(Item::RedTeam, Key::RedTeam),
    ]
}

/// Where lines are written.
struct Book<'a> {
    assumptions: &'a Assumptions,
    years: u32,
}

impl Book<'_> {
    /// A line whose payment rises with each of `keys`, so that its low end is where all of them are low.
    fn line<const N: usize>(
        &self,
        item: Item,
        timing: Timing,
        keys: [Key; N],
        payment: impl Fn([f64; N]) -> f64,
    ) -> Line {
        let amounts = keys.map(|key| self.assumptions.amount(key));
        let missing: Vec<Key> =
            keys.into_iter().filter(|&key| !self.assumptions.amount(key).is_known()).collect();
        let payment_yen = if missing.is_empty() {
            let known = amounts.map(|amount| amount.value().unwrap_or(Range::point(f64::NAN)));
            Known::Value(Range {
                low: Yen::from_f64(payment(known.map(|range| range.low))),
                value: Yen::from_f64(payment(known.map(|range| range.value))),
                high: Yen::from_f64(payment(known.map(|range| range.high))),
            })
        } else {
            Known::Undisclosed
        };
        let period = timing.period(self.years);
        let spread = |factor: f64| payment_yen.map(|payment| payment.map(|yen| scaled(yen, factor)));
        Line {
            item,
            timing,
            payment_yen,
            yearly_yen: spread(1.0 / f64::from(period)),
            cash_yen: spread(f64::from(self.years.div_ceil(period))),
            missing,
        }
    }

    /// A yearly amount that is itself the assumption.
    fn plain(&self, item: Item, key: Key) -> Line {
        self.line(item, Timing::Yearly, [key], |[per_year]| per_year)
    }

    /// A quotation comes as one sum, per document, or as both; half of "per document" is no price at all.
    fn rag_preparation(&self) -> Line {
        let known = |key| self.assumptions.amount(key).is_known();
        let by_document = known(Key::RagDocuments) || known(Key::RagPerDocument);
        let (documents, each, lump) = (Key::RagDocuments, Key::RagPerDocument, Key::RagLumpSum);
        let (item, once) = (Item::RagPreparation, Timing::Once);
        match (by_document, known(lump)) {
            (false, _) => self.line(item, once, [lump], |[sum]| sum),
            (true, false) => self.line(item, once, [documents, each], |[count, price]| count * price),
            (true, true) => {
                self.line(item, once, [documents, each, lump], |[count, price, sum]| count * price + sum)
            }
        }
    }
}

#[cfg(test)]
mod tests;
