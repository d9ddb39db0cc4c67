//! Where the judge stands.

use crate::record::Record;

/// Where the judge stands: what the records of this process say about its surroundings.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Standpoint {
    pub(crate) host: Option<String>,
    pub(crate) boot_id: Option<String>,
    pub(crate) machine: Option<String>,
    pub(crate) pid_namespace: Option<u64>,
    pub(crate) time_namespace: Option<u64>,
    pub(crate) pid: u32,
}

impl Standpoint {
    /// Whether the PIDs of `record` are those of another boot or PID namespace, by its own word.
    pub(crate) fn has_other_pids_than(&self, record: &Record) -> bool {
        record.boot_id.is_some() && record.boot_id != self.boot_id
            || record.pid_namespace.is_some() && record.pid_namespace != self.pid_namespace
    }
}
