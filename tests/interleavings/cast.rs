//! The processes that play a program, again and again: one that was killed is replaced.

use nix::libc;
use nix::sys::signal::{Signal, raise};
use nix::unistd::Pid;
use tenure::Lockfile;

use super::board::Board;
use super::calls;
use super::place::Names;
use super::program::{Actor, Program, Script, Site};
use super::tracee::{Hung, State, Tracee};

/// A program and all that it takes to run it.
pub struct Cast<'a> {
    pub program: &'a Program,
    pub site: Site,
    pub board: Board,
    pub processes: Vec<Tracee>,
    pub narrate: bool,
}

impl<'a> Cast<'a> {
    pub fn new(program: &'a Program, narrate: bool) -> Self {
        calls::prepare();
        let (site, board) = (Site::new(), Board::new());
        Self { program, site, board, processes: Vec::new(), narrate }
    }

    /// Puts everything back to where it was, and every process before its first call.
    pub fn take_places(&mut self) -> Result<(), Hung> {
        self.board.clear();
        self.site.clear();
        (self.program.before)(&self.site);
        for number in 0..self.program.scripts.len() {
            match self.processes.get(number).map(|process| &process.state) {
                Some(State::Idle) => {}
                Some(_) => self.processes[number] = self.engage(number)?,
                None => self.processes.push(self.engage(number)?),
            }
        }
        // One after the other: who begins by holding has to be there before the others look.
        for number in 0..self.processes.len() {
            match self.board.announced(number) {
                Some(pid) => {
                    let pid = Pid::from_raw(pid);
                    self.processes[number] =
                        Tracee::adopt(pid, self.site.dir(), None, self.narrate)?;
                }
                None => self.processes[number].prepare()?,
            }
        }
        self.processes.iter_mut().try_for_each(Tracee::begin)
    }

    fn engage(&self, number: usize) -> Result<Tracee, Hung> {
        let (path, board, script) = (&*self.site.path, self.board, self.program.scripts[number]);
        let actor = Actor { path, number, board, linked: self.program.linked };
        let names = self.program.linked.then(|| Names::new(self.program.slow));
        Tracee::fork(self.site.dir(), names, self.narrate, || {
            complain_when_panicking(board, number);
            learn(&self.site);
            calls::stop_at_them();
            play(&actor, script);
        })
    }
}

/// The life of a process: to stop and be told to prepare, to stop and be told to begin.
fn play(actor: &Actor<'_>, script: Script) -> ! {
    loop {
        raise(Signal::SIGSTOP).expect("a process can stop itself");
        let main = script(actor);
        raise(Signal::SIGSTOP).expect("a process can stop itself");
        main();
    }
}

/// What the library finds out about its process once, and would otherwise look up in between.
fn learn(site: &Site) {
    let mut lock = Lockfile::new(&site.elsewhere);
    lock.try_lock().expect("nobody else is there");
    lock.unlock().expect("it is held");
}

/// From here on, a panic is a complaint to the explorer, and the end of this process: it leaves
/// everything as it is.
#[expect(unsafe_code, reason = "std's exit would flush and unwind")]
pub fn complain_when_panicking(board: Board, number: usize) {
    std::panic::set_hook(Box::new(move |panic| {
        board.complain(number, &panic.to_string().replace('\n', " "));
        // SAFETY: ends the process at once.
        unsafe { libc::_exit(101) }
    }));
}
