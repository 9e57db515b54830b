//! `sekisho doctor`.
use crate::{cli::GateFiles, failure::Outcome, terminal::Terminal};
pub(crate) fn run(_files: &GateFiles, _terminal: &mut Terminal<'_>) -> Outcome {
    Ok(())
}
