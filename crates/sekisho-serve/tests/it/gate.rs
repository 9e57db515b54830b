//! A gate with a scripted model, and the sample organisation in small.

use std::{
    path::Path,
    sync::Arc,
    time::{Duration, SystemTime},
};

use sekisho_audit::{
    journal::{Journal, Parts as JournalParts, Reading, Record},
    leaf::RecordId,
    retention::Retention,
    search::Query,
};
use sekisho_guard::{Label, Policy, Scheme, built_in_detectors};
use sekisho_llm::{
    Provider,
    scripted::{Rule, Script, Scripted},
};
use sekisho_serve::{
    Directory, Ended, Gateway, Limits, Observe, Offer, Parts, Place, Price, RecordPolicy, Routes, Screen,
    Upstream, Way, World,
    access::{Access, Model, Vocabulary},
    trace::Tracer,
};
use sekisho_store::{
    Budget, BudgetSpec, GroupSpec, KeySpec, Kind, Limits as BudgetLimits, PrincipalSpec, Scope, Settings,
    Store, Subject,
};

/// A policy for the tests: everybody may ask, nobody may use the tool `delete`, and 選挙 is nobody's purpose.
const POLICY: &str = r#"
@id("everybody-asks")
permit (principal, action == Action::"ask", resource);
@id("nobody-deletes")
forbid (principal, action == Action::"ask", resource) when { context.tools.contains("delete") };
"#;

/// A gate that runs, and what a test looks at beside it.
pub(crate) struct Gate {
    pub(crate) gateway: Gateway,
    pub(crate) store: Store,
    /// 庁内: on our own machines, cleared for 3B.
    pub(crate) chonai: Scripted,
    /// 国内: in a domestic cloud, cleared for 2.
    pub(crate) kokunai: Scripted,
    folder: tempfile::TempDir,
}

/// Keeps no log.
struct Silent;

impl Observe for Silent {
    fn ended(&self, _: &Ended<'_>) {}
}

/// Who comes with which key.
pub(crate) struct Person<'a> {
    pub(crate) name: &'a str,
    pub(crate) scope: Scope,
    pub(crate) label_max: Option<&'a str>,
    pub(crate) tokens_per_month: Option<u64>,
}

impl Default for Person<'_> {
    fn default() -> Self {
        let scope = Scope { label: Some("2".into()), ..Scope::default() };
        Self { name: "somu-kakariin", scope, label_max: None, tokens_per_month: None }
    }
}

pub(crate) fn scheme() -> Scheme {
    Scheme::built_in().remove(0)
}

pub(crate) fn label(id: &str) -> Label {
    scheme().parse_label(id).unwrap()
}

impl Gate {
    /// With models that say what they are asked.
    pub(crate) fn new() -> Self {
        Self::with(Script::new([Rule::text("「{last_user}」ですね。")]))
    }

    /// With models that do what a script says.
    pub(crate) fn with(script: Script) -> Self {
        Self::build(script, None)
    }

    /// With a collector of traces, too.
    pub(crate) fn traced(script: Script, tracer: Tracer) -> Self {
        Self::build(script, Some(tracer))
    }

    fn build(script: Script, tracer: Option<Tracer>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let chonai = Scripted::new("chonai", script.clone());
        let kokunai = Scripted::new("kokunai", script);
        let world = world(&chonai, &kokunai, POLICY, "1");
        let store = Store::create(&Settings::at(folder.path().join("sekisho.db"))).unwrap();
        std::fs::create_dir(folder.path().join("audit")).unwrap();
        let (journal, _) = Journal::start(journal_parts(&folder.path().join("audit"))).unwrap();
        let directory = Directory::new(store.clone());
        let parts = Parts { world, journal, store: store.clone(), directory };
        let gateway = match tracer {
            None => Gateway::new(parts),
            Some(_) => Gateway::observed(parts, Arc::new(Silent), tracer),
        };
        Self { gateway, store, chonai, kokunai, folder }
    }

    /// Where everything lies: the store `sekisho.db`, and the log in `audit`.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// Makes a principal in the group `somu`, and gives its key.
    pub(crate) fn person(&self, person: Person<'_>) -> String {
        let group = match self.store.group("somu") {
            Some(group) => group.id,
            None => self.store.add_group(&GroupSpec::new("somu")).unwrap(),
        };
        let mut spec = PrincipalSpec::new(Kind::User, person.name);
        spec.label_max = person.label_max.map(str::to_owned);
        let who = self.store.add_principal(&spec).unwrap();
        self.store.join(who, group).unwrap();
        if let Some(tokens) = person.tokens_per_month {
            let budget = Budget { subject: Subject::Principal(who), month: None };
            let limits = BudgetLimits { tokens_max: Some(tokens), micro_yen_max: None };
            self.store.set_budget(&BudgetSpec { budget, limits }).unwrap();
        }
        let spec = KeySpec { name: "test".into(), scope: person.scope, expires_ms: None };
        self.store.create_key(who, &spec).unwrap().secret.expose().to_owned()
    }

    /// The record of that id, read from the disk beside the gate that writes. The end of a request becomes durable shortly
    /// after its answer.
    pub(crate) fn record(&self, record: &str) -> Record {
        let record: RecordId = record.parse().expect("a record id");
        for _ in 0..200 {
            let folder = self.folder.path().join("audit");
            let read = Reading::open(&folder, Retention::built_in()).unwrap().read(record).unwrap();
            if read.close.is_some() {
                return read;
            }
            std::thread::sleep(Duration::from_millis(25));
        }
        panic!("the record was never closed");
    }

    /// What was noted of attempts by nobody in particular, a line each, in their order, once there are so many.
    pub(crate) fn attempts(&self, count: usize) -> String {
        for _ in 0..200 {
            let reading = Reading::open(&self.folder.path().join("audit"), Retention::built_in()).unwrap();
            let query = Query { event: Some("request.refused".to_owned()), limit: 1000, ..Query::default() };
            let mut hits = reading.search(&query).unwrap().hits;
            if hits.len() < count {
                std::thread::sleep(Duration::from_millis(25));
                continue;
            }
            hits.sort_by_key(|hit| hit.last.unwrap().index);
            let told = hits.iter().map(|hit| {
                let detail = reading.read_hit(hit).unwrap().event.unwrap().detail;
                format!("{} {}\n", detail["code"].as_str().unwrap(), detail["cause"].as_str().unwrap())
            });
            return told.collect::<String>().replace('"', "");
        }
        panic!("fewer than {count} attempts were noted");
    }
}

pub(crate) fn journal_parts(folder: &Path) -> JournalParts<sekisho_audit::vfs::Disk> {
    let now_ms = || {
        let since = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).unwrap();
        since.as_millis() as u64
    };
    JournalParts::on_disk(folder, "sekino.example/test", Retention::built_in(), Arc::new(now_ms))
}

/// Settings with that policy.
pub(crate) fn world(chonai: &Scripted, kokunai: &Scripted, policy: &str, version: &str) -> World {
    let scheme = scheme();
    let upstream = |name: &str, place, clearance: &str, provider: &Scripted| {
        Arc::new(Upstream {
            name: name.into(),
            clearance: label(clearance),
            place,
            is_enabled: true,
            provider: Arc::new(provider.clone()) as Arc<dyn Provider>,
        })
    };
    let chonai = upstream("chonai", Place::OnPrem, "3B", chonai);
    let kokunai = upstream("kokunai", Place::Domestic, "2", kokunai);
    let way = |upstream: &Arc<Upstream>| Way { upstream: Arc::clone(upstream), model: "scripted".into() };
    let offer = |model: &str, label: Option<Label>, ways| Offer {
        model: model.into(),
        label,
        ways,
        completion_tokens_max: 1000,
        price: Price { prompt_micro_yen: 400, completion_micro_yen: 1600 },
        created: 1_700_000_000,
    };
    let routes = Routes::new([
        offer("chonai", None, vec![way(&chonai)]),
        offer("kokunai", None, vec![way(&kokunai), way(&chonai)]),
        offer("jinji", Some(label("3B")), vec![way(&kokunai), way(&chonai)]),
    ]);
    let mut vocabulary = Vocabulary::new(scheme.clone());
    vocabulary.models = routes
        .offers()
        .map(|offer| Model {
            name: offer.model.to_string(),
            places: offer.ways.iter().map(|way| way.upstream.place).collect(),
        })
        .collect();
    vocabulary.groups = ["somu", "johoseisaku"].map(str::to_owned).to_vec();
    let policy_of_guard = Policy::parse(Policy::default_text(), &scheme).unwrap();
    World {
        version: version.into(),
        screen: Screen::new(scheme, built_in_detectors(), policy_of_guard).unwrap(),
        routes,
        access: Access::parse(policy, &vocabulary).unwrap(),
        sign_in: None,
        limits: Limits { requests_per_minute: 1000, tokens_per_minute: 10_000_000, concurrent_requests: 100 },
        record: RecordPolicy { keeps_input: true, keeps_output: true },
    }
}
