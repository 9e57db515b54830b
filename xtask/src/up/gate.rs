//! The gate of 関野市, the sample organisation: its people once, then the gate in the foreground.

use std::{
    fs::{self, DirBuilder, OpenOptions},
    io::Write,
    os::unix::{
        fs::{DirBuilderExt, OpenOptionsExt},
        process::CommandExt,
    },
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result, bail, ensure};
use serde::{Deserialize, Serialize};

use super::Language;
use crate::command;

/// Where the sample gate listens unless somebody says otherwise; as in its settings.
const ADDRESS: &str = "127.0.0.1:7100";
/// Whose key stands in the lines to try, and what for: a clerk of general affairs who drafts a text.
const PERSON: &str = "somu-kakariin";
const MODEL: &str = "chonai";
/// The prompt template of the sample, and who approves it.
const TEMPLATE: &str = "議事録要約";
const APPROVER: &str = "johoseisaku-shusa";

/// What `sekisho user import` has made.
#[derive(Deserialize, Serialize)]
struct Imported {
    keys: Vec<Key>,
}

#[derive(Deserialize, Serialize)]
struct Key {
    user: String,
    title: String,
    secret: String,
}

/// The folder of the sample gate.
pub(super) struct Gate {
    settings: PathBuf,
    people: PathBuf,
    template: PathBuf,
    data: PathBuf,
    /// Keys of people who do not exist, so that a second start can show the lines again.
    keys: PathBuf,
}

impl Gate {
    pub(super) fn new(root: &Path, target: &Path) -> Self {
        let sample = root.join("data/sample/gate");
        let folder = target.join("sekisho/gate");
        Self {
            settings: sample.join("sekisho.toml"),
            people: sample.join("people.toml"),
            template: sample.join("templates/gijiroku-yoyaku.txt"),
            data: folder.join("data"),
            keys: folder.join("keys.json"),
        }
    }

    /// Makes people and keys where there are none, says how to ask, and becomes the gate.
    pub(super) fn open(&self, binary: &Path, listen: Option<&str>, language: Language) -> Result<()> {
        if !self.data.join("sekisho.db").exists() {
            self.enrol(binary, language)?;
        }
        let keys: Imported = fs::read_to_string(&self.keys)
            .map_err(anyhow::Error::from)
            .and_then(|text| Ok(serde_json::from_str(&text)?))
            .with_context(|| {
                format!(
                    "the keys of the sample are not in {}; remove {} to begin anew",
                    self.keys.display(),
                    self.data.display()
                )
            })?;
        self.add_template(binary, language)?;
        let address = listen.unwrap_or(ADDRESS);
        let key = keys.keys.iter().find(|key| key.user == PERSON);
        let key = key.with_context(|| format!("{} has no key for {PERSON}", self.keys.display()))?;
        say_how_to_ask(address, key, &self.keys, language);
        let mut serve = Command::new(binary);
        serve.arg("serve").arg("--config").arg(&self.settings).arg("--data").arg(&self.data);
        serve.args(["--listen", address]).env("SEKISHO_LANG", language.code());
        // Signals of the terminal then reach the gate itself, and nothing stands between.
        bail!(anyhow::Error::from(serve.exec()).context(command::spelled(&serve)))
    }

    /// Registers the people of the sample. Their keys are shown once, as in earnest, and kept beside the data, since they
    /// open nothing but a sample.
    fn enrol(&self, binary: &Path, language: Language) -> Result<()> {
        language.say(
            "\n見本の組織 (関野市、架空) の利用者と鍵を登録します",
            "\nregistering the people and keys of the sample organisation (関野市, fictional)",
        );
        DirBuilder::new().recursive(true).mode(0o700).create(&self.data)?;
        let mut import = Command::new(binary);
        import.args(["--json", "user", "--data"]).arg(&self.data).arg("import").arg(&self.people);
        import.env("SEKISHO_LANG", language.code());
        let output = import.output().with_context(|| command::spelled(&import))?;
        eprint!("{}", String::from_utf8_lossy(&output.stderr));
        ensure!(output.status.success(), "`{}` ended with {}", command::spelled(&import), output.status);
        let imported: Imported =
            serde_json::from_slice(&output.stdout).context("its answer is not readable")?;
        let mut file =
            OpenOptions::new().write(true).create(true).truncate(true).mode(0o600).open(&self.keys)?;
        file.write_all(serde_json::to_string_pretty(&imported)?.as_bytes())?;
        for key in &imported.keys {
            println!("{}  {}  {}", key.user, key.title, key.secret);
        }
        Ok(())
    }
}

impl Gate {
    /// Adds the prompt template of the sample where it is not there yet: written by one, approved by another.
    fn add_template(&self, binary: &Path, language: Language) -> Result<()> {
        let call = |arguments: &[&str]| {
            let mut command = Command::new(binary);
            let (object, rest) = arguments.split_first().context("a command has a name")?;
            command.arg(object).arg("--data").arg(&self.data).args(rest).env("SEKISHO_LANG", language.code());
            let output = command.output().with_context(|| command::spelled(&command))?;
            Ok::<_, anyhow::Error>((command::spelled(&command), output))
        };
        if call(&["template", "show", TEMPLATE])?.1.status.success() {
            return Ok(());
        }
        let text = self.template.display().to_string();
        let version = format!("{TEMPLATE}@1");
        let steps: [&[&str]; 4] = [
            &["group", "add", "shonin", "--title", "ひな形を承認する人", "--role", "approver"],
            &["user", "join", APPROVER, "shonin"],
            &["template", "add", TEMPLATE, &text, "--by", PERSON],
            &["template", "approve", &version, "--by", APPROVER],
        ];
        for step in steps {
            let (line, output) = call(step)?;
            eprint!("{}", String::from_utf8_lossy(&output.stderr));
            ensure!(output.status.success(), "`{line}` ended with {}", output.status);
        }
        Ok(())
    }
}

/// Lines to paste: they are what was asked for, so they go to standard output.
fn say_how_to_ask(address: &str, key: &Key, keys: &Path, language: Language) {
    let (question, purpose) = match language {
        Language::Ja => ("こんにちは", "文書作成"),
        Language::En => ("こんにちは (hello)", "文書作成"),
    };
    let secret = &key.secret;
    let body = format!(
        r#"{{"model":"{MODEL}","messages":[{{"role":"user","content":"{question}"}}],"sekisho":{{"purpose":"{purpose}"}}}}"#
    );
    language.say(
        &format!(
            "\n関所を開きます。{} の鍵で、別の端末から試してください (ほかの鍵は {}):",
            key.title,
            keys.display()
        ),
        &format!(
            "\nThe gate opens. Try from another terminal with the key of {PERSON} (others: {}):",
            keys.display()
        ),
    );
    let url = format!("http://{address}/v1");
    println!("\n# curl");
    println!(
        "curl -s {url}/chat/completions -H 'Authorization: Bearer {secret}' -H 'Content-Type: application/json' -d '{body}'"
    );
    let values = r#"{"課":"総務課","行数":"5","読む人":"課長"}"#;
    let body_of_template = format!(
        r#"{{"model":"{MODEL}","messages":[{{"role":"user","content":"{question}"}}],"sekisho":{{"purpose":"{purpose}","template":{{"name":"{TEMPLATE}","values":{values}}}}}}}"#
    );
    language.say("\n# curl、承認済みのひな形を使って", "\n# curl, with an approved prompt template");
    println!(
        "curl -s {url}/chat/completions -H 'Authorization: Bearer {secret}' -H 'Content-Type: application/json' -d '{body_of_template}'"
    );
    println!("\n# Python");
    println!(
        "python3 -c 'import json, urllib.request as u; r = u.Request(\"{url}/chat/completions\", json.dumps({body}).encode(), {{\"Authorization\": \"Bearer {secret}\", \"Content-Type\": \"application/json\"}}); print(json.load(u.urlopen(r))[\"choices\"][0][\"message\"][\"content\"])'"
    );
    println!("\n# Python, openai SDK (pip install openai)");
    println!(
        "python3 -c 'from openai import OpenAI; c = OpenAI(base_url=\"{url}\", api_key=\"{secret}\"); print(c.chat.completions.create(model=\"{MODEL}\", messages=[{{\"role\": \"user\", \"content\": \"{question}\"}}], extra_body={{\"sekisho\": {{\"purpose\": \"{purpose}\"}}}}).choices[0].message.content)'"
    );
    language.say("\n止めるには Ctrl+C\n", "\nCtrl+C stops it\n");
    // A terminal that is closed is not waited for.
    let _ = std::io::stdout().flush();
}

impl Language {
    fn code(self) -> &'static str {
        if self == Self::Ja { "ja" } else { "en" }
    }
}
