//! The survey as one page, regenerated from the catalog.
