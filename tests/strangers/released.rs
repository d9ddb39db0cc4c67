//! A released lockfile says so, under whatever name it is found.

use std::fs;

use tenure::{Error, Format, Lockfile, State};

use crate::program::{CommandExtension, Scene};
use crate::scene::ask;
use crate::support::elsewhere::{elsewhere, run};
use crate::support::place;

const FORMATS: [Format; 4] = [Format::Json, Format::PidLine, Format::Pid, Format::PidBare];

#[test]
fn a_lockfile_that_was_renamed_while_it_was_held_is_free_under_its_old_name_after_the_release() {
    for format in FORMATS {
        for keep in [false, true] {
            let place = place();
            let backup = place.dir().join("l.bak");
            let mut lock = Lockfile::new(&place.path).format(format).keep_file(keep);
            lock.try_lock().unwrap();
            fs::rename(&place.path, &backup).unwrap();
            let result = lock.unlock();
            assert!(matches!(result, Err(Error::RogueDeletion { .. })), "{format:?}: {result:?}");
            fs::rename(&backup, &place.path).unwrap();
            assert_eq!(lock.status().unwrap().state(), State::Free, "{format:?}");
            lock.try_lock().unwrap();
            assert_eq!(lock.recovered_from().map(tenure::Holder::pid), None, "{format:?}");
        }
    }
}

#[test]
fn a_drop_marks_a_renamed_lockfile_as_released() {
    for format in FORMATS {
        let place = place();
        let backup = place.dir().join("l.bak");
        let mut lock = Lockfile::new(&place.path).format(format);
        lock.try_lock().unwrap();
        fs::rename(&place.path, &backup).unwrap();
        drop(lock);
        fs::rename(&backup, &place.path).unwrap();
        let state = Lockfile::new(&place.path).status().unwrap().state();
        assert_eq!(state, State::Free, "{format:?}");
    }
}

#[test]
fn a_release_removes_one_of_two_names_and_the_other_says_released() {
    for format in FORMATS {
        let place = place();
        let other = place.dir().join("other.lock");
        let mut lock = Lockfile::new(&place.path).format(format);
        lock.try_lock().unwrap();
        fs::hard_link(&place.path, &other).unwrap();
        lock.unlock().unwrap();
        assert_eq!(place.names(), ["other.lock"], "{format:?}");
        let mut second = Lockfile::new(&other);
        assert_eq!(second.status().unwrap().state(), State::Free, "{format:?}");
        second.try_lock().unwrap();
    }
}

#[test]
fn a_lockfile_that_was_renamed_over_another_program_s_name_says_released_there() {
    let place = place();
    let other = place.dir().join("other.lock");
    let lock = Lockfile::acquire(&place.path).unwrap();
    fs::rename(&place.path, &other).unwrap();
    let mut next = Lockfile::acquire(&place.path).unwrap();
    drop(lock);
    assert_eq!(Lockfile::new(&other).status().unwrap().state(), State::Free);
    assert_eq!(next.status().unwrap().state(), State::Held);
    next.unlock().unwrap();
}

#[test]
fn a_lockfile_below_a_mount_is_free_after_the_release_and_the_unmount() {
    elsewhere("unshare -m", &["mount", "umount"], || {
        let place = place();
        let dir = place.dir().to_str().unwrap();
        let mut lock = Lockfile::acquire(&place.path).unwrap();
        run("mount", ["-t", "tmpfs", "none", dir]);
        let result = lock.unlock();
        assert!(matches!(result, Err(Error::RogueDeletion { replaced: false, .. })), "{result:?}");
        run("umount", [dir]);
        assert_eq!(lock.status().unwrap().state(), State::Free);
        lock.try_lock().unwrap();
        lock.unlock().unwrap();
    });
}

#[test]
fn a_lockfile_below_a_mount_with_another_lockfile_is_free_after_the_release() {
    elsewhere("unshare -m", &["mount", "umount"], || {
        let place = place();
        let dir = place.dir().to_str().unwrap();
        let mut lock = Lockfile::acquire(&place.path).unwrap();
        run("mount", ["-t", "tmpfs", "none", dir]);
        let mut above = Lockfile::acquire(&place.path).unwrap();
        let result = lock.unlock();
        assert!(matches!(result, Err(Error::RogueDeletion { replaced: true, .. })), "{result:?}");
        above.verify().unwrap();
        above.unlock().unwrap();
        run("umount", [dir]);
        assert_eq!(lock.status().unwrap().state(), State::Free);
    });
}

#[test]
fn a_lockfile_that_the_command_of_run_moved_away_and_back_later_is_free() {
    let scene = Scene::new();
    let ended = scene.run_script("trap '' TERM; mv \"$LOCK\" l.bak").ended();
    assert_eq!(ended.code, Some(79), "{ended:?}");
    fs::rename(scene.path("l.bak"), scene.lock()).unwrap();
    assert_eq!(scene.status(&[]).code, Some(3));
    assert_eq!(ask(&["run"], &scene.lock(), &["--", "true"]).code, Some(0));
}
