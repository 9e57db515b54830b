//! What entries say of one another: which records are open, held, erased, and which keys were used.

use std::collections::{HashMap, HashSet};

use crate::{
    clear::{Clear, Record},
    finding::{Finding, Report},
    leaf::{Kind, Leaf, Slot},
};

/// What is known after some entries.
#[derive(Default)]
pub(crate) struct Meaning {
    pub(crate) open: HashSet<Record>,
    /// Requests that were closed, and events: no leaf may be added to them.
    ended: HashSet<Record>,
    held: HashSet<Record>,
    /// Parts that wait for their record, with their entries.
    parts: HashMap<Record, u64>,
    /// Slots seen: a bit for each of a block of 4,096, by class and block.
    slots: HashMap<(u8, u64), Box<[u64; 64]>>,
    classes: HashMap<u8, Class>,
    pub(crate) erased: Erased,
    last_time_ms: u64,
}

/// What erasures name.
#[derive(Default)]
pub(crate) struct Erased {
    /// Leaves: the slot whose key was destroyed, and the entry that says so.
    pub(crate) leaves: HashMap<u64, (Slot, u64)>,
    /// Records, with the entry that says so.
    pub(crate) records: HashMap<Record, u64>,
}

/// The keys of one retention class.
#[derive(Default)]
struct Class {
    sealed: u64,
    erased: u64,
    /// The slot behind the greatest that was seen.
    end: u64,
    /// Slots below this one went with the class.
    floor: u64,
}

impl Meaning {
    /// Takes a leaf. What a clear one says comes to [`Meaning::clear`], when its signature was verified.
    pub(crate) fn leaf(&mut self, index: u64, leaf: &Leaf<'_>, report: &mut Report) {
        *report.kinds.entry(leaf.kind.name()).or_default() += 1;
        if leaf.time_ms < self.last_time_ms {
            let remark = Finding::new("time-backwards").with("index", index);
            report.remark(remark.with("ms", self.last_time_ms - leaf.time_ms));
        }
        self.last_time_ms = leaf.time_ms;
        let Some(slot) = leaf.slot() else { return };
        self.slot(index, slot, report);
        let record = leaf.record;
        if self.erased.records.contains_key(&record) {
            report.find(Finding::new("after-erasure").with("index", index));
        }
        let wrong = match leaf.kind {
            Kind::Part => {
                self.parts.entry(record).or_insert(index);
                return;
            }
            Kind::Open if self.ended.contains(&record) || !self.open.insert(record) => Some("opened-twice"),
            Kind::Close if !self.open.remove(&record) => Some("closed-unopened"),
            Kind::Close | Kind::Event if !self.ended.insert(record) => Some("record-twice"),
            Kind::Event if self.open.contains(&record) => Some("record-twice"),
            _ => None,
        };
        self.parts.remove(&record);
        if let Some(wrong) = wrong {
            report.find(Finding::new(wrong).with("index", index));
        }
    }

    /// A group has ended: every part has its record.
    pub(crate) fn group_ends(&mut self, report: &mut Report) {
        for (_, index) in self.parts.drain() {
            report.find(Finding::new("part-alone").with("index", index));
        }
    }

    fn slot(&mut self, index: u64, slot: Slot, report: &mut Report) {
        let block = self.slots.entry((slot.class, slot.number / 4_096)).or_insert_with(|| Box::new([0; 64]));
        let (word, bit) = ((slot.number % 4_096 / 64) as usize, 1 << (slot.number % 64));
        let class = self.classes.entry(slot.class).or_default();
        if block[word] & bit != 0 || slot.number < class.floor {
            let finding = Finding::new("slot-twice").with("index", index);
            report.find(finding.with("class", slot.class).with("slot", slot.number));
        }
        block[word] |= bit;
        class.sealed += 1;
        class.end = class.end.max(slot.number.saturating_add(1));
    }

    /// Takes what a clear leaf says; the key that it introduces is the caller's matter.
    pub(crate) fn clear(&mut self, index: u64, clear: &Clear, report: &mut Report) {
        match clear {
            Clear::Erase(records, leaves) => self.erase(index, records, leaves, report),
            Clear::EraseClass(below) => {
                let class = self.classes.entry(below.class).or_default();
                if class.sealed != class.erased || class.end > below.number {
                    let finding = Finding::new("class-not-erased").with("index", index);
                    report.find(finding.with("class", below.class).with("left", class.sealed - class.erased));
                }
                class.floor = class.floor.max(below.number);
            }
            Clear::Hold(records) => {
                for record in records {
                    if self.erased.records.contains_key(record) {
                        report.find(about("held-erased", index, record));
                    }
                    self.held.insert(*record);
                }
            }
            Clear::Release(records) => {
                for record in records.iter().filter(|record| !self.held.remove(*record)) {
                    report.find(about("released-unheld", index, record));
                }
            }
            Clear::Key(_) => {}
        }
    }

    fn erase(&mut self, index: u64, records: &[Record], leaves: &[(u64, Slot)], report: &mut Report) {
        for record in records {
            if self.held.contains(record) {
                report.find(about("erased-while-held", index, record));
            }
            if self.open.contains(record) {
                report.find(about("erased-open", index, record));
            }
            if self.erased.records.insert(*record, index).is_some() {
                report.find(about("erased-twice", index, record));
            }
        }
        for (target, slot) in leaves {
            if *target >= index {
                report.find(Finding::new("erased-unwritten").with("index", index));
            } else if self.erased.leaves.insert(*target, (*slot, index)).is_none() {
                report.erased += 1;
                let class = self.classes.entry(slot.class).or_default();
                class.erased = (class.erased + 1).min(class.sealed);
            }
        }
    }
}

pub(crate) fn about(what: &'static str, index: u64, record: &Record) -> Finding {
    let record = format!("{:032x}", u128::from_be_bytes(*record));
    Finding::new(what).with("index", index).with("record", record)
}
