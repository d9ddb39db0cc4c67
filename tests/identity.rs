//! Who is the holder, and does it live? Attacks on the answer, with real processes, in namespaces.
//!
//! Two mistakes are possible: to take a dead holder, or an innocent process, for a live holder,
//! which leaves a lock that nobody gets; and to take a live holder for dead, which lets two in.
#![cfg(target_os = "linux")]

#[path = "identity/boots.rs"]
mod boots;
#[path = "identity/clocks.rs"]
mod clocks;
#[path = "identity/life.rs"]
mod life;
#[path = "identity/namespaces.rs"]
mod namespaces;
#[path = "identity/proc.rs"]
mod proc;
#[path = "identity/reuse.rs"]
mod reuse;
#[path = "identity/shared.rs"]
mod shared;
#[path = "identity/shortage.rs"]
mod shortage;
#[path = "identity/signalling.rs"]
mod signalling;
mod support;
#[path = "identity/users.rs"]
mod users;
#[path = "identity/vocabulary.rs"]
mod vocabulary;
