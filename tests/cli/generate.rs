//! `generate`: what packagers install beside the program.

use std::fs;
use std::process::Command;

use crate::support::{CommandExtension, Scene, tenure};

fn completions(shell: &str) -> String {
    let ended = tenure().args(["generate", "completions", shell]).ended();
    assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), ""));
    ended.stdout
}

#[test]
fn every_shell_completes_verbs_and_options() {
    for shell in ["bash", "zsh", "fish"] {
        let script = completions(shell);
        for word in ["status", "on-busy", "kill-after"] {
            assert!(script.contains(word), "{shell}: {word}");
        }
    }
}

#[test]
fn bash_completes_what_its_script_says() {
    let scene = Scene::new();
    let script = scene.write("tenure.bash", &completions("bash"));
    let complete = "source $0; COMP_WORDS=(tenure sta); COMP_CWORD=1; _tenure tenure sta tenure; \
        echo ${COMPREPLY[@]}";
    let ended = Command::new("bash").args(["-c", complete]).arg(script).ended();
    assert_eq!((ended.stdout.as_str(), ended.stderr.as_str()), ("status\n", ""));
}

#[test]
fn each_verb_has_a_manual_page() {
    let scene = Scene::new();
    let dir = scene.path("man1");
    fs::create_dir(&dir).unwrap();
    let ended = tenure().args(["generate", "man"]).arg(&dir).ended();
    assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), ""));
    for (page, text) in [
        ("tenure.1", "lockfiles"),
        ("tenure-run.1", "sysexits.h"),
        ("tenure-status.1", "LSB init scripts"),
        ("tenure-stop.1", "start\\-stop\\-daemon"),
    ] {
        let page = fs::read_to_string(dir.join(page)).unwrap();
        assert!(page.starts_with(".ie"), "roff: {page}");
        assert!(page.contains(text), "{text}: {page}");
    }
}

#[test]
fn pages_that_cannot_be_written_are_73() {
    let scene = Scene::new();
    let ended = tenure().args(["generate", "man"]).arg(scene.path("nowhere")).ended();
    assert_eq!(ended.code, Some(73));
    assert!(ended.stderr.starts_with("tenure: cannot write to "), "{}", ended.stderr);
}
