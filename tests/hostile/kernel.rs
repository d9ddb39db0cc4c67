//! A file of the kernel's, which says that it is empty and is not.

use std::fs;
use std::path::Path;

use tenure::{Hardlink, Lockfile};

use crate::scene::ask;
use crate::support::NO_PROCESS;
use crate::support::elsewhere::elsewhere;

#[test]
fn a_file_of_the_kernel_is_refused_and_left_as_it_is() {
    elsewhere("unshare -u", &["/proc/sys/kernel/hostname"], || {
        let path = Path::new("/proc/sys/kernel/hostname");
        assert_eq!(fs::metadata(path).unwrap().len(), 0, "it says that it is empty");
        let dead = NO_PROCESS.to_string();
        // Text, what would be a dead holder's, a live one's, and a release.
        for name in ["precious", &*dead, "1", ""] {
            let name = format!("{name}\n");
            fs::write(path, &name).unwrap();
            let reason = "it says that it is empty, and is not";
            ask(path).are_all("InvalidPid", path, &[reason]);
            let mut shared = Lockfile::new(path);
            assert!(shared.try_lock_shared().unwrap_err().to_string().contains(reason));
            let mut linked = Lockfile::new(path).backend(Hardlink);
            assert!(linked.try_lock().unwrap_err().to_string().contains(reason));
            assert_eq!(fs::read_to_string(path).unwrap(), name);
        }
    });
}
