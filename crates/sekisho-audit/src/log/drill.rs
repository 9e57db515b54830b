//! A drill: a workload of appends, rolls, publications and starts on a disk in memory, in which any one operation can be
//! made to fail. Part of the crate, because a claim about crashes is worth what can be run again.
//!
//! What is asked after each failure:
//! * the next start works, without anybody's help;
//! * every entry that was acknowledged is there, in order, and nothing else but the group that was under way, whole;
//! * the root is the one computed plainly from the entries, and the tiles are those of that tree;
//! * the log goes on, and all that holds again after the plug was pulled once more.

mod oracle;

use std::fmt;

use super::{AppendError, Limits, OpenError, Recovered, Settings, Writer};
use crate::{
    note::SigningKey,
    vfs::{Dice, Fault, Memory},
};
use oracle::Oracle;

/// Entries in a group, at most.
const GROUP_MAX: u64 = 12;
/// Starts that a fault may spoil before one must work. One error spoils one; a disk without room spoils as many as there
/// are operations that find none.
const STARTS_MAX: u32 = 8;
const ORIGIN: &str = "drill.example/log";

/// A workload that has run once without failures.
pub struct Drill {
    seed: u64,
    oracle: Oracle,
    stretches: Vec<Stretch>,
    operations: u64,
}

/// From one start to the next, with the disk as it was before.
struct Stretch {
    fs: Memory,
    seed: u64,
    /// Operations before it.
    operations: u64,
    /// Entries that were acknowledged before it.
    size: u64,
    steps: Vec<Step>,
}

#[derive(Debug, Clone, Copy)]
enum Step {
    Append(u64),
    Publish,
}

/// The log did not keep a promise, and how to see it again.
#[derive(Debug)]
pub struct Failure {
    /// Seed of the drill.
    pub seed: u64,
    /// What was made to fail; empty when nothing was.
    pub faults: Vec<String>,
    /// What went wrong.
    pub what: String,
}

impl Drill {
    /// Draws a workload of about this many changing operations from the seed, and runs it without failures.
    ///
    /// # Errors
    /// [`Failure`], when the log does not even then do what it should.
    pub fn new(seed: u64, operations: u64) -> Result<Self, Failure> {
        let mut dice = Dice::new(seed);
        let mut drill = Self { seed, oracle: Oracle::new(seed), stretches: Vec::new(), operations: 0 };
        let mut fs = Memory::new(dice.draw(u64::MAX));
        let mut size = 0;
        while drill.operations < operations {
            let stretch = Stretch {
                seed: dice.draw(u64::MAX),
                operations: fs.operations(),
                size,
                steps: steps(&mut dice),
                fs: fs.clone(),
            };
            size += stretch.steps.iter().map(Step::entries).sum::<u64>();
            drill.oracle.grow(size + 8 * GROUP_MAX);
            let mut run = Run::of(&drill.oracle, &stretch);
            run.stretch(&stretch).map_err(|what| run.failure(seed, what))?;
            // A process ends in many ways; here it is killed, and sometimes the machine with it.
            run.writer = None;
            fs = if dice.draw(3) == 0 { run.fs.restart() } else { run.fs.clone() };
            drill.operations = fs.operations();
            drill.stretches.push(stretch);
        }
        Ok(drill)
    }

    /// Changing operations in the workload.
    pub fn operations(&self) -> u64 {
        self.operations
    }

    /// Runs the workload with the `operation`-th operation failing, counted from 1.
    ///
    /// # Errors
    /// [`Failure`].
    pub fn fail(&self, operation: u64, fault: Fault) -> Result<(), Failure> {
        self.aftermath(operation, fault).map(|_| ())
    }

    /// As [`Drill::fail`], and gives the disk as it is in the end, for others to judge.
    ///
    /// # Errors
    /// [`Failure`].
    pub fn aftermath(&self, operation: u64, fault: Fault) -> Result<Memory, Failure> {
        let at = self.stretches.partition_point(|stretch| stretch.operations < operation);
        let stretch = &self.stretches[at.saturating_sub(1)];
        let mut run = Run::of(&self.oracle, stretch);
        run.fs.fail_at(operation, fault);
        run.all(stretch).map_err(|what| run.failure(self.seed, what))?;
        run.writer = None;
        Ok(run.fs)
    }
}

fn steps(dice: &mut Dice) -> Vec<Step> {
    let count = 2 + dice.draw(18);
    (0..count)
        .map(|_| if dice.draw(5) == 0 { Step::Publish } else { Step::Append(1 + dice.draw(GROUP_MAX)) })
        .collect()
}

impl Step {
    fn entries(&self) -> u64 {
        match self {
            Self::Append(count) => *count,
            Self::Publish => 0,
        }
    }
}

/// One run of a stretch and what follows it.
struct Run<'a> {
    oracle: &'a Oracle,
    fs: Memory,
    writer: Option<Writer<Memory>>,
    /// Entries that were acknowledged.
    size: u64,
    /// Entries that were on their way when the log stopped: they may be there or not.
    in_flight: u64,
}

impl<'a> Run<'a> {
    fn of(oracle: &'a Oracle, stretch: &Stretch) -> Self {
        // The same seed in every run: all go the same way up to the fault.
        let fs = stretch.fs.fork(stretch.seed);
        Self { oracle, fs, writer: None, size: stretch.size, in_flight: 0 }
    }

    fn all(&mut self, stretch: &Stretch) -> Result<(), String> {
        self.stretch(stretch)?;
        self.start()?;
        for count in [1, GROUP_MAX, 3] {
            self.append_surely(count)?;
        }
        self.publish_surely()?;
        // Not published: the next start has a tail to read.
        self.append_surely(2)?;
        self.writer = None;
        self.fs = self.fs.restart();
        let recovered = self.start()?;
        if recovered.cut_bytes != 0 {
            return Err(format!(
                "{} bytes were cut off behind entries that were all acknowledged",
                recovered.cut_bytes
            ));
        }
        self.append_surely(1)?;
        self.publish_surely()?;
        self.oracle.check_tiles(&self.fs, self.size)
    }

    /// Opens the log and goes through the steps until one fails for good.
    fn stretch(&mut self, stretch: &Stretch) -> Result<(), String> {
        if self.try_start()?.is_none() {
            return Ok(());
        }
        for step in &stretch.steps {
            let goes_on = match step {
                Step::Append(count) => self.append(*count)?,
                Step::Publish => self.publish()?,
            };
            if goes_on == Outcome::Stopped {
                return Ok(());
            }
        }
        Ok(())
    }

    /// Starts, after whatever has happened. Checks that nothing is lost.
    fn start(&mut self) -> Result<Recovered, String> {
        for _ in 0..STARTS_MAX {
            self.writer = None;
            if self.fs.is_crashed() {
                self.fs = self.fs.restart();
            }
            if let Some(recovered) = self.try_start()? {
                return Ok(recovered);
            }
        }
        Err("no start works".to_owned())
    }

    /// None when the disk has failed; every other error is a broken promise.
    fn try_start(&mut self) -> Result<Option<Recovered>, String> {
        let opened = match Writer::open(self.fs.clone(), settings()) {
            Err(OpenError::NoLog) if self.size == 0 => {
                Writer::create(self.fs.clone(), settings()).map(|writer| (writer, None))
            }
            opened => opened.map(|(writer, recovered)| (writer, Some(recovered))),
        };
        let (writer, recovered) = match opened {
            Ok(opened) => opened,
            Err(OpenError::Io(_)) => return Ok(None),
            Err(error) => return Err(format!("the log does not start: {}", chain(&error))),
        };
        let found = writer.head().size;
        if found != self.size && found != self.size + self.in_flight {
            let Self { size, in_flight, .. } = self;
            return Err(format!("{found} entries, where {size} were acknowledged and {in_flight} under way"));
        }
        (self.size, self.in_flight) = (found, 0);
        self.oracle.check(&writer)?;
        let recovered = recovered.unwrap_or(Recovered {
            head: writer.head(),
            cut_bytes: 0,
            entries_read: 0,
            tiles_made: false,
        });
        if recovered.tiles_made {
            return Err("tiles were missing below the published size".to_owned());
        }
        self.writer = Some(writer);
        Ok(Some(recovered))
    }

    fn append(&mut self, count: u64) -> Result<Outcome, String> {
        let Some(writer) = &mut self.writer else { return Ok(Outcome::Stopped) };
        match writer.commit(self.oracle.leaves(self.size..self.size + count)) {
            Ok(committed) if committed.first == self.size && committed.count == count => {
                self.size += count;
                self.oracle.check_head(writer).map(|()| Outcome::Done)
            }
            Ok(committed) => Err(format!("acknowledged as {committed:?}")),
            Err(AppendError::NoSpace) => Ok(Outcome::NoSpace),
            Err(AppendError::Poisoned(_)) => {
                self.in_flight = count;
                Ok(Outcome::Stopped)
            }
            Err(error) => Err(format!("refused: {}", chain(&error))),
        }
    }

    fn publish(&mut self) -> Result<Outcome, String> {
        match self.writer.as_mut().map(Writer::publish) {
            Some(Ok(())) => Ok(Outcome::Done),
            Some(Err(AppendError::NoSpace)) => Ok(Outcome::NoSpace),
            None | Some(Err(AppendError::Poisoned(_))) => Ok(Outcome::Stopped),
            Some(Err(error)) => Err(format!("not published: {}", chain(&error))),
        }
    }

    /// Appends through whatever is left of a fault.
    fn append_surely(&mut self, count: u64) -> Result<(), String> {
        self.surely(|run| run.append(count))
    }

    fn publish_surely(&mut self) -> Result<(), String> {
        self.surely(Self::publish)
    }

    fn surely(&mut self, mut step: impl FnMut(&mut Self) -> Result<Outcome, String>) -> Result<(), String> {
        for _ in 0..8 {
            let before = self.size;
            match step(self)? {
                Outcome::Done => return Ok(()),
                Outcome::NoSpace => {}
                Outcome::Stopped => {
                    self.start()?;
                    if self.size != before {
                        return Ok(());
                    }
                }
            }
        }
        Err("the log does not go on".to_owned())
    }

    fn failure(&self, seed: u64, what: String) -> Failure {
        Failure { seed, faults: self.fs.failed(), what }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Outcome {
    Done,
    NoSpace,
    Stopped,
}

/// Segments so small that they roll all the time.
fn settings() -> Settings {
    let signer = SigningKey::from_seed(ORIGIN, &[7; 32]).expect("the name is a name");
    let limits = Limits { segment_bytes_max: 6000, ..Limits::default() };
    Settings { limits, ..Settings::new(signer) }
}

fn chain(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(Some(error), |error| error.source());
    causes.map(ToString::to_string).collect::<Vec<_>>().join(": ")
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "seed {}, {}: {}", self.seed, self.faults.join(", "), self.what)
    }
}

impl std::error::Error for Failure {}

impl fmt::Debug for Drill {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Drill")
            .field("seed", &self.seed)
            .field("operations", &self.operations)
            .field("starts", &self.stretches.len())
            .finish_non_exhaustive()
    }
}
