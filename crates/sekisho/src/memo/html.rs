use sekisho_catalog::{Catalog, plan::choose::Decision};
use crate::words::Words;
pub(crate) fn html(_d: &Decision, _c: &Catalog, _w: &Words) -> String { String::new() }
