//! Standard error, which others write to as well.

use std::os::fd::OwnedFd;
use std::os::unix::net::UnixDatagram;
use std::process::Command;

use crate::support::{Scene, tenure, within_guard};

/// What `command` writes to standard error, write by write, until it has ended.
fn writes(mut command: Command) -> Vec<String> {
    let (theirs, ours) = UnixDatagram::pair().unwrap();
    command.stderr(OwnedFd::from(theirs));
    let mut child = command.spawn().unwrap();
    within_guard(child.id(), move || child.wait().unwrap());
    drop(command);
    ours.set_nonblocking(true).unwrap();
    let mut buffer = [0; 4096];
    let mut next = || ours.recv(&mut buffer).map(|length| buffer[..length].to_vec()).ok();
    std::iter::from_fn(|| next().map(|bytes| String::from_utf8(bytes).unwrap())).collect()
}

#[test]
fn a_line_is_one_write_into_which_nobody_else_writes() {
    let scene = Scene::new();
    let _holder = scene.holder(&[]);
    let busy = scene.run(&[], &["true"]);
    let mut flock = tenure();
    flock.args(["flock", "/no/such/directory/x", "true"]);
    for (command, name) in [(busy, "tenure: "), (flock, "flock: ")] {
        let writes = writes(command);
        assert_eq!(writes.len(), 1, "{writes:?}");
        assert!(writes[0].starts_with(name) && writes[0].ends_with('\n'), "{writes:?}");
    }
}
