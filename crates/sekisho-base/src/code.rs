//! The closed list of error codes that outsiders see.

use std::fmt;

/// Who has to act.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// The person or program that asked: change the input.
    Caller,
    /// A machine or service that we depend on.
    Upstream,
    /// Sekisho itself: a defect.
    Us,
}

/// What a branch of a caller can be named by, in public, for years.
///
/// Each has a page `docs/errors/SKnnnn.{ja,en}.md`: what happened, what to do. Numbers are never used twice. The second
/// pair of digits is the area: 00 program, 01 catalog, 02 guard, 03 plan, 04 audit log, 05
/// gateway, 06 upstreams, 07 store.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Code {
    /// A defect of the program.
    Internal,
    /// The command line does not hold together.
    Usage,
    /// A file could not be read.
    FileUnreadable,
    /// A file could not be written.
    FileUnwritable,
    /// The catalog has no entry of that id.
    NoSuchEntry,
    /// Catalog files have problems.
    CatalogProblems,
    /// A filter or option of a catalog command has a value that cannot be read.
    BadFilter,
    /// A file of labels has problems.
    LabelsInvalid,
    /// A file of rules has problems, or its own tests fail.
    PolicyInvalid,
    /// A file of forbidden topics has problems.
    TopicsInvalid,
    /// The rules do not let a text pass, or it could not be judged.
    GuardRefused,
    /// A GGUF or safetensors file is not what it says it is.
    ModelFileInvalid,
    /// A size cannot be computed, since what it needs is not published.
    SizeUndisclosed,
    /// A requirements file has problems.
    RequirementsInvalid,
    /// A ranking on one benchmark was asked for without a reason.
    SingleBenchmark,
    /// A file of cost assumptions has problems.
    AssumptionsInvalid,
    /// No candidate is left after the hard constraints.
    NoCandidate,
    /// The audit log is damaged, or somebody changed it.
    LogDamaged,
    /// The audit log has stopped taking records after a failed write.
    LogStopped,
    /// No space is left for the audit log.
    LogFull,
    /// The audit log has no record of that id.
    NoSuchRecord,
    /// The record is on legal hold.
    RecordOnHold,
    /// The record has been erased.
    RecordErased,
    /// A retention file has problems.
    RetentionInvalid,
    /// A key file of the audit log is missing, damaged, or open to others.
    KeysUnusable,
    /// A proof does not hold.
    ProofInvalid,
    /// A record is above a limit, or a member of it is malformed.
    RecordInvalid,
    /// Another process writes to the audit log, or too many requests are open.
    LogBusy,
    /// A witness did not answer, or refuses the log for a reason that says nothing of the log.
    WitnessUnavailable,
    /// A request body is not what its format allows.
    RequestInvalid,
    /// There is no such address.
    NoSuchPath,
    /// A request is above a limit of size.
    RequestTooLarge,
    /// Nobody is known by that key or token.
    Unauthenticated,
    /// The policy does not allow it to this principal.
    Forbidden,
    /// No model of that name is offered.
    NoSuchModel,
    /// No upstream may receive data of that label.
    NoRoute,
    /// Somebody tried to use a lower label than the one that holds.
    LabelTooLow,
    /// A rate limit or a limit of simultaneous requests is reached.
    RateLimited,
    /// A budget is used up.
    BudgetExceeded,
    /// A template of that name and version is not approved, or is not there.
    TemplateUnusable,
    /// The model or its server does not do what was asked.
    Unsupported,
    /// The gate is stopping or not ready.
    NotReady,
    /// The one who asked went away.
    ClientGone,
    /// A settings file has problems.
    SettingsInvalid,
    /// A file of access policies has problems.
    AccessInvalid,
    /// A token of the identity provider holds, and nobody here is meant by it.
    NotEnrolled,
    /// The identity provider gives no keys by which a token could be verified.
    IssuerUnavailable,
    /// The upstream answered with an error.
    UpstreamFailed,
    /// The upstream cannot be reached, or is not asked because it failed too often.
    UpstreamUnavailable,
    /// The upstream took too long.
    UpstreamTimeout,
    /// The upstream's answer is not in its format.
    UpstreamMalformed,
    /// The store cannot be opened, read or written.
    StoreUnusable,
    /// The store has nothing of that name.
    NoSuchItem,
    /// Something of that name is there already, or in use.
    ItemExists,
}

/// All codes with number, fault and whether the same call may succeed later.
const TABLE: &[(Code, u16, Fault, bool)] = &[
    (Code::Internal, 1, Fault::Us, false),
    (Code::Usage, 2, Fault::Caller, false),
    (Code::FileUnreadable, 3, Fault::Caller, true),
    (Code::FileUnwritable, 4, Fault::Caller, true),
    (Code::NoSuchEntry, 101, Fault::Caller, false),
    (Code::CatalogProblems, 102, Fault::Caller, false),
    (Code::BadFilter, 103, Fault::Caller, false),
    (Code::LabelsInvalid, 201, Fault::Caller, false),
    (Code::PolicyInvalid, 202, Fault::Caller, false),
    (Code::TopicsInvalid, 204, Fault::Caller, false),
    (Code::GuardRefused, 205, Fault::Caller, false),
    (Code::ModelFileInvalid, 301, Fault::Caller, false),
    (Code::SizeUndisclosed, 302, Fault::Upstream, false),
    (Code::RequirementsInvalid, 303, Fault::Caller, false),
    (Code::SingleBenchmark, 304, Fault::Caller, false),
    (Code::AssumptionsInvalid, 305, Fault::Caller, false),
    (Code::NoCandidate, 306, Fault::Caller, false),
    (Code::LogDamaged, 401, Fault::Upstream, false),
    (Code::LogStopped, 402, Fault::Upstream, false),
    (Code::LogFull, 403, Fault::Upstream, true),
    (Code::NoSuchRecord, 404, Fault::Caller, false),
    (Code::RecordOnHold, 405, Fault::Caller, false),
    (Code::RecordErased, 406, Fault::Caller, false),
    (Code::RetentionInvalid, 407, Fault::Caller, false),
    (Code::KeysUnusable, 408, Fault::Caller, false),
    (Code::ProofInvalid, 409, Fault::Caller, false),
    (Code::RecordInvalid, 410, Fault::Caller, false),
    (Code::LogBusy, 411, Fault::Caller, true),
    (Code::WitnessUnavailable, 412, Fault::Upstream, true),
    (Code::RequestInvalid, 501, Fault::Caller, false),
    (Code::NoSuchPath, 502, Fault::Caller, false),
    (Code::RequestTooLarge, 503, Fault::Caller, false),
    (Code::Unauthenticated, 504, Fault::Caller, false),
    (Code::Forbidden, 505, Fault::Caller, false),
    (Code::NoSuchModel, 506, Fault::Caller, false),
    (Code::NoRoute, 507, Fault::Caller, false),
    (Code::LabelTooLow, 508, Fault::Caller, false),
    (Code::RateLimited, 509, Fault::Caller, true),
    (Code::BudgetExceeded, 510, Fault::Caller, false),
    (Code::TemplateUnusable, 511, Fault::Caller, false),
    (Code::Unsupported, 512, Fault::Caller, false),
    (Code::NotReady, 513, Fault::Us, true),
    (Code::ClientGone, 514, Fault::Caller, true),
    (Code::SettingsInvalid, 515, Fault::Caller, false),
    (Code::AccessInvalid, 516, Fault::Caller, false),
    (Code::NotEnrolled, 517, Fault::Caller, false),
    (Code::IssuerUnavailable, 518, Fault::Upstream, true),
    (Code::UpstreamFailed, 601, Fault::Upstream, true),
    (Code::UpstreamUnavailable, 602, Fault::Upstream, true),
    (Code::UpstreamTimeout, 603, Fault::Upstream, true),
    (Code::UpstreamMalformed, 604, Fault::Upstream, false),
    (Code::StoreUnusable, 701, Fault::Us, true),
    (Code::NoSuchItem, 702, Fault::Caller, false),
    (Code::ItemExists, 703, Fault::Caller, false),
];

impl Code {
    /// Every code, in the order of their numbers.
    pub fn all() -> impl Iterator<Item = Self> {
        TABLE.iter().map(|row| row.0)
    }

    fn row(self) -> &'static (Self, u16, Fault, bool) {
        TABLE.iter().find(|row| row.0 == self).expect("every code has a row; the test below walks them")
    }

    /// The stable public number.
    pub fn number(self) -> u16 {
        self.row().1
    }

    /// Who has to act.
    pub fn fault(self) -> Fault {
        self.row().2
    }

    /// Whether the same call, unchanged, may succeed later.
    pub fn can_retry(self) -> bool {
        self.row().3
    }
}

/// `SK0302`.
impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SK{:04}", self.number())
    }
}

/// An error that a caller may have to name in public.
pub trait Coded: std::error::Error {
    /// Its code.
    fn code(&self) -> Code;
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::{Code, TABLE};

    #[test]
    fn numbers_are_unique_and_ascending() {
        let numbers: Vec<u16> = TABLE.iter().map(|row| row.1).collect();
        assert!(numbers.is_sorted());
        assert_eq!(numbers.iter().collect::<BTreeSet<_>>().len(), numbers.len());
        assert_eq!(Code::SizeUndisclosed.to_string(), "SK0302");
        assert!(Code::all().all(|code| code.row().0 == code));
    }
}
