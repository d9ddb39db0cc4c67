//! `RocksDB` takes an fcntl(2) lock on the empty file `LOCK`.

use std::process::Command;

use crate::SCENE;
use crate::daemon::Daemon;
use crate::program::{CommandExtension, tenure};
use crate::support::elsewhere::elsewhere;
use crate::support::{Place, place};
use crate::verdict::{is_busy, is_empty, is_used_and_kept};

fn ldb(place: &Place) -> Command {
    let mut ldb = Command::new("ldb");
    ldb.arg(format!("--db={}", place.dir().join("base").display()));
    ldb
}

/// One that has the database open. It answers what is asked.
fn open(place: &Place) -> Daemon {
    let put = ldb(place).args(["--create_if_missing", "put", "key", "valued"]).ended();
    assert_eq!(put.code, Some(0), "{put:?}");
    let mut ldb = Daemon::start(ldb(place).arg("query"));
    ldb.tell("get key");
    ldb.says("valued");
    ldb
}

#[test]
fn a_live_rocksdb_is_busy_and_a_killed_one_leaves_an_empty_file() {
    elsewhere(SCENE, &["ldb"], || {
        let place = place();
        let lock = place.dir().join("base/LOCK");
        let ldb = open(&place);
        is_busy(&lock, None, Some(ldb.pid()));
        ldb.kill();
        is_empty(&lock);
    });
}

#[test]
fn rocksdb_opens_after_its_file_was_used_and_not_while_it_is() {
    elsewhere(SCENE, &["ldb"], || {
        let place = place();
        let lock = place.dir().join("base/LOCK");
        open(&place).kill();
        is_used_and_kept(&lock);
        let get = ldb(&place).args(["get", "key"]).ended();
        assert_eq!(get.stdout, "valued\n");
        // A reader asks for no lock.
        let mut put = ldb(&place);
        put.args(["put", "key", "other"]);
        let mut run = tenure();
        run.args(["run", "-n"]).arg(&lock).arg("--").arg(put.get_program());
        let refused = run.args(put.get_args()).ended();
        assert!(refused.stderr.contains("LOCK"), "{refused:?}");
        assert_eq!(ldb(&place).args(["get", "key"]).ended().stdout, "valued\n");
        put.ended();
        assert_eq!(ldb(&place).args(["get", "key"]).ended().stdout, "other\n");
    });
}
