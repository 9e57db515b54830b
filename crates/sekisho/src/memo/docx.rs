use sekisho_catalog::{Catalog, plan::choose::Decision};
use crate::words::Words;
pub(crate) fn docx(_d: &Decision, _c: &Catalog, _w: &Words) -> Result<Vec<u8>, std::io::Error> { Ok(vec![]) }
