//! From settings to what runs: files are read, rules tested, policies held against the names that exist.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    sync::Arc,
};

use sekisho_guard::{Detector, Policy, Topics};
use sekisho_llm::{
    Provider,
    pool::{Member, Pool},
    scripted::{SCRIPT_BYTES_MAX, Script, Scripted},
    upstream::{Secret, Trust, Upstream as Client},
};
use sekisho_serve::{
    Offer, RecordPolicy, Routes, Screen, SignIn, Upstream, Way, World,
    access::{self, Access, Vocabulary},
    http::Tls,
    oidc::{Oidc, SettingsProblem, Web},
};
use sha2::{Digest, Sha256};

use super::{
    files::Files,
    problem::{Problem, ProblemKind},
    settings::Settings,
    upstream::{KeySource, Kind, Server, UpstreamSettings},
};

/// What requests pass through, and what belongs to it.
pub(crate) struct Built {
    pub(crate) world: World,
    pub(crate) kept: Kept,
    pub(crate) tls: Option<Tls>,
    /// Every server of the upstreams in use, by the name of its upstream.
    pub(crate) clients: Vec<(String, Client)>,
}

/// Pools by the names of their upstreams, each with the state of settings that it was made from: an upstream that a reload
/// does not change keeps its connections and what it knows of its servers.
pub(crate) type Pools = BTreeMap<String, (Vec<u8>, Pool)>;

/// The identity provider, with the state of settings that its keys belong to: a reload that leaves that as it is keeps them.
pub(crate) type Issuer = Option<(Vec<u8>, Arc<SignIn>)>;

/// What a reload takes over where nothing about it has changed.
#[derive(Clone, Default)]
pub(crate) struct Kept {
    pub(crate) pools: Pools,
    pub(crate) issuer: Issuer,
}

/// What there is to find besides the files.
pub(crate) struct Around<'a> {
    /// The groups of the store, of which policies may speak.
    pub(crate) groups: Vec<String>,
    /// Environment variables.
    pub(crate) environment: &'a dyn Fn(&str) -> Option<String>,
    /// What runs now.
    pub(crate) kept: &'a Kept,
}

/// Builds everything.
///
/// # Errors
/// All problems of all files; nothing is put in force then.
pub(crate) fn build(
    settings: &Settings,
    around: &Around<'_>,
    files: &mut Files,
) -> Result<Built, Vec<Problem>> {
    let mut builder = Builder { settings, around, files, clients: Vec::new(), problems: Vec::new() };
    let screen = builder.screen();
    let (upstreams, pools) = builder.upstreams();
    let offers = builder.offers(&upstreams);
    let access = builder.access(&upstreams);
    let issuer = builder.issuer();
    let tls = builder.tls();
    let routes = Routes::new(offers).with_pools(pools.values().map(|(_, pool)| pool.clone()).collect());
    let Builder { clients, mut problems, .. } = builder;
    // Two upstreams may name one file.
    let mut seen = Vec::new();
    problems.retain(|problem| {
        let is_new = !seen.contains(problem);
        seen.push(problem.clone());
        is_new
    });
    match (screen, access) {
        (Some(screen), Some(access)) if problems.is_empty() => {
            let world = World {
                version: files.version().into(),
                screen,
                routes,
                access,
                sign_in: issuer.as_ref().map(|(_, sign_in)| Arc::clone(sign_in)),
                limits: settings.limits,
                record: RecordPolicy {
                    keeps_input: settings.keeps_input,
                    keeps_output: settings.keeps_output,
                },
            };
            Ok(Built { world, kept: Kept { pools, issuer }, tls, clients })
        }
        _ => Err(problems),
    }
}

struct Builder<'a> {
    settings: &'a Settings,
    around: &'a Around<'a>,
    files: &'a mut Files,
    clients: Vec<(String, Client)>,
    problems: Vec<Problem>,
}

impl Builder<'_> {
    fn note(&mut self, line: Option<usize>, path: &str, kind: ProblemKind) {
        self.problems.push(Problem { file: self.settings.file.clone(), line, path: path.to_owned(), kind });
    }

    fn note_file(&mut self, file: &Path, line: usize, kind: ProblemKind) {
        let line = (line > 0).then_some(line);
        self.problems.push(Problem { file: file.to_owned(), line, path: String::new(), kind });
    }

    /// A file of text, or a problem at the key that names it.
    fn text(&mut self, key: &str, file: &Path, bytes_max: u64) -> Option<String> {
        match self.files.text(file, bytes_max) {
            Ok(text) => Some(text),
            Err(kind) => {
                self.problems.push(Problem { file: file.to_owned(), line: None, path: key.to_owned(), kind });
                None
            }
        }
    }

    fn screen(&mut self) -> Option<Screen> {
        const BYTES_MAX: u64 = sekisho_guard::POLICY_BYTES_MAX as u64;
        let settings = self.settings;
        let built_in = PathBuf::from("data/guard/policy/default.toml");
        let (file, text) = match &settings.guard_policy {
            Some(file) => (file.clone(), self.text("guard.policy", file, BYTES_MAX)),
            None => (built_in, Some(Policy::default_text().to_owned())),
        };
        let mut detectors: Vec<Arc<dyn Detector>> = sekisho_guard::built_in_detectors();
        if let Some(topics) = &settings.topics
            && let Some(text) = self.text("guard.topics", topics, BYTES_MAX)
        {
            match Topics::parse(&text) {
                Ok(topics) => detectors.push(Arc::new(topics)),
                Err(error) => self.guard_problems(topics, &error, ProblemKind::Topics),
            }
        }
        let screen = Policy::parse(&text?, &settings.scheme)
            .and_then(|policy| Screen::new(settings.scheme.clone(), detectors, policy));
        match screen {
            Ok(screen) => Some(screen),
            Err(error) => {
                self.guard_problems(&file, &error, ProblemKind::Guard);
                None
            }
        }
    }

    fn guard_problems(
        &mut self,
        file: &Path,
        error: &sekisho_guard::Error,
        kind: fn(sekisho_guard::Problem) -> ProblemKind,
    ) {
        for problem in error.problems() {
            self.note_file(file, problem.line, kind(problem.clone()));
        }
    }

    fn upstreams(&mut self) -> (Vec<Arc<Upstream>>, Pools) {
        let mut pools = Pools::new();
        let upstreams = self.settings.upstreams.iter().map(|settings| {
            let pool = if settings.is_enabled { self.pool(settings) } else { None };
            let provider = match &pool {
                Some((_, pool)) => pool.clone(),
                // Nobody behind it: it answers that it is not there, should anybody ask.
                None => Pool::new(settings.name.as_str(), Vec::new(), settings.pool),
            };
            if let Some(pool) = pool {
                pools.insert(settings.name.clone(), pool);
            }
            Arc::new(Upstream {
                name: settings.name.as_str().into(),
                clearance: settings.clearance.clone(),
                place: settings.place,
                is_enabled: settings.is_enabled,
                provider: Arc::new(provider) as Arc<dyn Provider>,
            })
        });
        (upstreams.collect(), pools)
    }

    /// The pool of an upstream; the one that runs, where nothing about it has changed.
    fn pool(&mut self, settings: &UpstreamSettings) -> Option<(Vec<u8>, Pool)> {
        let mut hash = Sha256::new();
        hash.update(settings.written.as_bytes());
        let members = match &settings.kind {
            Kind::Scripted(file) => vec![self.scripted(settings, file, &mut hash)?],
            Kind::Servers(servers) => {
                // Each is looked at, so that every problem is told.
                let members: Vec<_> =
                    servers.iter().map(|server| self.server(settings, server, &mut hash)).collect();
                members.into_iter().collect::<Option<Vec<_>>>()?
            }
        };
        let state = hash.finalize().to_vec();
        if let Some((before, pool)) = self.around.kept.pools.get(&settings.name)
            && *before == state
        {
            return Some((state, pool.clone()));
        }
        Some((state, Pool::new(settings.name.as_str(), members, settings.pool)))
    }

    fn scripted(&mut self, settings: &UpstreamSettings, file: &Path, hash: &mut Sha256) -> Option<Member> {
        let text = self.text(&format!("{}.scripted", settings.path), file, SCRIPT_BYTES_MAX as u64)?;
        hash.update(text.as_bytes());
        match Script::parse_toml(&text) {
            Ok(script) => Some(Member::new(Arc::new(Scripted::new(settings.name.as_str(), script)))),
            Err(problems) => {
                for problem in problems {
                    self.problems.push(Problem {
                        file: file.to_owned(),
                        line: Some(problem.line),
                        path: problem.path,
                        kind: ProblemKind::Script(problem.kind),
                    });
                }
                None
            }
        }
    }

    fn server(&mut self, settings: &UpstreamSettings, server: &Server, hash: &mut Sha256) -> Option<Member> {
        let at = |key: &str| format!("{}.{key}", settings.path);
        let mut is_complete = true;
        let key = match &server.key {
            None => None,
            Some(source) => match self.key(source) {
                Ok(key) => {
                    hash.update(key.as_bytes());
                    Some(Secret::new(key))
                }
                Err(kind) => {
                    self.note(settings.line, &at("key"), kind);
                    is_complete = false;
                    None
                }
            },
        };
        let ca = match server.ca.as_deref().map(|ca| self.files.certificates(ca)) {
            None => None,
            Some(Ok(text)) => {
                hash.update(text.as_bytes());
                Some(text.into_bytes())
            }
            Some(Err(kind)) => {
                self.note(settings.line, &at("ca_file"), kind);
                is_complete = false;
                None
            }
        };
        if !is_complete {
            return None;
        }
        let settled = match server.file.clone().settle(key, ca) {
            Ok(settled) => settled,
            Err(problems) => {
                for problem in problems {
                    let field = if problem.field == "key_file" { "key" } else { &problem.field };
                    self.note(settings.line, &at(field), ProblemKind::Upstream(problem.kind));
                }
                return None;
            }
        };
        match Client::new(settled) {
            Ok(client) => {
                self.clients.push((settings.name.clone(), client.clone()));
                Some(Member {
                    weight: server.weight,
                    rank: server.rank,
                    concurrency_max: server.concurrency_max,
                    ..Member::upstream(client)
                })
            }
            Err(fault) => {
                self.note(settings.line, &settings.path, ProblemKind::Setup { cause: chain(&fault) });
                None
            }
        }
    }

    fn key(&mut self, source: &KeySource) -> Result<String, ProblemKind> {
        match source {
            KeySource::File(file) => self.files.secret(file),
            KeySource::Environment(name) => (self.around.environment)(name)
                .filter(|key| !key.is_empty())
                .ok_or_else(|| ProblemKind::NoVariable { name: name.clone() }),
        }
    }

    fn offers(&self, upstreams: &[Arc<Upstream>]) -> Vec<Offer> {
        let offer = |model: &super::settings::ModelSettings| Offer {
            model: model.name.as_str().into(),
            label: model.label.clone(),
            ways: model
                .ways
                .iter()
                .filter_map(|(upstream, there)| {
                    // Places are those of the file; one that was not settled is a problem already.
                    let upstream = Arc::clone(upstreams.get(*upstream)?);
                    Some(Way { upstream, model: there.as_str().into() })
                })
                .collect(),
            completion_tokens_max: model.completion_tokens_max,
            price: model.price,
            created: model.created,
        };
        self.settings.models.iter().map(offer).collect()
    }

    fn access(&mut self, upstreams: &[Arc<Upstream>]) -> Option<Access> {
        const BYTES_MAX: u64 = access::POLICY_BYTES_MAX as u64;
        let settings = self.settings;
        let built_in = PathBuf::from("data/access/default.cedar");
        let (file, text) = match &settings.access_policy {
            Some(file) => (file.clone(), self.text("access.policy", file, BYTES_MAX)?),
            None => (built_in, access::DEFAULT.to_owned()),
        };
        let mut vocabulary = Vocabulary::new(settings.scheme.clone());
        vocabulary.groups.clone_from(&self.around.groups);
        vocabulary.purposes.clone_from(&settings.purposes);
        vocabulary.models = settings
            .models
            .iter()
            .map(|model| access::Model {
                name: model.name.clone(),
                places: model.ways.iter().filter_map(|way| Some(upstreams.get(way.0)?.place)).collect(),
            })
            .collect();
        match Access::parse(&text, &vocabulary) {
            Ok(access) => Some(access),
            Err(problems) => {
                for problem in problems {
                    self.problems.push(Problem {
                        file: file.clone(),
                        line: Some(problem.line),
                        path: problem.policy.clone().unwrap_or_default(),
                        kind: ProblemKind::Access(problem),
                    });
                }
                None
            }
        }
    }

    /// Who says who people are. Every problem leaves none, and then nothing is put in force.
    fn issuer(&mut self) -> Issuer {
        let settings = self.settings.oidc.as_ref()?;
        let provider = &settings.provider;
        let mut hash = Sha256::new();
        for part in [Some(&provider.issuer), provider.jwks_url.as_ref()] {
            hash.update(part.map_or(0, String::len).to_be_bytes());
            hash.update(part.map_or("", String::as_str));
        }
        let trust = match settings.ca.as_deref().map(|ca| self.files.certificates(ca)) {
            None => Trust::System,
            Some(Ok(text)) => {
                hash.update(text.as_bytes());
                Trust::Pem(text.into_bytes())
            }
            Some(Err(kind)) => {
                self.note(None, "oidc.ca_file", kind);
                return None;
            }
        };
        let state = hash.finalize().to_vec();
        let is_group = |name: &str| self.around.groups.iter().any(|group| group == name);
        let before = self.around.kept.issuer.as_ref().filter(|before| before.0 == state);
        let oidc = match before {
            Some((_, before)) => before.oidc().with_settings(provider.clone(), &is_group),
            None => match Web::new(provider, &trust) {
                Ok(web) => Oidc::new(provider.clone(), &is_group, web),
                Err(fault) => {
                    self.note(None, "oidc", ProblemKind::Setup { cause: chain(&fault) });
                    return None;
                }
            },
        };
        match oidc {
            Ok(oidc) => Some((state, Arc::new(SignIn::new(oidc, settings.enrols)))),
            Err(problems) => {
                for problem in problems {
                    // The others were told when the settings were read.
                    let SettingsProblem::UnknownGroup { value, group } = problem else { continue };
                    let (path, line) = settings.place_of(&value);
                    self.note(line, &path, ProblemKind::NoSuchGroup { found: group });
                }
                None
            }
        }
    }

    fn tls(&mut self) -> Option<Tls> {
        let (certificate, key) = self.settings.tls.as_ref()?;
        self.files.watch(certificate);
        self.files.watch(key);
        if let Err(kind) = super::files::check_private(key) {
            self.note(None, "listen.tls.key", kind);
            return None;
        }
        match Tls::load(certificate, key) {
            Ok(tls) => Some(tls),
            Err(error) => {
                self.note(None, "listen.tls", ProblemKind::Tls { cause: chain(&error) });
                None
            }
        }
    }
}

/// An error with its causes, in one line.
pub(crate) fn chain(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut next = error.source();
    while let Some(cause) = next {
        text = format!("{text}: {cause}");
        next = cause.source();
    }
    text
}
