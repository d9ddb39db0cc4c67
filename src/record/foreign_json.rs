//! JSON of other programs: the usual names for what a record says.
//!
//! `hostname` is a host, `PID` and `processId` are PIDs, and a number may be text. Names are compared
//! without regard to case, underscores and hyphens.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::{Deserialize, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::types::Record;
use super::{ids, pid};

const PIDS: [&str; 2] = ["pid", "processid"];
/// The name of [`Record::more_pids`], without its underscore.
const MORE_PIDS: &str = "morepids";
const HOSTS: [&str; 3] = ["host", "hostname", "nodename"];

/// Reads an object that does not read as a record of this crate.
pub(super) fn parse(text: &str) -> Result<Record, String> {
    let fields = Fields::read(text)?;
    if fields.0.contains_key(MORE_PIDS) {
        return Err("its other process ids cannot be read".to_owned());
    }
    let pid = fields.number(&PIDS)?.ok_or("it names no process id")?;
    fields.complete(Record::bare(pid::in_range(pid)?))
}

/// Completes a record that the same text was read as, by this crate's own names.
pub(super) fn complete(record: Record, text: &str) -> Result<Record, String> {
    let fields = Fields::read(text)?;
    // Two names of a PID have to agree.
    fields.number(&PIDS)?;
    fields.complete(record)
}

/// The fields that mean something, by their names in lower case and without separators.
struct Fields(BTreeMap<String, Value>);

/// A value, as far as it can mean anything.
#[derive(Clone, Debug, PartialEq)]
enum Value {
    Text(String),
    Number(u64),
    Nothing,
    Other,
}

impl Fields {
    fn read(text: &str) -> Result<Self, String> {
        serde_json::from_str(text).map_err(|err| err.to_string())
    }

    /// The value under `names`, if there is one, and one only.
    fn value(&self, names: &[&str]) -> Result<Option<&Value>, String> {
        let found = names.iter().filter_map(|name| self.0.get(*name));
        let mut found = found.filter(|value| **value != Value::Nothing);
        let Some(first) = found.next() else { return Ok(None) };
        if found.any(|other| other != first) {
            return Err(format!("it has two values for {:?}", names[0]));
        }
        Ok(Some(first))
    }

    fn number(&self, names: &[&str]) -> Result<Option<u64>, String> {
        match self.value(names)? {
            None => Ok(None),
            Some(Value::Number(number)) => Ok(Some(*number)),
            Some(Value::Text(text)) if pid::is_digits(text.trim()) => {
                text.trim().parse().map(Some).map_err(|_| "a number is too large".to_owned())
            }
            Some(_) => Err(format!("{:?} is not a number", names[0])),
        }
    }

    fn text(&self, names: &[&str]) -> Result<Option<&str>, String> {
        match self.value(names)? {
            Some(Value::Text(text)) => Ok(Some(text.trim()).filter(|text| !text.is_empty())),
            None => Ok(None),
            Some(_) => Err(format!("{:?} is not text", names[0])),
        }
    }

    fn complete(&self, mut record: Record) -> Result<Record, String> {
        // Digits are no host.
        record.host = self.text(&HOSTS)?.filter(|host| !pid::is_digits(host)).map(str::to_owned);
        // An id of another form than Linux has says nothing that could be compared.
        record.boot_id = self.text(&["bootid"])?.and_then(ids::boot);
        record.machine = match self.text(&["machineid"])? {
            Some(id) => ids::machine(id),
            None => self.text(&["machine"])?.and_then(machine),
        };
        if record.pid_namespace.is_none() {
            record.pid_namespace = self.number(&["pidnamespace", "pidns"])?;
        }
        if record.start_ticks.is_none() {
            record.start_ticks = self.number(&["startticks"])?;
        }
        Ok(record)
    }
}

/// What our records have under `machine`, or a raw id.
fn machine(text: &str) -> Option<String> {
    let is_digest = text.len() == 16 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
    if is_digest { Some(text.to_owned()) } else { ids::machine(text) }
}

impl<'de> Deserialize<'de> for Fields {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Object;
        impl<'de> Visitor<'de> for Object {
            type Value = Fields;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("an object")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Fields, A::Error> {
                let mut fields = BTreeMap::new();
                while let Some(name) = map.next_key::<String>()? {
                    let name = name.to_lowercase().replace(['_', '-'], "");
                    let value: Value = map.next_value()?;
                    // `pid` and `PID` may both be there, if they say the same.
                    if fields.get(&name).is_some_and(|known| *known != value) {
                        return Err(serde::de::Error::custom("a name has two values"));
                    }
                    fields.insert(name, value);
                }
                Ok(Fields(fields))
            }
        }
        deserializer.deserialize_map(Object)
    }
}

impl<'de> Deserialize<'de> for Value {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Any;
        impl<'de> Visitor<'de> for Any {
            type Value = Value;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("any value")
            }

            fn visit_u64<E>(self, number: u64) -> Result<Value, E> {
                Ok(Value::Number(number))
            }

            fn visit_str<E>(self, text: &str) -> Result<Value, E> {
                Ok(Value::Text(text.to_owned()))
            }

            fn visit_unit<E>(self) -> Result<Value, E> {
                Ok(Value::Nothing)
            }

            fn visit_i64<E>(self, _: i64) -> Result<Value, E> {
                Ok(Value::Other)
            }

            fn visit_f64<E>(self, _: f64) -> Result<Value, E> {
                Ok(Value::Other)
            }

            fn visit_bool<E>(self, _: bool) -> Result<Value, E> {
                Ok(Value::Other)
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
                while items.next_element::<IgnoredAny>()?.is_some() {}
                Ok(Value::Other)
            }

            fn visit_map<A: MapAccess<'de>>(self, mut items: A) -> Result<Value, A::Error> {
                while items.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
                Ok(Value::Other)
            }
        }
        deserializer.deserialize_any(Any)
    }
}
