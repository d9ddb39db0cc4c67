//! Redis writes its PID file, and takes no lock.

use std::process::Command;

use crate::SCENE;
use crate::daemon::Daemon;
use crate::support::elsewhere::elsewhere;
use crate::support::{Place, place};
use crate::verdict::{is_busy, is_removed_by_unlock, is_stale, is_used_and_kept};

fn start(place: &Place) -> Daemon {
    let mut command = Command::new("redis-server");
    command.args(["--port", "0", "--save", "", "--dir"]).arg(place.dir());
    command.arg("--unixsocket").arg(place.dir().join("socket"));
    command.arg("--pidfile").arg(&place.path);
    let mut daemon = Daemon::start(&mut command);
    daemon.says("connections at");
    daemon
}

#[test]
fn a_live_redis_is_busy_and_a_killed_one_is_stale() {
    elsewhere(SCENE, &["redis-server"], || {
        let place = place();
        let redis = start(&place);
        is_busy(&place.path, Some(redis.pid()), None);
        is_stale(&place.path, redis.kill());
    });
}

#[test]
fn redis_starts_anew_after_its_pid_file_was_used_or_removed() {
    elsewhere(SCENE, &["redis-server"], || {
        let place = place();
        start(&place).kill();
        is_used_and_kept(&place.path);
        let redis = start(&place);
        is_busy(&place.path, Some(redis.pid()), None);
        redis.kill();
        is_removed_by_unlock(&place.path);
        let redis = start(&place);
        is_busy(&place.path, Some(redis.pid()), None);
    });
}
