//! A line between two threads, or two processes, that both can speak and hear on: through this
//! machine's own network, because a handle of a socket cannot just be inherited.

use std::env;
use std::io;
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::process::{Child, Command};

/// Where whoever has started this process listens for it.
const PORT: &str = "TENURE_CONFORMANCE_PORT";

/// One end.
pub(crate) type Line = TcpStream;

fn listener() -> io::Result<(TcpListener, u16)> {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0))?;
    let port = listener.local_addr()?.port();
    Ok((listener, port))
}

fn dial(port: u16) -> io::Result<Line> {
    prompt(TcpStream::connect((Ipv4Addr::LOCALHOST, port))?)
}

/// What is said is sent at once.
fn prompt(line: Line) -> io::Result<Line> {
    line.set_nodelay(true)?;
    Ok(line)
}

/// The two ends.
pub(crate) fn line() -> io::Result<(Line, Line)> {
    let (listener, port) = listener()?;
    let theirs = dial(port)?;
    Ok((prompt(listener.accept()?.0)?, theirs))
}

/// Starts `command` with the other end.
pub(crate) fn spawn_with_line(command: &mut Command) -> io::Result<(Line, Child)> {
    let (listener, port) = listener()?;
    let child = command.env(PORT, port.to_string()).spawn()?;
    Ok((prompt(listener.accept()?.0)?, child))
}

/// The end that whoever has started this process gave it.
pub(crate) fn own_line() -> io::Result<Line> {
    let port = env::var(PORT).ok().and_then(|port| port.parse().ok());
    dial(port.ok_or(io::ErrorKind::NotFound)?)
}
