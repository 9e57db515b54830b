//! What the verifier has to say: facts with a name, worded at the edge.

use serde::Serialize;

/// Findings kept; the rest is counted.
pub(crate) const FINDINGS_MAX: usize = 100;

#[derive(Debug, Clone, Serialize)]
pub(crate) struct Finding {
    /// Key of `locales/*/verify.ftl`, without its `verify-`.
    pub(crate) what: &'static str,
    #[serde(serialize_with = "as_map")]
    pub(crate) fields: Vec<(&'static str, String)>,
}

fn as_map<S: serde::Serializer>(fields: &[(&'static str, String)], serializer: S) -> Result<S::Ok, S::Error> {
    serializer.collect_map(fields.iter().map(|(name, value)| (name, value)))
}

impl Finding {
    pub(crate) fn new(what: &'static str) -> Self {
        Self { what, fields: Vec::new() }
    }

    pub(crate) fn with(mut self, name: &'static str, value: impl ToString) -> Self {
        self.fields.push((name, value.to_string()));
        self
    }
}

/// The outcome of a verification.
#[derive(Debug, Default, Serialize)]
pub(crate) struct Report {
    pub(crate) origin: String,
    pub(crate) entries: u64,
    /// Base64, as in a checkpoint.
    pub(crate) root: String,
    pub(crate) segments: u64,
    pub(crate) commits: u64,
    pub(crate) signatures_checked: u64,
    /// Entries by kind.
    pub(crate) kinds: std::collections::BTreeMap<&'static str, u64>,
    /// Leaves named by erasure records.
    pub(crate) erased: u64,
    /// Open records without a close.
    pub(crate) unclosed: u64,
    /// Leaves opened with their keys; only with `--keys`.
    pub(crate) opened: u64,
    /// What is wrong. Empty means: verified.
    pub(crate) findings: Vec<Finding>,
    /// Findings beyond those listed.
    pub(crate) findings_more: u64,
    /// What a reader should know, and is not wrong.
    pub(crate) remarks: Vec<Finding>,
}

impl Report {
    pub(crate) fn find(&mut self, finding: Finding) {
        if self.findings.len() < FINDINGS_MAX {
            self.findings.push(finding);
        } else {
            self.findings_more += 1;
        }
    }

    pub(crate) fn remark(&mut self, remark: Finding) {
        if self.remarks.len() < FINDINGS_MAX {
            self.remarks.push(remark);
        }
    }
}
