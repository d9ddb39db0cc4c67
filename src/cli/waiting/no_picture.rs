//! No picture of the wait, where this program does not draw.

use std::path::Path;
use std::time::Duration;

use crate::waiting::whom::Whom;

#[derive(Default)]
pub(super) struct Picture;

impl Picture {
    #[expect(clippy::unused_self, reason = "elsewhere it is drawn")]
    pub(super) fn shows(&self, _path: &Path, _whom: Whom, _waited: Duration) -> bool {
        false
    }

    #[expect(clippy::unused_self, reason = "elsewhere it is taken away")]
    pub(super) fn end(&self) {}
}
