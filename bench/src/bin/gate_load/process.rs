//! The programs that are compared, each a process of its own, and what they use.

use std::{
    error::Error,
    fs,
    net::{SocketAddr, TcpStream},
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

/// A program that listens. It ends with this value.
pub(crate) struct Process {
    pub(crate) name: &'static str,
    pub(crate) address: SocketAddr,
    child: Child,
}

impl Process {
    /// Starts it and waits until it listens.
    pub(crate) fn start(
        name: &'static str,
        address: SocketAddr,
        command: &mut Command,
    ) -> Result<Self, Box<dyn Error>> {
        const PATIENCE: Duration = Duration::from_secs(30);
        let child = command.stdin(Stdio::null()).stdout(Stdio::null()).spawn()?;
        let mut process = Self { name, address, child };
        let begin = Instant::now();
        while TcpStream::connect(address).is_err() {
            if process.child.try_wait()?.is_some() || begin.elapsed() > PATIENCE {
                return Err(format!("{name} does not listen on {address}").into());
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        Ok(process)
    }

    /// Asks it to end, and waits until it has.
    pub(crate) fn stop(mut self) -> Result<(), Box<dyn Error>> {
        Command::new("kill").arg(self.child.id().to_string()).status()?;
        self.child.wait()?;
        Ok(())
    }

    /// Time on a processor so far, of all its threads and processes below it.
    pub(crate) fn cpu(&self) -> Duration {
        family(self.child.id()).into_iter().flat_map(tasks).sum()
    }

    /// Memory that is its own or shared, in KiB.
    pub(crate) fn resident_kib(&self) -> u64 {
        family(self.child.id()).into_iter().filter_map(resident).sum()
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        self.child.kill().ok();
        self.child.wait().ok();
    }
}

/// The process and its children.
fn family(id: u32) -> Vec<u32> {
    let children = fs::read_to_string(format!("/proc/{id}/task/{id}/children")).unwrap_or_default();
    std::iter::once(id).chain(children.split_whitespace().filter_map(|child| child.parse().ok())).collect()
}

fn tasks(id: u32) -> Vec<Duration> {
    let Ok(tasks) = fs::read_dir(format!("/proc/{id}/task")) else { return Vec::new() };
    let spent = |path: PathBuf| {
        let text = fs::read_to_string(path.join("schedstat")).ok()?;
        text.split_whitespace().next()?.parse().ok().map(Duration::from_nanos)
    };
    tasks.flatten().filter_map(|task| spent(task.path())).collect()
}

fn resident(id: u32) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{id}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    line.split_whitespace().next()?.parse().ok()
}

/// nginx as a proxy that keeps connections open and does not buffer; nothing when it is not installed.
pub(crate) fn nginx(folder: &Path, address: SocketAddr, upstream: SocketAddr) -> Option<Process> {
    let program = ["/usr/sbin/nginx", "/usr/bin/nginx", "/usr/local/sbin/nginx"];
    let program = program.into_iter().find(|path| Path::new(path).exists())?;
    let settings = format!(
        "daemon off; master_process off; pid {folder}/nginx.pid; worker_processes 1; error_log {folder}/nginx.log;
         events {{ worker_connections 8192; }}
         http {{ access_log off; client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;
           fastcgi_temp_path {folder}/f; uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s; keepalive_requests 1000000;
           upstream model {{ server {upstream}; keepalive 64; }}
           server {{ listen {address};
             location / {{ proxy_pass http://model; proxy_http_version 1.1; proxy_set_header Connection \"\"; proxy_buffering off; }} }} }}",
        folder = folder.display()
    );
    let path = folder.join("nginx.conf");
    fs::write(&path, settings).ok()?;
    let mut command = Command::new(program);
    Process::start("nginx", address, command.arg("-c").arg(&path).arg("-p").arg(folder)).ok()
}

/// The gate with everything on, and a key for it.
pub(crate) struct Gate {
    pub(crate) process: Process,
    pub(crate) key: String,
    program: PathBuf,
    pub(crate) data: PathBuf,
}

impl Gate {
    pub(crate) fn start(
        folder: &Path,
        address: SocketAddr,
        upstream: SocketAddr,
    ) -> Result<Self, Box<dyn Error>> {
        let program = program()?;
        let data = folder.join("data");
        fs::write(folder.join("access.cedar"), POLICY)?;
        fs::write(folder.join("people.toml"), PEOPLE)?;
        fs::write(folder.join("sekisho.toml"), settings(address, upstream))?;
        let run = |arguments: &[&str]| -> Result<String, Box<dyn Error>> {
            let output = Command::new(&program)
                .args(arguments)
                .arg("--data")
                .arg(&data)
                .current_dir(folder)
                .output()?;
            if !output.status.success() {
                return Err(String::from_utf8_lossy(&output.stderr).into_owned().into());
            }
            Ok(String::from_utf8(output.stdout)?)
        };
        run(&["user", "import", "people.toml"])?;
        let key = run(&["key", "create", "load", "--name", "bench", "--label", "2"])?.trim().to_owned();
        let mut command = Command::new(&program);
        command.args(["serve", "--config", "sekisho.toml"]).env("SEKISHO_DATA", &data).current_dir(folder);
        command.stderr(fs::File::create(folder.join("gate.log"))?);
        let process = Process::start("sekisho", address, &mut command)?;
        Ok(Self { process, key, program, data })
    }

    /// Ends it, and leaves the way to ask of its data.
    pub(crate) fn stop(self) -> Result<Data, Box<dyn Error>> {
        self.process.stop()?;
        Ok(Data { program: self.program, folder: self.data })
    }
}

/// What a gate left behind.
pub(crate) struct Data {
    program: PathBuf,
    folder: PathBuf,
}

impl Data {
    /// What a command says of it, as JSON.
    pub(crate) fn tell(&self, arguments: &[&str]) -> Result<serde_json::Value, Box<dyn Error>> {
        let mut command = Command::new(&self.program);
        let output = command.args(arguments).arg("--json").env("SEKISHO_DATA", &self.folder).output()?;
        if !output.status.success() {
            return Err(format!("{arguments:?}: {}", String::from_utf8_lossy(&output.stderr)).into());
        }
        Ok(serde_json::from_slice(&output.stdout)?)
    }
}

/// The program beside this one, or the one that SEKISHO_PROGRAM names.
fn program() -> Result<PathBuf, Box<dyn Error>> {
    let path = match std::env::var_os("SEKISHO_PROGRAM") {
        Some(path) => PathBuf::from(path),
        None => std::env::current_exe()?.with_file_name("sekisho"),
    };
    if path.exists() {
        Ok(path)
    } else {
        Err(format!("{}: not there; cargo build --release -p sekisho makes it", path.display()).into())
    }
}

const POLICY: &str = r#"
@id("staff")
@why_ja("職員は、目的を申告すれば使えます。")
@why_en("Staff may ask when they state a purpose.")
permit (principal, action == Action::"ask", resource) when { context has purpose };
"#;

const PEOPLE: &str = r#"
version = 1
[[group]]
name = "somu"
title = "総務課"
budget = { tokens_per_month = 900000000000 }
[[user]]
name = "load"
title = "負荷"
kind = "system"
groups = ["somu"]
"#;

fn settings(address: SocketAddr, upstream: SocketAddr) -> String {
    // Faults of one upstream must not close the way to the other.
    let upstream_of = |name: &str| if name == "faulty" { "yowai" } else { "chonai" };
    let of_upstream = |name: &str| {
        format!(
            "[[upstream]]\nname = \"{name}\"\ntitle = \"庁内\"\nplace = \"on-prem\"\nclearance = \"3B\"\n\
             plain_http = true\nservers = [{{ base_url = \"http://{upstream}/v1\", concurrency_max = 4096 }}]\n"
        )
    };
    let upstreams = ["chonai", "yowai"].map(of_upstream).concat();
    let model = |name: &str| {
        format!(
            "[[model]]\nname = \"{name}\"\nupstreams = [{{ name = \"{}\", model = \"{name}\" }}]\ncompletion_tokens_max = 2048\n",
            upstream_of(name)
        )
    };
    let models: String = ["fast", "slow", "faulty"].iter().map(|name| model(name)).collect();
    format!(
        r#"version = 1
data = "/var/lib/sekisho"
[listen]
address = "{address}"
[labels]
scheme = "jichitai-2024"
[access]
policy = "access.cedar"
[audit]
origin = "bench.example/gate"
[limits]
requests_per_minute = 100000000
tokens_per_minute = 100000000000
concurrent_requests = 4096
{upstreams}{models}"#
    )
}
