//! Telling the caller whom it waits for.

use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::holder::Holder;
use crate::settings::OnWait;

/// How long waiting lasts before the caller is told.
const PATIENCE: Duration = Duration::from_secs(1);

/// Whom the caller was told of last.
#[derive(PartialEq)]
enum Told {
    Nobody,
    /// A holder by PID and nonce, or one that is not known.
    Of(Option<(u32, Option<String>)>),
}

/// What is told, and to whom.
pub(crate) struct Telling {
    listener: Option<Arc<OnWait>>,
    told: Told,
}

impl Telling {
    pub(crate) fn new(listener: Option<Arc<OnWait>>) -> Self {
        Self { listener, told: Told::Nobody }
    }

    /// Whether nobody is to be told.
    pub(crate) fn is_idle(&self) -> bool {
        self.listener.is_none()
    }

    /// When to look again in order to tell, in a wait that began then.
    pub(crate) fn due(&self, began: Instant) -> Option<Instant> {
        (self.listener.is_some() && self.told == Told::Nobody).then_some(began + PATIENCE)
    }

    /// Tells of `holder` if it is time, and news.
    pub(crate) fn tell(&mut self, holder: Option<&Holder>, waited: Duration) {
        let Some(listener) = &self.listener else { return };
        let whom = holder.map(|holder| (holder.pid(), holder.record().nonce.clone()));
        if waited >= PATIENCE && self.told != Told::Of(whom.clone()) {
            listener(holder, waited);
            self.told = Told::Of(whom);
        }
    }
}
