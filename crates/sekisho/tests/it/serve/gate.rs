//! An installation in a folder of its own, the real binary on a port that nobody chose, and a client of a few lines.

use std::{
    fs,
    io::{Read, Write},
    net::TcpStream,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::{Arc, Mutex},
    thread,
    time::{Duration, Instant},
};

use sekisho_store::{GroupSpec, KeySpec, Kind, PrincipalSpec, Scope, Settings, Store};

use crate::run::Answer;

/// What is asked, and must stand in no log.
pub(super) const QUESTION: &str = "来月の予定表の書き方";
/// Longer than anything here takes, also on a busy machine.
const PATIENCE: Duration = Duration::from_secs(60);

/// Files and store of an installation.
pub(super) struct Installation {
    folder: tempfile::TempDir,
    store: Store,
}

/// A gate that runs.
pub(super) struct Gate {
    child: Option<Child>,
    address: String,
    log: Arc<Mutex<String>>,
}

/// What came back.
pub(super) struct Reply {
    pub(super) status: u16,
    pub(super) body: String,
}

/// An answer that is still coming.
pub(super) struct Coming(TcpStream);

/// Policies for everybody: those of the sample speak of purposes, which is not what these tests are about.
const POLICY: &str = r#"
@id("everybody-asks")
permit (principal, action == Action::"ask", resource);
"#;

impl Gate {
    /// The sample organisation's settings, with nobody in the store.
    pub(super) fn install() -> Installation {
        let folder = tempfile::tempdir().unwrap();
        let sample = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../data/sample/gate");
        for file in ["sekisho.toml", "scripted.toml"] {
            fs::copy(sample.join(file), folder.path().join(file)).unwrap();
        }
        fs::write(folder.path().join("access.cedar"), POLICY).unwrap();
        fs::create_dir(folder.path().join("data")).unwrap();
        let settings = Settings::at(folder.path().join("data/sekisho.db"));
        let store = Store::create(&settings).unwrap();
        Installation { folder, store }
    }

    pub(super) fn address(&self) -> &str {
        &self.address
    }

    pub(super) fn ask(&self, key: &str, model: &str, stream: bool) -> Reply {
        reply(&self.begin(key, model, stream).read_to_end())
    }

    /// Sends a question, and leaves the answer to be read.
    pub(super) fn begin(&self, key: &str, model: &str, stream: bool) -> Coming {
        let body = serde_json::json!({
            "model": model, "stream": stream, "messages": [{ "role": "user", "content": QUESTION }],
        });
        let body = body.to_string();
        let head = format!(
            "POST /v1/chat/completions HTTP/1.1\r\nhost: gate\r\nauthorization: Bearer {key}\r\n\
             content-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n",
            body.len()
        );
        self.send(&(head + &body))
    }

    pub(super) fn get(&self, path: &str, key: &str) -> Reply {
        let request = format!(
            "GET {path} HTTP/1.1\r\nhost: gate\r\nauthorization: Bearer {key}\r\nconnection: close\r\n\r\n"
        );
        reply(&self.send(&request).read_to_end())
    }

    /// Posts a body as Anthropic clients do.
    pub(super) fn post(&self, path: &str, key: &str, body: &serde_json::Value) -> Reply {
        let body = body.to_string();
        let head = format!(
            "POST {path} HTTP/1.1\r\nhost: gate\r\nx-api-key: {key}\r\ncontent-type: application/json\r\n\
             content-length: {}\r\nconnection: close\r\n\r\n",
            body.len()
        );
        reply(&self.send(&(head + &body)).read_to_end())
    }

    fn send(&self, request: &str) -> Coming {
        let mut socket = TcpStream::connect(&self.address).unwrap();
        socket.set_read_timeout(Some(PATIENCE)).unwrap();
        socket.write_all(request.as_bytes()).unwrap();
        Coming(socket)
    }

    pub(super) fn signal(&self, name: &str) {
        let pid = self.child.as_ref().unwrap().id();
        let status = Command::new("sh").args(["-c", &format!("kill -{name} {pid}")]).status().unwrap();
        assert!(status.success());
    }

    /// Waits until the log says that.
    pub(super) fn wait_for(&self, words: &str) -> String {
        let start = Instant::now();
        while start.elapsed() < PATIENCE {
            let log = self.log.lock().unwrap().clone();
            if log.contains(words) {
                return log;
            }
            thread::sleep(Duration::from_millis(10));
        }
        panic!("the log never said {words:?}: {}", self.log.lock().unwrap());
    }

    /// Tells it to stop, and gives its log.
    pub(super) fn stop(self) -> String {
        self.signal("TERM");
        let (status, log) = self.wait();
        assert_eq!(status, 0, "{log}");
        log
    }

    /// Kills it, as the lack of memory does.
    pub(super) fn kill(mut self) {
        let mut child = self.child.take().unwrap();
        child.kill().unwrap();
        child.wait().unwrap();
    }

    /// Waits for its end.
    pub(super) fn wait(mut self) -> (i32, String) {
        let mut child = self.child.take().unwrap();
        let start = Instant::now();
        let status = loop {
            if let Some(status) = child.try_wait().unwrap() {
                break status;
            }
            assert!(start.elapsed() < PATIENCE, "it does not stop: {}", self.log.lock().unwrap());
            thread::sleep(Duration::from_millis(10));
        };
        // The reader of its log has a last piece to take.
        thread::sleep(Duration::from_millis(50));
        (status.code().unwrap(), self.log.lock().unwrap().clone())
    }
}

impl Drop for Gate {
    fn drop(&mut self) {
        if let Some(mut child) = self.child.take() {
            child.kill().unwrap();
            child.wait().unwrap();
        }
    }
}

impl Installation {
    pub(super) fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(super) fn data(&self) -> PathBuf {
        self.path("data")
    }

    pub(super) fn store(&self) -> &Store {
        &self.store
    }

    /// Makes a principal in the group `somu`, whose key declares label 2, and gives the key.
    pub(super) fn person(&self, name: &str) -> String {
        let group = match self.store.group("somu") {
            Some(group) => group.id,
            None => self.store.add_group(&GroupSpec::new("somu")).unwrap(),
        };
        let who = self.store.add_principal(&PrincipalSpec::new(Kind::User, name)).unwrap();
        self.store.join(who, group).unwrap();
        let scope = Scope { label: Some("2".into()), ..Scope::default() };
        let spec = KeySpec { name: "test".into(), scope, expires_ms: None };
        self.store.create_key(who, &spec).unwrap().secret.expose().to_owned()
    }

    /// Changes a file as an editor would: the new one takes the place of the old.
    pub(super) fn edit(&self, file: &str, from: &str, to: &str) {
        let path = self.path(file);
        let text = fs::read_to_string(&path).unwrap();
        assert!(text.contains(from), "{file} has no {from}");
        let new = self.path(&format!("{file}.new"));
        fs::write(&new, text.replace(from, to)).unwrap();
        fs::rename(new, path).unwrap();
    }

    fn command(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_sekisho"));
        command.current_dir(self.folder.path()).env_clear().stdin(Stdio::null());
        command
    }

    /// Another command of the binary, in the same folder.
    pub(super) fn run(&self, arguments: &[&str]) -> Answer {
        self.run_with(arguments, &[])
    }

    pub(super) fn run_with(&self, arguments: &[&str], environment: &[(&str, &str)]) -> Answer {
        let output = self.command().args(arguments).envs(environment.iter().copied()).output().unwrap();
        Answer {
            status: output.status.code().unwrap(),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }

    /// Starts the gate, and waits until it listens.
    pub(super) fn start(&self, environment: &[(&str, &str)]) -> Gate {
        let mut command = self.command();
        command.args(["serve", "--config", "sekisho.toml", "--data", "data", "--listen", "127.0.0.1:0"]);
        command.envs(environment.iter().copied()).stdout(Stdio::null()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let mut stderr = child.stderr.take().unwrap();
        let log = Arc::new(Mutex::new(String::new()));
        let kept = Arc::clone(&log);
        thread::spawn(move || {
            let mut bytes = Vec::new();
            let mut piece = [0; 4096];
            while let Ok(count @ 1..) = stderr.read(&mut piece) {
                bytes.extend_from_slice(&piece[..count]);
                *kept.lock().unwrap() = String::from_utf8_lossy(&bytes).into_owned();
            }
        });
        let mut gate = Gate { child: Some(child), address: String::new(), log };
        let start = Instant::now();
        while gate.address.is_empty() {
            let log = gate.log.lock().unwrap().clone();
            if let Some((_, rest)) = log.split_once("http://") {
                let end = rest.find(|c: char| !c.is_ascii_digit() && !".:".contains(c));
                gate.address = end.map(|end| rest[..end].to_owned()).unwrap_or_default();
            }
            let ended = gate.child.as_mut().unwrap().try_wait().unwrap();
            assert!(ended.is_none() && start.elapsed() < PATIENCE, "it does not listen: {log}");
            thread::sleep(Duration::from_millis(10));
        }
        gate
    }
}

impl Coming {
    /// Reads until that was read.
    pub(super) fn read_until(&mut self, words: &str) -> String {
        let mut text = Vec::new();
        let mut byte = [0];
        while !text.ends_with(words.as_bytes()) {
            assert_eq!(self.0.read(&mut byte).unwrap(), 1, "{}", String::from_utf8_lossy(&text));
            text.push(byte[0]);
        }
        String::from_utf8_lossy(&text).into_owned()
    }

    pub(super) fn read_to_end(&mut self) -> String {
        let mut bytes = Vec::new();
        self.0.read_to_end(&mut bytes).unwrap();
        String::from_utf8_lossy(&bytes).into_owned()
    }
}

fn reply(text: &str) -> Reply {
    let (head, body) = text.split_once("\r\n\r\n").unwrap();
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    Reply { status, body: body.to_owned() }
}
