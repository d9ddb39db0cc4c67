//! `generate`: what packagers install beside the program.

use std::fs;
use std::process::Command;

use crate::elsewhere::elsewhere;
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

/// The manual pages, in a directory of the scene: their names, and what is in them.
fn pages(scene: &Scene) -> Vec<(String, String)> {
    let dir = scene.path("man1");
    fs::create_dir(&dir).unwrap();
    let ended = tenure().args(["generate", "man"]).arg(&dir).ended();
    assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), ""));
    let page = |entry: std::io::Result<fs::DirEntry>| {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        (name, fs::read_to_string(path).unwrap())
    };
    fs::read_dir(dir).unwrap().map(page).collect()
}

/// The section of that name, with dashes as they are typed.
fn section<'a>(page: &'a str, name: &str) -> Option<&'a str> {
    let (_, section) = page.split_once(&format!(".SH {name}\n"))?;
    Some(section.split("\n.SH ").next().unwrap())
}

#[test]
fn each_verb_has_a_manual_page() {
    let scene = Scene::new();
    let pages = pages(&scene);
    for (page, text) in [
        ("tenure.1", "lockfiles"),
        ("tenure-run.1", "sysexits.h"),
        ("tenure-status.1", "LSB init scripts"),
        ("tenure-stop.1", "start\\-stop\\-daemon"),
    ] {
        let (_, page) = pages.iter().find(|(name, _)| name == page).unwrap();
        assert!(page.starts_with(".ie"), "roff: {page}");
        assert!(page.contains(text), "{text}: {page}");
    }
    assert_eq!(pages.len(), 13);
    let own = |(name, _): &(String, String)| name.starts_with("tenure");
    assert!(pages.iter().all(own), "none is in the way of flock(1)");
}

#[test]
fn a_page_has_the_sections_that_manual_pages_have() {
    let scene = Scene::new();
    for (name, page) in pages(&scene) {
        assert_eq!(section(&page, "EXTRA"), None, "{name}");
        assert!(section(&page, r#""EXIT STATUS""#).is_some(), "{name}: {page}");
        assert_eq!(section(&page, "EXAMPLES").is_some(), name != "tenure.1", "{name}");
        let environment = section(&page, "ENVIRONMENT").unwrap_or_default();
        let takes_wait = ["tenure.1", "tenure-run.1", "tenure-exec.1"].contains(&&*name);
        assert_eq!(environment.contains("TENURE_WAIT"), takes_wait, "{name}");
        assert_eq!(
            environment.contains("TENURE_KILL_AFTER"),
            takes_wait && name != "tenure-exec.1"
        );
    }
}

/// What the synopsis says can be typed: the dashes are those that the command line asks for, and the
/// options that have to be given have their values.
#[test]
fn a_synopsis_is_what_is_typed() {
    let scene = Scene::new();
    let pages = pages(&scene);
    for (name, typed) in [
        ("run", " [OPTIONS] <LOCK> \\-\\- <COMMAND>..."),
        ("exec", " [OPTIONS] <LOCK> \\-\\- <COMMAND>..."),
        ("break", " \\-\\-nonce <NONCE> <LOCK>"),
        ("signal", " <LOCK> <SIG>"),
        ("flock", " [OPTIONS] <NUMBER>"),
    ] {
        let (_, page) = pages.iter().find(|(page, _)| *page == format!("tenure-{name}.1")).unwrap();
        let synopsis = section(page, "SYNOPSIS").unwrap();
        let line = format!("\\fBtenure {name}\\fR{typed}");
        assert!(synopsis.lines().any(|it| it == line), "{line}: {synopsis}");
    }
}

#[test]
fn the_pages_are_roff_without_fault() {
    elsewhere("env", &["groff"], || {
        let scene = Scene::new();
        for (name, _) in pages(&scene) {
            let page = scene.path("man1").join(&name);
            let ended = Command::new("groff").args(["-man", "-ww", "-z"]).arg(page).ended();
            assert_eq!((ended.code, ended.stderr.as_str()), (Some(0), ""), "{name}");
        }
    });
}

#[test]
fn pages_that_cannot_be_written_are_73() {
    let scene = Scene::new();
    let ended = tenure().args(["generate", "man"]).arg(scene.path("nowhere")).ended();
    assert_eq!(ended.code, Some(73));
    assert!(ended.stderr.starts_with("tenure: cannot write to "), "{}", ended.stderr);
}
