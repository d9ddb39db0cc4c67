//! `sd_notify(3)` - what a service says to the service manager.

pub(crate) use sd_notify::{NotifyState as News, notify as tell_service_manager};
