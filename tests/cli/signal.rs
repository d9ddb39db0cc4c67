//! `signal`: whatever signal, for the holder.

use crate::support::{CommandExtension, Ended, Running, Scene, tenure};

pub(crate) fn signal(scene: &Scene, signal: &str) -> Ended {
    tenure().arg("signal").arg(scene.lock()).arg(signal).ended()
}

#[test]
fn the_holder_gets_the_signal_by_whatever_name() {
    let scene = Scene::new();
    let mut holder = Running::start(scene.run_script("trap 'echo hup' HUP; while :; do cat; done"));
    for name in ["HUP", "SIGHUP", "hup", "1"] {
        holder.shakes_hands();
        let ended = signal(&scene, name);
        assert_eq!((ended.code, ended.stdout.as_str(), ended.stderr.as_str()), (Some(0), "", ""));
        assert_eq!(holder.line(), "hup", "{name}");
    }
}

#[test]
fn signal_0_tells_whether_there_is_somebody_to_signal() {
    let scene = Scene::new();
    let mut holder = scene.holder(&[]);
    assert_eq!(signal(&scene, "0").code, Some(0));
    holder.shakes_hands();
    holder.end();
    let ended = signal(&scene, "0");
    let told = format!("tenure: nobody holds {}\n", scene.lock().display());
    assert_eq!((ended.code, ended.stderr), (Some(1), told));
}

#[test]
fn what_is_no_signal_is_an_error_of_usage() {
    let scene = Scene::new();
    for wrong in ["", "-9", "65", "NONE"] {
        assert_eq!(signal(&scene, wrong).code, Some(64), "{wrong}");
    }
}

#[test]
fn what_is_not_a_lockfile_is_65() {
    let scene = Scene::new();
    scene.write("the.lock", "\x7fELF and so on");
    assert_eq!(signal(&scene, "0").code, Some(65));
}
