//! Questions to the log, and what comes back.
//!
//! Every condition but `contains` is answered from the index, which is read only where its summaries allow a hit.
//! `contains` decrypts what the other conditions leave.

use std::{fmt, str::FromStr};

use crate::{
    leaf::{Kind, RecordId},
    record::{Outcome, Verdict},
};

/// Most hits on one page.
pub const HITS_MAX: usize = 10_000;
/// Most records that one page decrypts for `contains`. A page that ends there has a cursor to go on from.
pub const DECRYPTED_MAX: usize = 20_000;

/// What a record is, as a whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum RecordKind {
    /// A request and how it ended.
    Request,
    /// Something done to the system.
    Event,
    /// An erasure.
    Erase,
    /// A legal hold.
    Hold,
    /// The end of one.
    Release,
    /// A new signing key.
    Key,
}

impl RecordKind {
    /// Every kind.
    pub const ALL: [Self; 6] =
        [Self::Request, Self::Event, Self::Erase, Self::Hold, Self::Release, Self::Key];

    /// The word for it, in files and on the command line.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Request => "request",
            Self::Event => "event",
            Self::Erase => "erase",
            Self::Hold => "hold",
            Self::Release => "release",
            Self::Key => "key",
        }
    }

    /// The kind of that word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == word)
    }

    /// What a leaf belongs to. A part belongs to a request as well as to an event; it has no row of its own.
    pub(crate) fn of_leaf(kind: Kind) -> Self {
        match kind {
            Kind::Open | Kind::Close | Kind::Part => Self::Request,
            Kind::Event => Self::Event,
            Kind::Erase => Self::Erase,
            Kind::Hold => Self::Hold,
            Kind::Release => Self::Release,
            Kind::Key => Self::Key,
        }
    }
}

/// In which order hits come: that of the log, in which a request stands where it ended. Requests that have not ended
/// count as newest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Order {
    /// Newest first.
    #[default]
    Newest,
    /// Oldest first.
    Oldest,
}

/// Where a page ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Cursor(pub(crate) u64);

/// Bit of the cursor of a request that has not ended.
const STILL_OPEN: u64 = 1 << 63;

impl Cursor {
    pub(crate) fn of_row(index: u64) -> Self {
        Self(index)
    }

    pub(crate) fn of_open(index: u64) -> Self {
        Self(index | STILL_OPEN)
    }

    /// Whether something at `self` comes behind `other` in this order.
    pub(crate) fn is_behind(self, other: Self, order: Order) -> bool {
        match order {
            Order::Newest => self < other,
            Order::Oldest => self > other,
        }
    }
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:x}", self.0)
    }
}

/// The text is not a cursor.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a cursor")]
pub struct NotACursor;

impl FromStr for Cursor {
    type Err = NotACursor;

    fn from_str(text: &str) -> Result<Self, NotACursor> {
        let cursor = u64::from_str_radix(text, 16).map(Self).map_err(|_| NotACursor)?;
        if cursor.to_string() == text { Ok(cursor) } else { Err(NotACursor) }
    }
}

/// What to look for. Conditions that are none are not asked; all that are given must hold.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Query {
    /// Opened at or after, milliseconds since 1970.
    pub from_ms: Option<u64>,
    /// Opened before, milliseconds since 1970.
    pub until_ms: Option<u64>,
    /// Who asked.
    pub principal: Option<String>,
    /// For whom it counts.
    pub tenant: Option<String>,
    /// Why.
    pub purpose: Option<String>,
    /// The label scheme of the input.
    pub scheme: Option<String>,
    /// The label of the input or of the answer.
    pub label: Option<String>,
    /// The model.
    pub model: Option<String>,
    /// Where it was sent.
    pub upstream: Option<String>,
    /// What the guard decided, for the way in or the way out.
    pub verdict: Option<Verdict>,
    /// How it ended.
    pub outcome: Option<Outcome>,
    /// A rule that took part.
    pub rule: Option<String>,
    /// The public error code.
    pub code: Option<String>,
    /// What was done to the system.
    pub event: Option<String>,
    /// What the record is.
    pub kind: Option<RecordKind>,
    /// The retention class.
    pub class: Option<u8>,
    /// One record.
    pub record: Option<RecordId>,
    /// Only erased records, or only those that are not.
    pub erased: Option<bool>,
    /// Only those whose input, output or any other text contains this. Decrypts; slow.
    pub contains: Option<String>,
    /// In which order.
    pub order: Order,
    /// Most hits on the page; 0 and everything above [`HITS_MAX`] mean that.
    pub limit: usize,
    /// Where the page before ended.
    pub after: Option<Cursor>,
}

impl Query {
    pub(crate) fn page_limit(&self) -> usize {
        if self.limit == 0 { HITS_MAX } else { self.limit.min(HITS_MAX) }
    }
}

/// Where a leaf of a record stands, and how many parts directly in front of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    /// Index in the log.
    pub index: u64,
    /// Parts in front.
    pub parts: u16,
}

impl Place {
    /// The indices of the parts and of the leaf.
    pub fn indices(self) -> impl Iterator<Item = u64> {
        self.index.saturating_sub(u64::from(self.parts))..=self.index
    }
}

/// A record that was found: what the index knows of it without words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hit {
    /// The record.
    pub record: RecordId,
    /// What it is.
    pub kind: RecordKind,
    /// Its retention class; 0 for statements in clear.
    pub class: u8,
    /// Whether its keys have been destroyed.
    pub erased: bool,
    /// When it was opened, milliseconds since 1970.
    pub time_ms: u64,
    /// When it ended; none for a request that has not.
    pub end_ms: Option<u64>,
    /// The open of a request.
    pub open: Option<Place>,
    /// The close of a request; the leaf of everything else.
    pub last: Option<Place>,
}

impl Hit {
    pub(crate) fn cursor(&self) -> Cursor {
        match (self.last, self.open) {
            (Some(last), _) => Cursor::of_row(last.index),
            (None, open) => Cursor::of_open(open.map_or(0, |open| open.index)),
        }
    }

    /// The leaves of the record, parts included, in the order of the log.
    pub fn indices(&self) -> impl Iterator<Item = u64> {
        self.open.into_iter().chain(self.last).flat_map(Place::indices)
    }
}

/// What a page cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Cost {
    /// Blocks whose summary was looked at.
    pub blocks: u64,
    /// Bytes read from the index.
    pub read_bytes: u64,
    /// Records decrypted for `contains`.
    pub decrypted: u64,
}

/// Some of the hits, in order.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Page {
    /// They.
    pub hits: Vec<Hit>,
    /// Where to go on; none when nothing is left.
    pub next: Option<Cursor>,
    /// What it cost.
    pub cost: Cost,
}
