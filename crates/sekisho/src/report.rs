//! The survey as one page, regenerated from the catalog.

use sekisho_catalog::Catalog;

use crate::words::Words;

pub(crate) fn html(_catalog: &Catalog, _words: &Words) -> String {
    String::new()
}

pub(crate) fn markdown(_catalog: &Catalog, _words: &Words) -> String {
    String::new()
}
