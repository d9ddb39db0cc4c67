//! The protocol: how a lockfile is acquired and released.
//!
//! # Definitions
//!
//! The *holder* is whoever has the backend's lock (by default flock(2)) on the file that the path
//! names. The record in the file says who that is; it decides nothing while the lock is taken.
//!
//! # Invariants
//!
//! - **I1** Only whoever has the lock on a file writes to it, or removes the name that leads to it.
//! - **I2** Nobody is a holder who has not, *after* locking, seen the path name the locked file.
//! - **I3** Nobody is a holder who has not judged the record that the file held when it was locked.
//! - **I4** A file is written by one write of the whole record, at offset 0, over what was there.
//! - **I5** What a caller asks to have removed although its holder is unproven is removed only if it
//!   is the incarnation that the caller has named, which is compared *after* locking.
//! - **I6** Of those who have copies of the descriptor, the record names the holder: see `handover/hands.rs`.
//! - **I7** The record is in the file for as long as anything is taken that death does not free: see
//!   `kernel/lasting.rs`.
//!
//! # How it goes
//!
//! ```text
//!           create_new, or open        lock          same file?       judge         write
//!   [free] ───────────────────▶ [open] ────▶ [locked] ────────▶ [ours] ────▶ [vacant] ────▶ [held]
//!      ▲                          │             │ no: replaced    │ live or                  │
//!      │                          │ refused     ▼                 ▼ unproven                 │
//!      │                          └──▶ Busy    begin again       Busy                        │
//!      └──────────────── unlink (or write `released_at`), unlock, close ◀────────────────────┘
//! ```
//!
//! A crash at any point frees the kernel's lock. Whatever file remains is judged by the next
//! contender: one that names nobody is taken over if it can be ours (`kernel/blank.rs`); of a whole record,
//! the holder is looked at.
//!
//! # Among others
//!
//! Other programs lock files, too. Whoever has a lock of any kind on the file that excludes having it
//! alone is a holder: see [`Flock`](crate::Flock). What others have made is not removed, nor what they
//! have written over ours. And where a file system answers for a name from a cache, no file is removed:
//! see [`Held::may_be_removed`].

mod acquire;
mod begin;
mod blank;
mod busy;
mod by_kernel;
mod dying;
mod lasting;
mod locked;
mod open;
mod protocol;
mod read;
mod remove;
mod vacancy;
mod vacate;
