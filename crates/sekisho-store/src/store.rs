//! The store of one installation: opened once, shared by all.

use std::{
    path::{Path, PathBuf},
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, RwLock},
    thread::{self, JoinHandle},
    time::Duration,
};

use rusqlite::{Connection, Transaction, TransactionBehavior};

use crate::{
    amount::Amount,
    change::check_actor,
    clock::{Clock, Month, UtcOffset},
    database::{self, MIGRATIONS},
    directory::Directory,
    entropy::{Entropy, OsEntropy},
    error::{Error, Item, ReserveError},
    hold::{Charge, Hold, Ungiven},
    ledger::{Attempt, Ledger},
    name::check_word,
    pepper::{Pepper, sync_folder},
    run::{self, RunLock},
    setting, worker,
};

/// How often use is written, and the writes of other processes are noticed, unless the settings say otherwise.
const TICK: Duration = Duration::from_millis(250);

/// Who makes changes, unless the settings say otherwise.
const ACTOR: &str = "sekisho";

/// How a store is opened.
#[derive(Clone)]
pub struct Settings {
    /// The database. Beside it lie its pepper (`.pepper`), the files of SQLite and a folder of locks (`.runs`).
    pub path: PathBuf,
    /// Where a month ends.
    pub offset: UtcOffset,
    /// How often use is written and the writes of other processes are noticed. `None`: no thread is started, and the
    /// caller calls [`Store::refresh`] and [`Store::flush`].
    pub tick: Option<Duration>,
    /// Where the time comes from.
    pub clock: Arc<dyn Clock>,
    /// Where keys come from.
    pub entropy: Arc<dyn Entropy>,
    /// Whose the changes are that this process makes: [`crate::Change`], [`Store::acting_as`].
    pub actor: String,
}

impl Settings {
    /// As in earnest: JST, four times a second, time and entropy of the machine.
    pub fn at(path: impl Into<PathBuf>) -> Self {
        let now_ms = || {
            let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
            since.map_or(0, |since| since.as_millis() as u64)
        };
        Self {
            path: path.into(),
            offset: UtcOffset::JST,
            tick: Some(TICK),
            clock: Arc::new(now_ms),
            entropy: Arc::new(OsEntropy),
            actor: ACTOR.to_owned(),
        }
    }

    /// The file of the pepper.
    pub fn pepper_path(&self) -> PathBuf {
        beside(&self.path, ".pepper")
    }

    fn runs_path(&self) -> PathBuf {
        beside(&self.path, ".runs")
    }
}

pub(crate) fn beside(path: &Path, ending: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(ending);
    PathBuf::from(name)
}

/// Durable state of one installation. Cheap to clone; the last clone that goes away closes it.
#[derive(Clone)]
pub struct Store {
    shared: Arc<Shared>,
    owner: Arc<Owner>,
    pub(crate) actor: Arc<str>,
}

/// How the store is doing.
#[derive(Debug, Clone)]
pub struct Health {
    /// Why the last write failed; `None` when it did not.
    pub last_error: Option<Error>,
    /// Holds that are open in this process.
    pub open_holds: usize,
    /// Reservations that wait for the disk.
    pub waiting: usize,
    /// Budgets with use that is not written yet.
    pub unwritten: usize,
}

pub(crate) struct Shared {
    settings: Settings,
    pepper: Pepper,
    directory: RwLock<Arc<Directory>>,
    ledger: Mutex<Ledger>,
    pub(crate) wake: Condvar,
    database: Mutex<Database>,
    reader: Mutex<Connection>,
    /// What is waited for before use is booked.
    behind: Mutex<Option<Wait>>,
}

/// Returns when what tells of use elsewhere is durable.
type Wait = Arc<dyn Fn() + Send + Sync>;

/// The one connection that writes. Taken before the ledger, never after it.
pub(crate) struct Database {
    pub(crate) connection: Connection,
    /// Of the file, when it was last looked at: another connection has written when it is another.
    seen_data: i64,
    /// Of the directory in memory: another process has changed it when it is another.
    seen_directory: u64,
    pub(crate) run: Option<RunLock>,
    pub(crate) folder: PathBuf,
}

/// Ends the thread when nobody holds the store any more.
struct Owner {
    shared: Arc<Shared>,
    thread: Mutex<Option<JoinHandle<()>>>,
}

impl Drop for Owner {
    fn drop(&mut self) {
        // Who wants to know whether it worked calls `close`.
        drop(self.close());
    }
}

impl Store {
    /// Makes a new store. The folder must exist.
    ///
    /// # Errors
    /// [`Error::Exists`] when there is one, or the disk failed.
    pub fn create(settings: &Settings) -> Result<Self, Error> {
        match database::create_file(&settings.path) {
            Ok(()) => {}
            Err(cause) if cause.kind() == std::io::ErrorKind::AlreadyExists => {
                // What a crash left in the middle of making it is empty, and may be made again.
                database::refuse_open_to_others(&settings.path)?;
                if database::schema(&database::open(&settings.path)?)? > 0 {
                    return Err(Error::exists(Item::Database, settings.path.display()));
                }
            }
            Err(cause) => return Err(Error::file(&settings.path, cause)),
        }
        sync_folder(&settings.path).map_err(|cause| Error::file(&settings.path, cause))?;
        let pepper = Pepper::read_or_create(&settings.pepper_path(), &*settings.entropy)?;
        Self::start(settings, pepper)
    }

    /// Opens a store that exists, and brings its schema up to date.
    ///
    /// # Errors
    /// [`Error::NoSuch`] when there is none; [`Error::NotAStore`], [`Error::Newer`], [`Error::Pepper`],
    /// [`Error::TooOpen`], [`Error::Damaged`], or the disk failed.
    pub fn open(settings: &Settings) -> Result<Self, Error> {
        if !settings.path.try_exists().map_err(|cause| Error::file(&settings.path, cause))? {
            return Err(Error::no_such(Item::Database, settings.path.display()));
        }
        database::refuse_open_to_others(&settings.path)?;
        let pepper = Pepper::read(&settings.pepper_path())?;
        if database::schema(&database::open(&settings.path)?)? == 0 {
            return Err(Error::no_such(Item::Database, settings.path.display()));
        }
        Self::start(settings, pepper)
    }

    fn start(settings: &Settings, pepper: Pepper) -> Result<Self, Error> {
        check_actor(&settings.actor)?;
        let mut connection = database::open(&settings.path)?;
        database::migrate(&mut connection, MIGRATIONS)?;
        let transaction = database::begin(&mut connection)?;
        setting::check_pepper(&transaction, &pepper, settings.clock.now_ms())?;
        transaction.commit()?;
        let reader = database::open(&settings.path)?;
        reader.pragma_update(None, "query_only", true)?;
        let seen_data = database::data_version(&connection)?;
        let seen_directory = setting::directory_version(&connection)?;
        let directory = Arc::new(load(&mut connection, None)?);
        let ledger = Ledger { directory: Arc::clone(&directory), ..Ledger::default() };
        let shared = Arc::new(Shared {
            settings: settings.clone(),
            pepper,
            directory: RwLock::new(directory),
            ledger: Mutex::new(ledger),
            wake: Condvar::new(),
            database: Mutex::new(Database {
                connection,
                seen_data,
                seen_directory,
                run: None,
                folder: settings.runs_path(),
            }),
            reader: Mutex::new(reader),
            behind: Mutex::default(),
        });
        let thread = match settings.tick {
            None => None,
            Some(tick) => {
                let shared = Arc::clone(&shared);
                let builder = thread::Builder::new().name("sekisho-store".to_owned());
                let thread = builder.spawn(move || worker::run(&shared, tick));
                Some(thread.map_err(|cause| Error::file(&settings.path, cause))?)
            }
        };
        let owner = Arc::new(Owner { shared: Arc::clone(&shared), thread: Mutex::new(thread) });
        Ok(Self { shared, owner, actor: Arc::from(settings.actor.as_str()) })
    }

    /// Reserves an upper bound of what a call may use, for its principal and all its groups: from all of them or from none.
    ///
    /// Ready at once in nearly all cases, and never blocks the thread; dropped while it waits, it reserves nothing.
    ///
    /// # Errors
    /// [`ReserveError::Exceeded`] when a budget does not allow it, or the store failed.
    pub async fn reserve(&self, charge: Charge, amount: Amount) -> Result<Hold, ReserveError> {
        match self.attempt(charge, amount)? {
            Attempt::Held(hold) => Ok(hold),
            Attempt::Refused(error) => Err(error),
            Attempt::Queued(answer) => answered(answer.await.map_err(|_| Error::Closed)?),
        }
    }

    /// The same for threads that may wait.
    ///
    /// # Errors
    /// As of [`Store::reserve`].
    pub fn reserve_blocking(&self, charge: Charge, amount: Amount) -> Result<Hold, ReserveError> {
        match self.attempt(charge, amount)? {
            Attempt::Held(hold) => Ok(hold),
            Attempt::Refused(error) => Err(error),
            Attempt::Queued(mut answer) => {
                if self.shared.settings.tick.is_some() {
                    return answered(answer.blocking_recv().map_err(|_| Error::Closed)?);
                }
                loop {
                    // Its error, if any, is in the answer.
                    drop(self.shared.cycle());
                    match answer.try_recv() {
                        Ok(answer) => return answered(answer),
                        Err(tokio::sync::oneshot::error::TryRecvError::Empty) => {}
                        Err(tokio::sync::oneshot::error::TryRecvError::Closed) => {
                            return Err(Error::Closed.into());
                        }
                    }
                }
            }
        }
    }

    fn attempt(&self, charge: Charge, amount: Amount) -> Result<Attempt, Error> {
        check_word(&charge.model).map_err(|cause| Error::Name { item: Item::Model, cause })?;
        let month = self.shared.month();
        let mut ledger = self.shared.ledger();
        let was_work = ledger.is_work;
        let attempt = ledger.reserve(&self.shared, charge, amount.clamped(), month);
        let is_new_work = ledger.is_work && !was_work;
        drop(ledger);
        if is_new_work {
            self.shared.wake.notify_one();
        }
        Ok(attempt)
    }

    /// Takes over what other processes have written since the last time: keys, limits, groups. The thread of the store does
    /// it at each tick. `false` when they have written nothing.
    ///
    /// # Errors
    /// The store failed; what was known before goes on counting.
    pub fn refresh(&self) -> Result<bool, Error> {
        self.shared.refresh()
    }

    /// Writes all use of budgets and keys that is not written yet. The thread of the store does it at each tick.
    ///
    /// # Errors
    /// The store failed; what was to be written is kept for the next time.
    pub fn flush(&self) -> Result<(), Error> {
        self.shared.keep_house()
    }

    /// Writes everything, gives back what was leased and not used, and takes no reservations any more. Holds that are
    /// still open stay counted, as after a crash.
    ///
    /// # Errors
    /// The store failed; what could not be written is as after a crash.
    pub fn close(&self) -> Result<(), Error> {
        self.owner.close()
    }

    /// Books use behind an audit log: before each booking `wait` is called, and returns when everything that was recorded
    /// before is durable there. Whoever records the end of a call before settling its hold then finds every booked call in
    /// the log after a crash. It must not use the store.
    pub fn book_behind(&self, wait: impl Fn() + Send + Sync + 'static) {
        *self.shared.behind.lock().unwrap_or_else(PoisonError::into_inner) = Some(Arc::new(wait));
    }

    /// How the store is doing.
    pub fn health(&self) -> Health {
        let ledger = self.shared.ledger();
        Health {
            last_error: ledger.last_error.clone(),
            open_holds: ledger.open.len(),
            waiting: ledger.waiters.len(),
            unwritten: ledger.pending.len(),
        }
    }

    /// The calendar month that counts now.
    pub fn month(&self) -> Month {
        self.shared.month()
    }

    /// Changes the database in one transaction, and takes over what came of it.
    pub(crate) fn change<T>(
        &self,
        make: impl FnOnce(&Transaction<'_>) -> Result<T, Error>,
    ) -> Result<T, Error> {
        self.shared.change(false, make)
    }

    pub(crate) fn shared(&self) -> &Arc<Shared> {
        &self.shared
    }

    pub(crate) fn directory(&self) -> Arc<Directory> {
        self.shared.directory()
    }

    pub(crate) fn now_ms(&self) -> u64 {
        self.shared.now_ms()
    }

    pub(crate) fn pepper(&self) -> &Pepper {
        &self.shared.pepper
    }

    pub(crate) fn entropy(&self) -> &dyn Entropy {
        &*self.shared.settings.entropy
    }
}

fn answered(answer: Result<Ungiven, ReserveError>) -> Result<Hold, ReserveError> {
    answer?.take().ok_or(Error::Closed.into())
}

/// Reads the directory as it is at one moment.
fn load(connection: &mut Connection, before: Option<&Directory>) -> Result<Directory, Error> {
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Deferred)?;
    Directory::load(&transaction, before)
}

impl Shared {
    pub(crate) fn ledger(&self) -> MutexGuard<'_, Ledger> {
        self.ledger.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn database(&self) -> MutexGuard<'_, Database> {
        self.database.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The connection for lists and reports, which do not keep the writer waiting.
    pub(crate) fn reader(&self) -> MutexGuard<'_, Connection> {
        self.reader.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn directory(&self) -> Arc<Directory> {
        Arc::clone(&self.directory.read().unwrap_or_else(PoisonError::into_inner))
    }

    /// Waits until use that was settled before may be booked.
    pub(crate) fn wait_behind(&self) {
        let wait = self.behind.lock().unwrap_or_else(PoisonError::into_inner).clone();
        if let Some(wait) = wait {
            wait();
        }
    }

    pub(crate) fn settings(&self) -> &Settings {
        &self.settings
    }

    pub(crate) fn now_ms(&self) -> u64 {
        self.settings.clock.now_ms()
    }

    pub(crate) fn month(&self) -> Month {
        Month::of(self.now_ms(), self.settings.offset)
    }

    /// `is_foreign`: what is left of budgets has changed as well.
    pub(crate) fn change<T>(
        &self,
        is_foreign: bool,
        make: impl FnOnce(&Transaction<'_>) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let mut database = self.database();
        let transaction = database::begin(&mut database.connection)?;
        let made = make(&transaction)?;
        let version = setting::count_change(&transaction, self.now_ms())?;
        transaction.commit()?;
        self.take_over(&mut database, is_foreign)?;
        database.seen_directory = version;
        Ok(made)
    }

    pub(crate) fn refresh(&self) -> Result<bool, Error> {
        let mut database = self.database();
        let data = database::data_version(&database.connection)?;
        if data == database.seen_data {
            return Ok(false);
        }
        // Before the directory is read, so that a change between the two is read once more and not missed.
        let version = setting::directory_version(&database.connection)?;
        if version == database.seen_directory {
            // Only use and leases: another process that serves writes them several times a second.
            self.ledger().set_directory(self.directory(), true);
        } else {
            self.take_over(&mut database, true)?;
            database.seen_directory = version;
        }
        database.seen_data = data;
        Ok(true)
    }

    fn take_over(&self, database: &mut Database, is_foreign: bool) -> Result<(), Error> {
        let before = self.directory();
        let directory = Arc::new(load(&mut database.connection, Some(&before))?);
        *self.directory.write().unwrap_or_else(PoisonError::into_inner) = Arc::clone(&directory);
        let mut ledger = self.ledger();
        ledger.set_directory(directory, is_foreign);
        let is_work = ledger.is_work;
        drop(ledger);
        if is_work {
            self.wake.notify_one();
        }
        Ok(())
    }
}

impl Owner {
    fn close(&self) -> Result<(), Error> {
        {
            let mut ledger = self.shared.ledger();
            ledger.is_closed = true;
            self.shared.wake.notify_all();
        }
        if let Some(thread) = self.thread.lock().unwrap_or_else(PoisonError::into_inner).take() {
            // A thread that has panicked has written nothing by halves: each cycle is a transaction.
            drop(thread.join());
        }
        {
            let mut ledger = self.shared.ledger();
            let Ledger { accounts, touched, .. } = &mut *ledger;
            for (key, account) in accounts {
                account.is_trim = true;
                touched.insert(*key);
            }
        }
        self.shared.cycle()?;
        self.shared.write_last_uses()?;
        let mut database = self.shared.database();
        let mut ledger = self.shared.ledger();
        if let Some(run) = ledger.run.filter(|_| ledger.open.is_empty() && ledger.pending.is_empty()) {
            let transaction = database::begin(&mut database.connection)?;
            run::end(&transaction, run)?;
            transaction.commit()?;
            ledger.run = None;
            database.run = None;
        }
        Ok(())
    }
}
