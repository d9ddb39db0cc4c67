//! Who this process is, and what users are called.

use nix::unistd::geteuid;
use sysinfo::{Uid, Users};

/// The effective user id; `None` where users have no numbers.
#[expect(clippy::unnecessary_wraps, reason = "there are platforms without")]
pub(crate) fn effective_uid() -> Option<u32> {
    Some(geteuid().as_raw())
}

/// What the user is called.
pub(crate) fn user_name(id: &Uid) -> Option<String> {
    let users = Users::new_with_refreshed_list();
    Some(users.get_user_by_id(id)?.name().to_owned())
}
