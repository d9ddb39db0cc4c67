//! What the help texts and the README show: every example is run, and says what it is shown to say.
//!
//! Each verb's examples are in a file of `tests/documented/`, as a session at a shell prompt. They
//! name the places and the commands that an operator has, and so they run where these are made for
//! them: in namespaces of their own, with directories in memory. What README.md shows is in
//! `readme.trycmd`, with the parts left open that are different each time.
#![cfg(all(feature = "cli", target_os = "linux"))]
#![expect(clippy::unwrap_used, reason = "a test fails where it cannot go on")]

#[allow(dead_code, unreachable_pub, reason = "other tests need more of it, and from farther away")]
#[path = "support/elsewhere.rs"]
mod elsewhere;

use std::env;
use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt, chown};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use elsewhere::{elsewhere, run};
use tenure::{Lockfile, Phase, State};
use trycmd::TestCases;
use trycmd::schema::Bin;

const TENURE: &str = env!("CARGO_BIN_EXE_tenure");
const PACKAGE: &str = env!("CARGO_MANIFEST_DIR");
/// Where the sessions are.
const SESSIONS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/documented");
/// The session ends with the processes in it.
const NAMESPACES: &str = "unshare --mount --pid --ipc --fork --mount-proc --kill-child";
const NEEDS: [&str; 4] = ["bash", "jq", "gzip", "mount"];

/// Makes the places and the commands, and goes there.
fn set_up() {
    let dirs = ["/run", "/srv", "/usr/local/bin", "/usr/share/bash-completion"];
    let more = ["/usr/share/man", "/usr/share/zsh", "/usr/share/fish"];
    for dir in dirs.iter().chain(&more) {
        fs::create_dir_all(dir).unwrap();
        run("mount", ["-t", "tmpfs", "tmpfs", dir]);
    }
    for dir in ["bash-completion/completions", "zsh/site-functions", "man/man1"] {
        fs::create_dir_all(Path::new("/usr/share").join(dir)).unwrap();
    }
    fs::create_dir_all("/usr/share/fish/vendor_completions.d").unwrap();
    fs::create_dir("/srv/shared").unwrap();
    for name in ["backup", "backupd", "sync-mail", "httpd", "dump", "poweroff"] {
        command(&Path::new("/usr/local/bin").join(name));
    }
    fs::create_dir("/srv/site").unwrap();
    command(Path::new("/srv/site/serve"));
    std::os::unix::fs::symlink(TENURE, "/usr/local/bin/tenure").unwrap();
    env::set_current_dir("/srv/site").unwrap();
}

/// A command that says what it was called with.
fn command(path: &Path) {
    fs::write(path, "#!/bin/sh\necho \"${0##*/}\" \"$@\"\n").unwrap();
    fs::set_permissions(path, Permissions::from_mode(0o755)).unwrap();
}

/// Holds the lockfile, until the session ends, and survives what it is passed on but TERM.
fn holder(lock: &str) -> Holder {
    let script = "trap : HUP; echo; while :; do sleep 1000; done";
    let mut holder = Command::new(TENURE);
    holder.args(["run", "--message", "nightly", lock, "--", "sh", "-c", script]);
    let mut holder = holder.stdout(Stdio::piped()).spawn().unwrap();
    let mut line = [0];
    std::io::Read::read_exact(holder.stdout.as_mut().unwrap(), &mut line).unwrap();
    Holder(holder)
}

/// One who holds a lock, until this is dropped.
struct Holder(Child);

impl Drop for Holder {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Runs the session of `verb`.
fn session(verb: &str) {
    run_session(&TestCases::new(), verb, TENURE);
}

/// Runs a session, in which `tenure` is the program at that path.
fn run_session(cases: &TestCases, name: &str, tenure: &str) {
    let host = fs::read_to_string("/proc/sys/kernel/hostname").unwrap().trim().to_owned();
    cases.register_bin("tenure", Bin::Path(tenure.into()));
    cases.register_bin("bash", Bin::Path("/bin/bash".into()));
    cases.insert_var("[HOST]", host).unwrap();
    cases.case(format!("{SESSIONS}/{name}.trycmd"));
    cases.run();
}

#[test]
fn run_does_as_documented() {
    elsewhere(NAMESPACES, &NEEDS, || {
        set_up();
        session("run");
    });
}

#[test]
fn exec_does_as_documented() {
    elsewhere(NAMESPACES, &NEEDS, || {
        set_up();
        session("exec");
    });
}

#[test]
fn status_does_as_documented() {
    elsewhere(NAMESPACES, &NEEDS, || {
        set_up();
        let _holder = holder("/run/backup.pid");
        session("status");
    });
}

#[test]
fn list_does_as_documented() {
    elsewhere(NAMESPACES, &NEEDS, || {
        set_up();
        let _holder = holder("/run/backup.pid");
        leave("/srv/shared/dead.pid");
        session("list");
    });
}

#[test]
fn watch_does_as_documented() {
    elsewhere(NAMESPACES, &NEEDS, || {
        set_up();
        leave("/run/backup.pid");
        session("watch");
    });
}

#[test]
fn wait_does_as_documented() {
    elsewhere(NAMESPACES, &NEEDS, || {
        set_up();
        let mut backupd = Lockfile::new("/run/backupd.pid").phase(Phase::Ready);
        backupd.try_lock().unwrap();
        session("wait");
    });
}

#[test]
fn stop_does_as_documented() {
    elsewhere(NAMESPACES, &NEEDS, || {
        set_up();
        let _holder = holder("/run/backup.pid");
        session("stop");
    });
}

#[test]
fn signal_does_as_documented() {
    elsewhere(NAMESPACES, &NEEDS, || {
        set_up();
        let _holder = holder("/run/backup.pid");
        session("signal");
    });
}

#[test]
fn unlock_does_as_documented() {
    elsewhere(NAMESPACES, &NEEDS, || {
        set_up();
        leave("/run/backup.pid");
        session("unlock");
    });
}

#[test]
fn break_does_as_documented() {
    elsewhere(NAMESPACES, &NEEDS, || {
        set_up();
        let record = r#"{"version":1,"pid":4242,"host":"batch-7","message":"month end",
            "boot_id":"another","machine":"another","nonce":"0f5b1a9c33e0d472"}"#;
        fs::write("/srv/shared/batch.lock", record).unwrap();
        session("break");
    });
}

#[test]
fn doctor_does_as_documented() {
    elsewhere(NAMESPACES, &NEEDS, || {
        set_up();
        session("doctor");
    });
}

#[test]
fn flock_does_as_documented() {
    elsewhere(NAMESPACES, &NEEDS, || {
        set_up();
        fs::write("/srv/state", "well\n").unwrap();
        let alone =
            r#"[ "$LOCKED" = "$0" ] || exec env LOCKED="$0" tenure flock -n "$0" "$0" "$@""#;
        fs::write("/srv/alone", format!("#!/bin/sh\n{alone}\necho alone \"$@\"\n")).unwrap();
        fs::set_permissions("/srv/alone", Permissions::from_mode(0o755)).unwrap();
        session("flock");
    });
}

#[test]
fn generate_does_as_documented() {
    elsewhere(NAMESPACES, &NEEDS, || {
        set_up();
        session("generate");
    });
}

/// A shell's part in a session: it knows where `~` is.
const AT_HOME: &str = r#"#!/bin/bash
words=()
for word; do
    case $word in "~/"*) word=$HOME/${word#"~/"} ;; esac
    words+=("$word")
done
exec tenure "${words[@]}"
"#;

#[test]
fn the_readme_shows_what_happens() {
    let needs: Vec<_> = NEEDS.into_iter().chain(["setpriv"]).collect();
    elsewhere(NAMESPACES, &needs, || {
        set_up();
        // A copy, because another user may not come as far as the original.
        fs::copy(TENURE, "/usr/local/bin/copy").unwrap();
        fs::rename("/usr/local/bin/copy", "/usr/local/bin/tenure").unwrap();
        for (home, user) in [("/srv/root", 0), ("/srv/ann", 65534)] {
            fs::create_dir(home).unwrap();
            fs::set_permissions(home, Permissions::from_mode(0o755)).unwrap();
            chown(home, Some(user), Some(user)).unwrap();
        }
        let tenure = "/srv/at-home";
        fs::write(tenure, AT_HOME).unwrap();
        fs::set_permissions(tenure, Permissions::from_mode(0o755)).unwrap();
        let cases = TestCases::new();
        cases.env("HOME", "/srv/root");
        cases.insert_var("[HOME]", "/srv/root").unwrap();
        run_session(&cases, "readme", tenure);
    });
}

/// The lines of the sessions in README.md.
fn lines_of_the_readme() -> Vec<String> {
    let readme = fs::read_to_string(format!("{PACKAGE}/README.md")).unwrap();
    let sessions = readme.split("```console\n").skip(1).map(|it| it.split_once("```").unwrap().0);
    sessions.flat_map(str::lines).filter(|line| !line.is_empty()).map(str::to_owned).collect()
}

/// Whether `line` is what `pattern` leaves open in brackets, and else the same.
fn fits(line: &str, pattern: &str) -> bool {
    let open = pattern.replace("[HOST]", "[..]").replace("[HOME]", "[..]");
    let mut fixed = open.split("[..]");
    let Some(mut rest) = line.strip_prefix(fixed.next().unwrap_or_default()) else { return false };
    let mut ends_fixed = true;
    for part in fixed {
        let Some(at) = rest.find(part) else { return false };
        rest = &rest[at + part.len()..];
        ends_fixed = !part.is_empty();
    }
    rest.is_empty() || !ends_fixed
}

#[test]
fn what_the_readme_shows_is_tried() {
    let session = fs::read_to_string(format!("{SESSIONS}/readme.trycmd")).unwrap();
    let lines = lines_of_the_readme();
    assert!(lines.iter().any(|line| line.starts_with("$ tenure ")), "{lines:?}");
    for line in &lines {
        let Some(command) = line.strip_prefix("$ ") else {
            assert!(session.lines().any(|pattern| fits(line, pattern)), "{line}");
            continue;
        };
        let command = command.replace("cargo run --features cli -- ", "tenure ");
        assert!(command.starts_with("cargo ") || session.contains(&command), "{command}");
    }
    assert!(lines.contains(&"$ cargo test --all-features".to_owned()), "{lines:?}");
}

#[test]
fn a_pattern_leaves_open_what_is_in_brackets_and_nothing_else() {
    assert!(fits("held by pid 42 on web-1", "held by pid [..] on [HOST]"));
    assert!(fits("hi", "hi"));
    assert!(!fits("held by pid 42 on web-1", "held by pid [..] at [HOST]"));
    assert!(!fits("hi there", "hi"));
    assert!(!fits("pid 42 lives on", "pid [..] lives"));
}

/// The documents at the front, and those that they lead to.
fn documents() -> Vec<PathBuf> {
    let is_text = |path: &PathBuf| path.extension().is_some_and(|extension| extension == "md");
    let files = |dir: &str| fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path());
    files(PACKAGE).chain(files(&format!("{PACKAGE}/docs"))).filter(is_text).collect()
}

/// What follows each `start` in `text`, up to the next `end`.
fn between<'a>(text: &'a str, start: &'a str, end: char) -> impl Iterator<Item = &'a str> {
    text.split(start).skip(1).filter_map(move |rest| Some(rest.split_once(end)?.0))
}

/// The heading as the address of a link has it.
fn anchor(heading: &str) -> String {
    let heading = heading.trim_start_matches('#').trim().to_lowercase();
    let kept = heading.chars().filter(|it| it.is_alphanumeric() || [' ', '-', '_'].contains(it));
    kept.map(|it| if it == ' ' { '-' } else { it }).collect()
}

#[test]
fn every_link_leads_somewhere() {
    // The package that is published has none of the peers.
    let peers = Path::new(PACKAGE).join("benches/peers").exists();
    let is_here = |link: &&str| !link.contains("://") && (peers || !link.contains("benches/peers"));
    for document in documents() {
        let text = fs::read_to_string(&document).unwrap();
        for link in between(&text, "](", ')').filter(is_here) {
            let (file, part) = link.split_once('#').unwrap_or((link, ""));
            let target = match file {
                "" => document.clone(),
                file => document.parent().unwrap().join(file),
            };
            assert!(target.exists(), "{}: {link}", document.display());
            if !part.is_empty() {
                let target = fs::read_to_string(target).unwrap();
                let mut headings = target.lines().filter(|line| line.starts_with('#'));
                let found = headings.any(|line| anchor(line) == part);
                assert!(found, "{}: {link}", document.display());
            }
        }
    }
}

#[test]
fn every_file_that_a_document_names_is_there() {
    for document in documents().iter().filter(|document| !document.ends_with("CHANGELOG.md")) {
        let text = fs::read_to_string(document).unwrap();
        let places =
            ["tests/", "src/", "examples/", "docs/", ".ci/", "findings/", "benches/peers/"];
        // The last three are not in the package that is published.
        for place in places.into_iter().filter(|place| Path::new(PACKAGE).join(place).exists()) {
            let names = between(&text, &format!("`{place}"), '`')
                .map(|rest| format!("{place}{rest}"))
                .filter(|name| !name.contains(['<', ' ', '*', '{']))
                .collect::<Vec<_>>();
            for name in names {
                let there = Path::new(PACKAGE).join(&name).exists();
                assert!(there, "{}: {name}", document.display());
            }
        }
    }
}

/// Of the package that is published, README.md links to nothing that is left out.
#[test]
fn the_readme_links_to_what_is_in_the_package() {
    let readme = fs::read_to_string(format!("{PACKAGE}/README.md")).unwrap();
    for link in between(&readme, "](", ')') {
        let left_out = [".ci", "findings", "fuzz", "benches/peers", ".."];
        assert!(!left_out.iter().any(|place| link.starts_with(place)), "{link}");
    }
}

/// A PID file of a process that is not there.
fn leave(lock: &str) {
    fs::write(lock, "4194303\n").unwrap();
    assert_eq!(Lockfile::new(lock).status().unwrap().state(), State::Stale);
}

#[test]
fn no_example_is_left_out() {
    let help = |words: &[&str]| {
        let output = Command::new(TENURE).args(words).arg("--help").output().unwrap();
        String::from_utf8(output.stdout).unwrap()
    };
    let verbs = help(&[]);
    let (_, verbs) = verbs.split_once("Commands:\n").unwrap();
    let names = verbs.lines().take_while(|line| !line.is_empty());
    let names = names.filter_map(|line| line.split_whitespace().next());
    for verb in names.filter(|name| *name != "help").chain(["generate"]) {
        let help = help(&[verb]);
        let (_, examples) = help.split_once("\nExamples:\n").unwrap();
        let session = fs::read_to_string(format!("{SESSIONS}/{verb}.trycmd")).unwrap();
        for example in examples.lines().map(str::trim) {
            // In a session the quotes of a shell may be within others.
            let shown = session.replace(r#"\""#, "\"");
            let is_script = example.starts_with("[ \"$LOCKED\"");
            assert!(is_script || shown.contains(example), "{verb}: {example}");
        }
    }
}
