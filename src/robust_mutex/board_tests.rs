use std::sync::atomic::AtomicBool;

use super::*;

fn words() -> [AtomicU64; BOARD_WORDS] {
    [const { AtomicU64::new(0) }; BOARD_WORDS]
}

fn at(millis: u64) -> SystemTime {
    SystemTime::UNIX_EPOCH + Duration::from_millis(millis)
}

/// A record of a length of its own, which says its PID throughout.
fn text(pid: u32) -> String {
    let filling = pid.to_string().repeat(pid as usize % 97);
    format!("{{\"version\":1,\"pid\":{pid},\"program\":\"{filling}\"}}")
}

#[test]
fn what_is_written_is_read_until_it_is_taken_back() {
    let words = words();
    let board = Board(&words);
    assert_eq!(board.read(|| 7), (None, 7));
    for (turn, pid) in [(1, 4242), (2, 97)] {
        board.write(text(pid).as_bytes(), at(12_345));
        assert!(board.is_written());
        let record = board.read(|| ()).0.unwrap();
        assert_eq!((record.pid, record.acquired_at), (pid, Some(at(12_345))));
        assert_eq!(record.nonce, Some(format!("{turn:016x}")));
        board.clear();
        assert!(!board.is_written());
        assert_eq!(board.read(|| ()).0, None);
    }
}

#[test]
fn a_reader_sees_one_record_or_none_and_never_two_halves() {
    let words = words();
    let (board, over) = (Board(&words), AtomicBool::new(false));
    std::thread::scope(|scope| {
        scope.spawn(|| {
            for pid in 1..100_000 {
                // Now and then the one before has died and not taken it back.
                if pid % 3 == 0 {
                    board.clear();
                }
                board.write(text(pid).as_bytes(), at(u64::from(pid)));
            }
            over.store(true, Ordering::Relaxed);
        });
        while !over.load(Ordering::Relaxed) {
            let Some(record) = board.read(std::thread::yield_now).0 else { continue };
            let pid = record.pid;
            assert_eq!(record.acquired_at, Some(at(u64::from(pid))));
            assert_eq!(record.program, Some(pid.to_string().repeat(pid as usize % 97)));
        }
    });
}

#[test]
fn what_is_read_and_what_is_seen_are_of_one_time() {
    let words = words();
    let board = Board(&words);
    board.write(text(1).as_bytes(), at(1));
    let looks = AtomicU64::new(0);
    let (record, look) = board.read(|| {
        let look = looks.fetch_add(1, Ordering::Relaxed);
        if look == 0 {
            // The holder releases, and another acquires.
            board.clear();
            board.write(text(2).as_bytes(), at(2));
        }
        look
    });
    assert_eq!((record.unwrap().pid, look), (2, 1));
}

#[test]
fn whatever_is_there_can_be_read() {
    let words = words();
    for word in &words {
        word.store(u64::MAX, Ordering::Relaxed);
    }
    assert_eq!(Board(&words).read(|| ()).0, None, "not text, and no such length");
    Board(&words).write(text(42).as_bytes(), at(1));
    assert_eq!(Board(&words).read(|| ()).0.unwrap().pid, 42);
}
