use nix::libc;

use super::*;

fn name(test: &str) -> String {
    format!("test-{}-{test}", std::process::id())
}

#[test]
fn the_front_goes_to_who_came_first_and_is_still_there() {
    let name = name("order");
    let first = Turnstile::enter(&name);
    let (gone, mut second, mut third) =
        (Turnstile::enter(&name), Turnstile::enter(&name), Turnstile::enter(&name));
    assert!(!first.is_behind() && second.is_behind() && third.is_behind());
    drop(gone);
    let luggage = std::fs::File::open("/dev/null").unwrap().into();
    assert!(first.leave(Some(luggage)).is_none());
    assert!(matches!(third.advance(), Advance::None));
    assert!(matches!(second.advance(), Advance::First { luggage: Some(_) }));
    drop(second);
    assert!(matches!(third.advance(), Advance::First { luggage: None }));
    drop(third);
    assert!(!Turnstile::enter(&name).is_behind(), "nothing is left of it");
}

#[test]
fn those_who_have_gone_do_not_fill_the_queue() {
    let name = name("tidy");
    let mut first = Turnstile::enter(&name);
    for _ in 0..10 {
        drop(Turnstile::enter(&name));
    }
    let mut second = Turnstile::enter(&name);
    for _ in 0..LOOKS {
        first.advance();
    }
    let Place::First(front) = &first.place else { panic!("{first:?}") };
    assert_eq!(front.waiting.borrow().len(), 1);
    drop(first);
    assert!(matches!(second.advance(), Advance::First { .. }));
}

/// What only root can try: to be another user, in this thread alone.
#[expect(unsafe_code, reason = "glibc's seteuid is for all threads")]
fn become_nobody() -> bool {
    // SAFETY: changes the effective user of this thread, and touches no memory.
    unsafe { libc::syscall(libc::SYS_setresuid, -1, 1, -1) == 0 }
}

#[test]
fn nothing_is_given_to_another_user_and_none_is_waited_behind() {
    let name = name("stranger");
    let full = format!("tenure-{}-{name}.0", geteuid());
    let first = Turnstile::enter(&name);
    let stranger = std::thread::spawn(move || {
        if !become_nobody() {
            return None;
        }
        let address = UnixAddr::new_abstract(full.as_bytes()).unwrap();
        let flags = SockFlag::SOCK_NONBLOCK;
        let socket = socket(AddressFamily::Unix, SockType::Stream, flags, None).unwrap();
        connect(socket.as_raw_fd(), &address).unwrap();
        Some(socket)
    });
    let Some(stranger) = stranger.join().unwrap() else { return };
    let mut second = Turnstile::enter(&name);
    drop(first);
    assert!(matches!(take_over(&stranger), Turn::Never), "it is told to go");
    assert!(matches!(second.advance(), Advance::First { .. }));

    let theirs = std::thread::spawn(move || {
        assert!(become_nobody());
        let address = UnixAddr::new_abstract(b"tenure-0-theirs.0").unwrap();
        try_place(&address).unwrap()
    });
    let _theirs = theirs.join().unwrap();
    let ours = Turnstile::enter("theirs");
    assert!(matches!(ours.place, Place::Aside), "{ours:?}");
}
