//! git creates its lock files and takes no kernel locks. A file that exists is locked, whoever made it.
//!
//! Only `gc.pid` says who made it.

use std::path::PathBuf;
use std::process::Command;

use crate::SCENE;
use crate::daemon::{Daemon, script};
use crate::program::CommandExtension;
use crate::support::elsewhere::elsewhere;
use crate::support::{Place, place};
use crate::verdict::{
    is_busy, is_empty, is_not_recognized, is_open_elsewhere, is_removed_by_unlock, is_stale,
    is_used_and_kept,
};

/// Nobody tells it to go on.
const STAYS: &str = "echo inside >&2; exec sleep infinity";

struct Repository(Place);

impl Repository {
    /// With one commit, and a changed file.
    fn new() -> Self {
        let repository = Self(place());
        repository.does(&["init", "--quiet"]);
        for (key, value) in [("user.name", "A"), ("user.email", "a@b.c"), ("gc.auto", "0")] {
            repository.does(&["config", key, value]);
        }
        std::fs::write(repository.0.dir().join("file"), "1").unwrap();
        repository.does(&["add", "file"]);
        repository.does(&["commit", "--quiet", "--message=1"]);
        std::fs::write(repository.0.dir().join("file"), "changed").unwrap();
        repository
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.dir().join(".git").join(name)
    }

    fn git(&self, words: &[&str]) -> Command {
        let mut git = Command::new("git");
        git.args(words).current_dir(self.0.dir());
        git.env("HOME", self.0.dir()).env("GIT_CONFIG_NOSYSTEM", "1");
        git
    }

    fn does(&self, words: &[&str]) {
        let ended = self.git(words).ended();
        assert_eq!(ended.code, Some(0), "git {words:?}: {ended:?}");
    }

    /// git in the middle of what `words` say, where it runs the script of this hook.
    fn stays_in(&self, hook: &str, words: &[&str]) -> Daemon {
        script(&self.path("hooks").join(hook), STAYS);
        let mut git = Daemon::start(&mut self.git(words));
        git.says("inside");
        std::fs::rename(self.path("hooks").join(hook), self.path("hook.used")).unwrap();
        git
    }

    /// A killed git leaves these, and git does not go on while they are there.
    fn removes_other_locks(&self) {
        for name in ["packed-refs.lock", "packed-refs.new"] {
            std::fs::rename(self.path(name), self.path("used")).unwrap();
        }
    }
}

#[test]
fn a_live_git_gc_is_busy_and_a_killed_one_is_stale() {
    elsewhere(SCENE, &["git"], || {
        let repository = Repository::new();
        let lock = repository.path("gc.pid");
        let git = repository.stays_in("reference-transaction", &["gc"]);
        is_busy(&lock, Some(git.pid()), None);
        is_stale(&lock, git.kill());
    });
}

#[test]
fn git_gc_takes_its_lock_file_from_a_tenure_that_is_gone() {
    elsewhere(SCENE, &["git"], || {
        for used in [is_used_and_kept, is_removed_by_unlock] {
            let repository = Repository::new();
            let lock = repository.path("gc.pid");
            let git = repository.stays_in("reference-transaction", &["gc"]);
            git.kill();
            repository.removes_other_locks();
            used(&lock);
            let git = repository.stays_in("reference-transaction", &["gc"]);
            is_busy(&lock, Some(git.pid()), None);
        }
    });
}

#[test]
fn an_empty_index_lock_is_busy_while_git_has_it_open() {
    elsewhere(SCENE, &["git"], || {
        let repository = Repository::new();
        let lock = repository.path("index.lock");
        repository.does(&["config", "filter.slow.clean", STAYS]);
        std::fs::write(repository.0.dir().join(".gitattributes"), "file filter=slow\n").unwrap();
        let mut git = Daemon::start(&mut repository.git(&["add", "file"]));
        git.says("inside");
        is_open_elsewhere(&lock);
        git.kill();
        is_empty(&lock);
        is_used_and_kept(&lock);
        // As before: to git, a file that exists is locked.
        repository.does(&["config", "filter.slow.clean", "cat"]);
        let refused = repository.git(&["add", "file"]).ended();
        assert_eq!(refused.code, Some(128), "{refused:?}");
        std::fs::rename(&lock, repository.path("used")).unwrap();
        repository.does(&["add", "file"]);
    });
}

#[test]
fn an_index_lock_with_an_index_in_it_is_not_recognized() {
    elsewhere(SCENE, &["git"], || {
        let repository = Repository::new();
        let git = repository.stays_in("pre-commit", &["commit", "--all", "--message=2"]);
        is_not_recognized(&repository.path("index.lock"));
        git.kill();
        is_not_recognized(&repository.path("index.lock"));
    });
}
