//! Colours: on terminals, and where they are asked for.

use crate::screen::Screen;
use crate::support::{CommandExtension, Scene};

const RESET: &str = "\u{1b}[0m";

#[test]
fn a_terminal_is_shown_the_state_in_its_colour_and_nothing_else() {
    let scene = Scene::new();
    let _holder = scene.holder(&[]);
    let mut screen = Screen::start(&scene, 200, r#"exec "$TENURE" status "$LOCK""#);
    assert_eq!(screen.end(), 0);
    let written = screen.written();
    assert!(written.contains(&format!(": \u{1b}[32mheld{RESET} by pid ")), "{written:?}");
    assert_eq!(written.matches('\u{1b}').count(), 2, "{written:?}");
    assert!(screen.text().contains("the.lock: held by pid "), "{}", screen.text());
}

#[test]
fn who_wants_no_colours_gets_none() {
    let scene = Scene::new();
    for setting in ["NO_COLOR=1", "CLICOLOR=0", "TERM=dumb", "CI=1 TERM=dumb"] {
        let script = format!(r#"exec env {setting} "$TENURE" status "$LOCK""#);
        let mut screen = Screen::start(&scene, 200, &script);
        assert_eq!(screen.end(), 3);
        assert!(!screen.written().contains('\u{1b}'), "{setting}: {:?}", screen.written());
    }
}

#[test]
fn a_pipe_gets_colours_only_if_they_are_forced() {
    let scene = Scene::new();
    let ended = scene.script(r#"exec "$TENURE" status "$LOCK""#).ended();
    assert!(!ended.stdout.contains('\u{1b}'), "{:?}", ended.stdout);
    let ended = scene.script(r#"CLICOLOR_FORCE=1 exec "$TENURE" status "$LOCK""#).ended();
    assert!(ended.stdout.contains(&format!("\u{1b}[2mfree{RESET}")), "{:?}", ended.stdout);
    // JSON is for programs.
    let ended = scene.script(r#"CLICOLOR_FORCE=1 exec "$TENURE" status --json "$LOCK""#).ended();
    assert!(!ended.stdout.contains('\u{1b}'), "{:?}", ended.stdout);
}
