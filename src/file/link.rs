//! The protocol of [`Hardlink`](crate::Hardlink): the name is the lock, and no kernel lock is needed.
//!
//! # Definitions
//!
//! An *incarnation* is one acquisition: a record and its nonce, the work of one process, its
//! *author*. A file *bears* the nonce that its record has. The *holder* is the author of what the
//! file at the path bears. An author is *gone* once it is proven dead, or its record says that it
//! released. A process that is asleep, stopped or slow is not gone.
//!
//! Besides the lockfile `PATH` there may be, each with a nonce at the end of its name:
//!
//! | name | what it is |
//! | --- | --- |
//! | `PATH.draft.…` | a record that is being written |
//! | `PATH.claim.N` | a *claim*: its author alone may remove what bears `N` |
//! | `PATH.stale.N` | the record of a dead holder, moved aside for the next holder to find |
//!
//! # Invariants
//!
//! - **H1** A record is whole, and on the disk, before its file is called `PATH` or a claim.
//! - **H2** The names `PATH` and `PATH.claim.N` come to be by link(2), which has one winner.
//! - **H3** What bears `N` is removed by its author, or under the claim on `N` by the claim's
//!   author, who has seen it *after* claiming and found its author gone; or unproven, where a
//!   caller has declared this incarnation dead. A claim bears a nonce, so this goes for claims too.
//! - **H4** A claim is removed by its author; or, its author being gone, as H3 says; or by a holder
//!   who has seen it, and his own lockfile after that.
//! - **H5** A nonce that was claimed comes to no name again: its author was gone before.
//! - **H6** A record is changed in place, by its author, under the claim on it; or to say that it
//!   is released, which is the last that its author does.
//!
//! # How it goes
//!
//! ```text
//!             nothing there     link                      look for what the dead left
//!   [look] ─────────────────▶ [draft] ──────────────▶ [held] ──────────────▶ serve
//!     ▲ │                        │ somebody was first                         │
//!     │ │ live, unproven         └──▶ look                                    │
//!     │ ├────────────────▶ Busy                                               │
//!     │ │ stale: N        link             look: still N        move N aside  │
//!     │ └──────▶ [draft] ─────▶ [claim N] ──────────────▶ [mine] ──────────┐  │
//!     │                           │ another by now                         │  │
//!     └─────── drop the claim ◀───┴────────────────────────────────────────┘  │
//!     release: see that the path bears our nonce, unlink ◀────────────────────┘
//! ```
//!
//! # Why there is one holder
//!
//! Let A hold, and be alive. `PATH` bears A's nonce `a`, and for another to become the holder it has
//! to be removed first (H2). By H3 that takes a claimant who found A gone, which A is not.
//!
//! Let A be dead, and B and C want to remove `a`. B has claimed `a` and then seen it at `PATH`. As long
//! as B is not gone, its claim stands: C cannot prove B gone, and a holder who might sweep the claim
//! up has to see his own nonce at `PATH`, where `a` is. So C does not get the claim, and nobody
//! but B removes `a`: however long B is stopped between looking and removing, what it removes is
//! `a`. If B dies before, the claim is removed under a claim on *its* nonce, and C claims and looks
//! anew. If B removes `a` and drops the claim, then C, who judged `a` long ago, may still get
//! it; but it looks after that, does not find `a`, which never comes back (H5), and drops it.
//!
//! Doubt never frees a claim either: that of another host or container is as busy as a lock, and
//! [`Foreign::Break`](crate::Foreign::Break) is not for claims. Contenders are many at once, and two of them who break each
//! other's claims both go on.
//!
//! An operator can break one claim. Let `PATH.claim.N` bear `c`, and let the operator declare the
//! author of `c` dead, by its nonce. The breaker claims `c`, and then sees that `PATH.claim.N` still
//! bears `c`. From here on nobody else removes `c`: that takes the claim on `c`, which the breaker
//! has. The author of `c` does not, because it is dead. A holder that sweeps may, but then its own
//! lockfile is at `PATH`, and `N` comes back to no name (H5): whatever claim on `N` is made and
//! removed after that, nobody finds `N` under it. So while `N` is at `PATH`, the breaker removes `c`
//! and no younger claim, however long it is stopped before. After that, `N` has no claim. The next
//! claimant gets it by link(2), and looks at `PATH` anew, as after any crash. Two breakers of `c` need
//! the same claim on `c`, and one gets it. A breaker that dies leaves a claim on `c`, which is dead
//! for those who can prove that, and otherwise can be broken by its own nonce.
//!
//! If the author of `c` is alive after all, it may still remove `N` while another has the claim on
//! `N`, and there may be two holders. That is the risk of every break, and why nothing but the word of
//! an operator is enough for it: one who names exactly this claim.
//!
//! # What a crash leaves
//!
//! | where | what is left | who deals with it |
//! | --- | --- | --- |
//! | before the link | a draft | the next holder sweeps it up |
//! | holding | the lockfile, whole | a contender claims and removes it |
//! | holding the claim | a claim as well | a contender claims the claim, then goes on |
//! | the same, where others cannot see its end | the same | an operator breaks the claim |
//! | after moving aside | a claim that claims nothing, and `PATH.stale.N` | the next holder |
//!
//! # What is assumed
//!
//! - link(2) has one winner, and opening a file finds what the server has at that name: NFS and its
//!   close-to-open consistency.
//! - What a process asked for before it died is not carried out after another process has seen it
//!   dead, and no request is carried out twice. A kernel sees to that for its own file systems. NFS
//!   version 4.1 and newer do to the second (sessions, RFC 8881); older ones do unless the server
//!   is restarted at that moment.
//! - Nothing is renamed over another file, because a Linux client of NFS first renames a target
//!   away that one of its processes has open (`nfs_rename` in `fs/nfs/dir.c`), and meanwhile the
//!   name leads nowhere.

mod acquire;
mod by_name;
mod chain;
mod claim;
mod look;
mod primitive;
mod sweep;

use std::path::Path;

use self::primitive::PRIMITIVE;
use crate::backend::Primitive;
use crate::error::Result;
use crate::file::absolute;
use crate::holder::Holder;
use crate::record::Record;
use crate::verdict::Verdict;

/// The author of a claim that keeps others from removing the lockfile at `path`, which `primitive` locks,
/// and in which is `record`, judged as `verdict`.
pub(crate) fn claimant(
    primitive: Primitive<'_>,
    path: &Path,
    record: &Record,
    verdict: Verdict,
) -> Result<Option<Holder>> {
    // Its own word for it, because `status` is also asked without naming a backend.
    if ![primitive.name, record.backend.as_deref()].contains(&PRIMITIVE.name) {
        return Ok(None);
    }
    let claimant = chain::in_the_way(&absolute(path)?, record)?;
    Ok(claimant.filter(|claimant| chain::matters(claimant, verdict)))
}
