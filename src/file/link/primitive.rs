//! What records are judged by of a name that is the lock.

use crate::backend::{Hardlink, Primitive, Scope};

/// There is no lock beneath the record.
pub(in crate::file) const PRIMITIVE: Primitive<'static> =
    Primitive { name: Some(Hardlink::NAME), freed_at_death: false, scope: Scope::Network };
