//! What records are judged by of a name that is the lock.

use crate::backend::{Primitive, Scope};

/// There is no lock beneath the record.
pub(in crate::file) const PRIMITIVE: Primitive<'static> =
    Primitive { name: Some("hardlink"), freed_at_death: false, scope: Scope::Network };
