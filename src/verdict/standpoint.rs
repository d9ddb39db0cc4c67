//! Where the judge stands.

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
