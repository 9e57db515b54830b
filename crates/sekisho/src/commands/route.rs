//! `sekisho route explain`.
use crate::{cli::RouteExplainArgs, failure::Outcome, terminal::Terminal};
pub(crate) fn explain(_args: &RouteExplainArgs, _terminal: &mut Terminal<'_>) -> Outcome {
    Ok(())
}
