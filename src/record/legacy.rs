//! Lockfiles of other programs that are text, and neither JSON nor an S-expression.
//!
//! Each family has a file. This one decides by the first line which of them the text belongs to.

use super::json::SIGNATURE;
use super::types::{Content, READ_LIMIT, Record};
use super::{json, lines, pairs, pid, target, words};

/// Reads the text. What stands before the first line break decides about the rest.
pub(super) fn parse(text: &str) -> Content {
    debug_assert!(text.len() <= READ_LIMIT, "the caller bounds what is read");
    // Only a torn file has NUL after text; what stands before is read like a cut file.
    let text = text.trim_end_matches('\0').trim_end();
    if text.contains('\0') {
        return Content::Invalid("it is not text".to_owned());
    }
    // The blanks before the first number tell UUCP's lines from others.
    let lines: Vec<_> =
        text.lines().map(str::trim_end).skip_while(|line| line.is_empty()).collect();
    let Some((first, rest)) = lines.split_first() else { return Content::Blank };
    if let Some(json) = lines.iter().position(|line| line.trim_start().starts_with('{')) {
        let pids = lines[..json].iter().map(|line| line.trim()).filter(|line| !line.is_empty());
        let pids: Result<Vec<_>, _> = pids.map(pid::from_digits).collect();
        return match pids {
            Ok(pids) => with_json(&pids, lines[json..].join("\n").trim()),
            Err(_) => without_json(first, rest),
        };
    }
    without_json(first, rest)
}

fn without_json(first: &str, rest: &[&str]) -> Content {
    let read = match first.split_whitespace().collect::<Vec<_>>()[..] {
        [word] if pairs::begins(word) => pairs::parse(first, rest),
        [word] if word.contains([':', '@', ';']) && rest.iter().all(|line| line.is_empty()) => {
            target::parse_in_file(word)
                .ok_or_else(|| "it is neither a process id nor host:pid".to_owned())
        }
        [word] => lines::parse(word, rest),
        _ if pairs::begins(first) => pairs::parse(first, rest),
        _ => words::parse(first, rest),
    };
    read.map_or_else(Content::Invalid, |record| Content::Record(Box::new(record)))
}

/// `PidLine`: the JSON below the PID says more than the PID.
///
/// Where another program wrote its PID over the first line, and did not cut the file, the two lines
/// disagree. Then both count, and the record is no longer that of this crate.
fn with_json(pids: &[u32], json: &str) -> Content {
    let Some(first) = pids.first().copied() else {
        return json::parse(json);
    };
    match json::parse(json) {
        Content::Record(record) if pids == [record.pid] => Content::Record(record),
        Content::Record(record) => {
            let more_pids = pid::others(record.pid, pids.iter().chain(&record.more_pids));
            Content::Record(Box::new(Record { nonce: None, more_pids, ..*record }))
        }
        // Somebody else's second line: the first still is a PID file.
        Content::Invalid(_) if !json.starts_with(SIGNATURE) => {
            let more_pids = pid::others(first, pids);
            Content::Record(Box::new(Record { more_pids, ..Record::bare(first) }))
        }
        content => content,
    }
}
