//! Standard output that nobody reads any more.

use crate::support::{CommandExtension, Scene};

/// What `tenure VERB` exits with, saying nothing, when its output is a pipe whose other end is closed.
fn status_unread(scene: &Scene, verb: &str) -> i32 {
    // It is closed before the first byte: only then is there something to read from `gone`.
    let script = format!(
        r#"mkfifo gone; {{ read _ <gone; "$TENURE" {verb}; echo "ended $?" >&2; }} | {{ exec <&-; echo >gone; }}"#
    );
    let ended = scene.script(&script).ended();
    let status = ended.stderr.strip_prefix("ended ").unwrap_or_else(|| panic!("{}", ended.stderr));
    status.trim_end().parse().unwrap()
}

#[test]
fn a_list_that_nobody_reads_is_no_failure() {
    for options in ["", "--json"] {
        let scene = Scene::new();
        let _holder = scene.holder(&[]);
        assert_eq!(status_unread(&scene, &format!("list {options} .")), 0);
    }
}

#[test]
fn a_status_that_nobody_reads_is_what_it_is() {
    for options in ["", "--json"] {
        let scene = Scene::new();
        assert_eq!(status_unread(&scene, &format!(r#"status {options} "$LOCK""#)), 3);
    }
    let scene = Scene::new();
    let _holder = scene.holder(&[]);
    assert_eq!(status_unread(&scene, r#"status "$LOCK""#), 0);
    let scene = Scene::new();
    scene.left_behind();
    assert_eq!(status_unread(&scene, r#"status "$LOCK""#), 1);
}

#[test]
fn findings_that_nobody_reads_are_as_grave_as_they_are() {
    for options in ["", "--json"] {
        let scene = Scene::new();
        scene.write("the.lock", "\x7fELF and so on");
        assert_eq!(status_unread(&scene, &format!(r#"doctor {options} "$LOCK""#)), 2);
    }
}

#[test]
fn completions_that_nobody_reads_are_no_failure() {
    assert_eq!(status_unread(&Scene::new(), "generate completions bash"), 0);
}
