//! A schedule: who takes the next step, or is killed before it can.

use std::fmt;
use std::str::FromStr;

/// What happens at one point of a schedule. As a letter: the process in lower case steps, in upper
/// case it is killed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Choice {
    Step(usize),
    Kill(usize),
}

impl Choice {
    pub fn process(self) -> usize {
        match self {
            Self::Step(process) | Self::Kill(process) => process,
        }
    }
}

/// A program and what is done with it: `two_recover:aaabbA`. Where the letters end, the schedule
/// goes on without preemption.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Schedule {
    pub program: String,
    pub choices: Vec<Choice>,
}

impl fmt::Display for Schedule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:", self.program)?;
        self.choices.iter().try_for_each(|choice| write!(f, "{}", letter(*choice)))
    }
}

fn letter(choice: Choice) -> char {
    match choice {
        Choice::Step(process) => name(process),
        Choice::Kill(process) => name(process).to_ascii_uppercase(),
    }
}

/// The name of a process: a, b, c.
pub fn name(process: usize) -> char {
    ['a', 'b', 'c'][process]
}

impl FromStr for Schedule {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let (program, letters) = text.split_once(':').ok_or("a schedule is PROGRAM:LETTERS")?;
        let choices = letters.chars().map(choice).collect::<Result<_, _>>()?;
        Ok(Self { program: program.to_owned(), choices })
    }
}

fn choice(letter: char) -> Result<Choice, String> {
    let process = match letter.to_ascii_lowercase() {
        'a' => 0,
        'b' => 1,
        'c' => 2,
        _ => return Err(format!("{letter:?} is no process")),
    };
    Ok(if letter.is_ascii_uppercase() { Choice::Kill(process) } else { Choice::Step(process) })
}
