//! The detectors that come with the program.

use std::sync::Arc;

use crate::{Addresses, Detector, Injection, Markings, Names, Pii, Secrets};

/// All detectors that need nothing from the organisation. Topics and canaries are added by whoever has them.
///
/// Their order decides between spans of the same place and length: structured numbers before names.
pub fn built_in_detectors() -> Vec<Arc<dyn Detector>> {
    vec![
        Arc::new(Secrets::built_in()),
        Arc::new(Pii),
        Arc::new(Addresses::new()),
        Arc::new(Names::new()),
        Arc::new(Injection::built_in()),
        Arc::new(Markings::built_in()),
    ]
}
