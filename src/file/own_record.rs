//! The record of an acquisition.

use crate::backend::Primitive;
use crate::identity::Identity;
use crate::record::Record;
use crate::settings::Settings;
use crate::sys::FileId;

/// What this process writes about itself into the lockfile `file`.
pub(in crate::file) fn own_record(
    primitive: Primitive<'_>,
    settings: &Settings,
    file: FileId,
    file_system: Option<u64>,
    shared: bool,
) -> Record {
    Record {
        message: settings.message.clone().filter(|message| !message.is_empty()),
        phase: settings.phase,
        device: Some(file.device()),
        file_system,
        backend: primitive.name.map(str::to_owned),
        shared,
        ..Identity::current().record()
    }
}
