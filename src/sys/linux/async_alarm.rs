//! epoll(7) and `timerfd_create(2)` - one descriptor for whatever ends a sleep, the time included.

use std::io;
use std::os::fd::{AsRawFd, BorrowedFd, RawFd};
use std::time::{Duration, Instant};

use nix::sys::epoll::{Epoll, EpollCreateFlags, EpollEvent, EpollFlags};
use nix::sys::time::TimeSpec;
use nix::sys::timerfd::{ClockId, Expiration, TimerFd, TimerFlags, TimerSetTimeFlags};
use tokio::io::Interest;
use tokio::io::unix::AsyncFd;

/// Becomes readable when one of its descriptors does, or it is late enough.
#[derive(Debug)]
pub(crate) struct Alarm {
    epoll: Epoll,
    /// Open for as long as the alarm is set.
    _timer: Option<TimerFd>,
}

impl Alarm {
    pub(crate) fn set(fds: &[BorrowedFd<'_>], until: Option<Instant>) -> io::Result<Self> {
        let epoll = Epoll::new(EpollCreateFlags::EPOLL_CLOEXEC)?;
        let readable = EpollEvent::new(EpollFlags::EPOLLIN, 0);
        for fd in fds {
            epoll.add(fd, readable)?;
        }
        let timer = until.map(timer).transpose()?;
        if let Some(timer) = &timer {
            epoll.add(timer, readable)?;
        }
        Ok(Self { epoll, _timer: timer })
    }

    /// Waits for it in a task of tokio.
    #[expect(unsafe_code, reason = "tokio wants a promise")]
    pub(crate) async fn wait(self) -> io::Result<()> {
        // SAFETY: the alarm owns its descriptor, and neither replaces nor closes it before it is
        // dropped, together with the registration.
        let alarm = unsafe { AsyncFd::register_with_interest(self, Interest::READABLE) }?;
        alarm.readable().await.map(drop)
    }
}

fn timer(until: Instant) -> nix::Result<TimerFd> {
    let timer = TimerFd::new(ClockId::CLOCK_MONOTONIC, TimerFlags::TFD_CLOEXEC)?;
    // A time of zero would be none at all.
    let left = until.saturating_duration_since(Instant::now()).max(Duration::from_nanos(1));
    let once = Expiration::OneShot(TimeSpec::from_duration(left));
    timer.set(once, TimerSetTimeFlags::empty())?;
    Ok(timer)
}

impl AsRawFd for Alarm {
    fn as_raw_fd(&self) -> RawFd {
        self.epoll.0.as_raw_fd()
    }
}
