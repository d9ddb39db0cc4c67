//! Time namespaces: the same process started at another time there.

use serde_json::Value;
use tenure::{Verdict, Why};

use crate::support::elsewhere::elsewhere;
use crate::support::{Peer, place};
use crate::vocabulary::{Contained, assert_busy, assert_recovered, copy_record, without_pidfds};

const NEEDS: [&str; 1] = ["/proc/self/ns/time"];
/// A machine that has been up for a day longer.
const SHIFTED: &str = "-T --boottime 86400 -f";

#[test]
fn a_holder_in_another_time_namespace_is_alive_until_it_is_dead() {
    elsewhere("unshare -T -f", &NEEDS, || {
        for pidfds in [true, false] {
            if !pidfds {
                without_pidfds();
            }
            let place = place();
            let copy = place.dir().join("copy");
            let mut holder = Contained::through(SHIFTED, &place.path);
            assert_eq!(holder.peer.ask("try_lock"), "ok");
            let mut inode = Value::Null;
            copy_record(&place.path, &copy, |record| inode = record["pidfd_inode"].clone());
            assert!(pidfds || inode.is_null());
            assert_busy(&place.path, Verdict::Live);
            assert_busy(&copy, Verdict::Live);
            holder.crash();
            assert_recovered(&copy, Why::Dead);
            assert_recovered(&place.path, Why::Dead);
        }
    });
}

#[test]
fn a_holder_outside_of_the_time_namespace_is_alive_until_it_is_dead() {
    elsewhere("unshare -T -f", &NEEDS, || {
        for pidfds in [true, false] {
            if !pidfds {
                without_pidfds();
            }
            let place = place();
            let copy = place.dir().join("copy");
            let holder = Peer::holding(&place.path);
            copy_record(&place.path, &copy, |_| {});
            let mut contender = Contained::through(SHIFTED, &copy);
            assert_eq!(contender.peer.ask("verdict"), "Some(Live)");
            assert!(contender.peer.ask("try_lock").starts_with("Busy: "));
            holder.crash();
            assert_eq!(contender.peer.ask("try_lock"), "ok");
            assert_eq!(contender.peer.ask("why"), "Stale(Dead)");
        }
    });
}
