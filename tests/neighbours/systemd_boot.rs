//! systemd as PID 1 of a container, with a service for each lockfile: `Type=forking` and `PIDFile=`.

use std::fmt::Write;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Command;

use crate::readers::{FORMATS, row};
use crate::support::elsewhere::elsewhere;
use crate::support::place;

const TENURE: &str = env!("CARGO_BIN_EXE_tenure");
const NEEDS: [&str; 3] = ["systemd-nspawn", "systemctl", "/usr/lib/systemd/systemd"];

/// What becomes of the holder before the service has started.
const STATES: [&str; 3] = ["held", "released", "stale"];

/// One service for each state and format, such as `held-pid`.
const SERVICE: &str = "[Unit]
DefaultDependencies=no
[Service]
Type=forking
PIDFile=/shared/%i.pid
ExecStart=/bin/sh /shared/start %i
";

/// A holder, or what is left of one. Of a live one, the PID is written down.
const START: &str = r#"
run() { "$TENURE" run --keep-file --format "${1#*-}" "/shared/$1.pid" -- sh -c "$2" "/shared/$1"; }
case $1 in
held-*) mkfifo "/shared/$1.fifo"
    run "$1" 'echo $PPID >"$0.fifo"; exec sleep infinity' &
    read -r holder <"/shared/$1.fifo"
    echo "$holder" >"/shared/$1.holder";;
released-*) run "$1" true; sleep infinity & ;;
stale-*) run "$1" 'kill -9 $PPID'; sleep infinity & ;;
esac
"#;

const TARGET: &str = "[Unit]\nDefaultDependencies=no\nRequires=tell.service\n";

const TELLER: &str = "[Unit]
DefaultDependencies=no
[Service]
Type=oneshot
StandardOutput=file:/shared/told
ExecStart=/bin/sh /shared/tell
";

/// Starts all services, and tells the main process of each once systemd has looked at its file. There is
/// none while a service starts whose `ExecStart=` has ended. Then stops one service, whose holder releases
/// the lockfile and keeps it.
const TELL: &str = r#"
for name in $NAMES; do systemctl start --no-block "one@$name"; done
for name in $NAMES; do
    settled=
    until [ $settled ]; do
        eval "$(systemctl show -p SubState -p ControlPID -p MainPID "one@$name")"
        case $SubState,$ControlPID in running,* | failed,* | start,0) settled=yes;; esac
    done
    echo "$name $MainPID"
done
systemctl stop one@held-pid-line
[ -e /shared/held-pid-line.pid ] || echo removed
systemctl exit 0
"#;

/// Writes what a container needs in order to boot, apart from `/usr`.
fn furnish(root: &Path, names: &str) {
    for name in
        ["dev", "etc/systemd/system", "proc", "root", "run", "shared", "sys", "tmp", "usr", "var"]
    {
        fs::create_dir_all(root.join(name)).unwrap();
    }
    for name in ["bin", "lib", "lib32", "lib64", "sbin"] {
        if let Ok(target) = fs::read_link(Path::new("/").join(name)) {
            symlink(target, root.join(name)).unwrap();
        }
    }
    let mut variables = String::new();
    writeln!(variables, "TENURE={TENURE}\nNAMES='{names}'").unwrap();
    for (name, text) in [
        ("etc/machine-id", "0123456789abcdef0123456789abcdef\n"),
        ("etc/os-release", "ID=tried\n"),
        ("etc/passwd", "root:x:0:0::/root:/bin/sh\n"),
        ("etc/group", "root:x:0:\n"),
        ("etc/systemd/system/default.target", TARGET),
        ("etc/systemd/system/one@.service", SERVICE),
        ("etc/systemd/system/tell.service", TELLER),
        ("shared/start", &format!("{variables}{START}")),
        ("shared/tell", &format!("{variables}{TELL}")),
    ] {
        fs::write(root.join(name), text).unwrap();
    }
}

fn boot(root: &Path) {
    let mut nspawn = Command::new("timeout");
    nspawn.args(["--signal=KILL", "60", "systemd-nspawn", "--quiet", "--register=no"]);
    nspawn.args(["--keep-unit", "--settings=no", "--private-users=no", "--link-journal=no"]);
    nspawn.args(["--resolv-conf=off", "--timezone=off", "--bind-ro=/usr", "--boot"]);
    nspawn.arg("--console=pipe").arg(format!("--bind-ro={TENURE}")).arg("--directory").arg(root);
    let output = nspawn.output().unwrap();
    let said = [output.stdout, output.stderr].concat();
    assert!(output.status.success(), "{}: {}", output.status, String::from_utf8_lossy(&said));
}

#[test]
fn systemd_finds_the_holder_and_nobody_else() {
    elsewhere("unshare -mpf --mount-proc --kill-child", &NEEDS, || {
        let root = place();
        let pairs =
            STATES.iter().flat_map(|state| FORMATS.map(|format| format!("{state}-{format}")));
        let names: Vec<_> = pairs.collect();
        furnish(root.dir(), &names.join(" "));
        boot(root.dir());

        let shared = root.dir().join("shared");
        let told = fs::read_to_string(shared.join("told")).unwrap();
        let mut expected = String::new();
        for name in names {
            let format = name.split_once('-').unwrap().1;
            let at = FORMATS.iter().position(|it| *it == format).unwrap();
            let holder = fs::read_to_string(shared.join(format!("{name}.holder")));
            // Only a live holder has written its PID down.
            assert_eq!(holder.is_ok(), name.starts_with("held-"), "{name}");
            let found = holder.ok().filter(|_| row("PIDFile=").reads[at]);
            writeln!(expected, "{name} {}", found.as_deref().unwrap_or("0").trim_end()).unwrap();
        }
        // By systemd, when the service has ended.
        expected += "removed\n";
        assert_eq!(told, expected);
    });
}
