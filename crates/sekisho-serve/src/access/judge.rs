//! From a question to Cedar and back.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use cedar_policy::{
    Authorizer, Context, Entities, Entity, EntityId, EntityTypeName, EntityUid, PolicyId, PolicySet, Request,
    RestrictedExpression, Schema,
};
use sekisho_guard::Label;

use super::{
    Ask, Decision, Deed, Error, Explanation, Policy, Question, Standing, TOOLS_MAX, Vocabulary, load::Loaded,
};

/// The one entity of type `Gate`.
const GATE: &str = "sekisho";

pub(super) struct Judge {
    authorizer: Authorizer,
    schema: Schema,
    policies: PolicySet,
    /// In the order of the file; each also alone, to see how it stands.
    listing: Vec<(Policy, PolicySet)>,
    labels: Vec<Label>,
    principal: EntityTypeName,
    groups: HashMap<String, EntityUid>,
    models: HashMap<String, (EntityUid, Entities)>,
    gate: EntityUid,
}

impl Judge {
    pub(super) fn new(loaded: Loaded, vocabulary: &Vocabulary) -> Self {
        let model = |model: &super::Model| {
            let places = model.places.iter().map(|place| text(place.as_str()));
            let attributes = HashMap::from([("places".to_owned(), RestrictedExpression::new_set(places))]);
            let uid = uid("Model", &model.name);
            let entity = Entity::new(uid.clone(), attributes, HashSet::new())
                .expect("a set of strings is nothing that could fail to be evaluated");
            let alone = Entities::from_entities([entity], None).expect("one entity has no twin");
            (model.name.clone(), (uid, alone))
        };
        Self {
            authorizer: Authorizer::new(),
            schema: loaded.schema,
            policies: loaded.policies,
            listing: loaded.listing,
            labels: vocabulary.scheme.labels().collect(),
            principal: type_name("Principal"),
            groups: super::words::group_names(vocabulary)
                .map(|name| (name.to_owned(), uid("Group", name)))
                .collect(),
            models: vocabulary.models.iter().map(model).collect(),
            gate: uid("Gate", GATE),
        }
    }

    pub(super) fn policies(&self) -> impl Iterator<Item = &Policy> {
        self.listing.iter().map(|(policy, _)| policy)
    }

    /// Everything that a decision follows from, each part with its length, so that different questions differ.
    pub(super) fn key(&self, question: &Question<'_>) -> Vec<u8> {
        let mut key = Vec::with_capacity(192);
        let mut put = |part: &str| {
            key.extend_from_slice(&(part.len() as u64).to_le_bytes());
            key.extend_from_slice(part.as_bytes());
        };
        put(question.principal);
        put(question.principal_kind.as_str());
        put(question.deed.as_str());
        match question.deed {
            Deed::Ask(ask) => {
                put(ask.model);
                put(ask.kind.as_str());
                put(self.labels[self.rank(ask.label)].id());
                put(if ask.has_images { "images" } else { "" });
                put(if ask.purpose.is_some() { "purpose" } else { "" });
                put(ask.purpose.unwrap_or_default());
                put(if ask.template.is_some() { "template" } else { "" });
                put(ask.template.unwrap_or_default());
                // Counted, because groups follow.
                put(&ask.tools.len().to_string());
                ask.tools.iter().for_each(|tool| put(tool));
            }
            Deed::ApproveTemplate { author } => {
                put(if author.is_some() { "author" } else { "" });
                put(author.unwrap_or_default());
            }
            Deed::ReadAudit | Deed::ManageKeys | Deed::ManageUsers => {}
        }
        question.groups.iter().filter(|group| self.groups.contains_key(*group)).for_each(|group| put(group));
        key
    }

    pub(super) fn decide(&self, question: &Question<'_>) -> Decision {
        match self.put(question) {
            Ok((request, entities)) => self.ask(&request, &entities, &self.policies),
            Err(error) => Decision { allowed: false, policies: Vec::new(), errors: vec![error] },
        }
    }

    pub(super) fn explain(&self, question: &Question<'_>) -> Explanation {
        let put = self.put(question).ok();
        let standing = |alone: &PolicySet| {
            let Some((request, entities)) = &put else { return Standing::Silent };
            let decision = self.ask(request, entities, alone);
            match () {
                () if !decision.errors.is_empty() => Standing::Failed,
                () if decision.policies.is_empty() => Standing::Silent,
                () => Standing::Applies,
            }
        };
        let policies = self.listing.iter().map(|(policy, alone)| (policy.clone(), standing(alone)));
        Explanation { decision: self.decide(question), policies: policies.collect() }
    }

    fn ask(&self, request: &Request, entities: &Entities, policies: &PolicySet) -> Decision {
        let response = self.authorizer.is_authorized(request, policies, entities);
        let name = |id: &PolicyId| Arc::<str>::from(AsRef::<str>::as_ref(id));
        let mut decided: Vec<_> = response.diagnostics().reason().map(name).collect();
        decided.sort_unstable();
        let failed = response.diagnostics().errors().map(|error| {
            let cedar_policy::AuthorizationError::PolicyEvaluationError(error) = error;
            Error::Failed { policy: name(error.policy_id()), detail: error.inner().to_string() }
        });
        let errors: Vec<_> = failed.collect();
        let permits = response.decision() == cedar_policy::Decision::Allow;
        if permits && !errors.is_empty() {
            decided.clear();
        }
        Decision { allowed: permits && errors.is_empty(), policies: decided, errors }
    }

    /// The question as Cedar takes it. Only the principal and the model have anything to be looked up.
    fn put(&self, question: &Question<'_>) -> Result<(Request, Entities), Error> {
        let defect = |detail: &dyn std::error::Error| Error::Question { detail: detail.to_string() };
        let principal = self.principal(question.principal);
        let groups = question.groups.iter().filter_map(|group| self.groups.get(group)).cloned();
        let kind = ("kind".to_owned(), text(question.principal_kind.as_str()));
        let entity = Entity::new(principal.clone(), HashMap::from([kind]), groups.collect())
            .map_err(|error| defect(&error))?;
        let (resource, entities, context) = match question.deed {
            Deed::Ask(ask) => {
                let Some((model, entities)) = self.models.get(ask.model) else {
                    return Err(Error::UnknownModel { model: ask.model.to_owned() });
                };
                (model, entities.clone().add_entities([entity], None), self.context(&ask)?)
            }
            Deed::ApproveTemplate { author } => {
                let author =
                    author.map(|author| RestrictedExpression::new_entity_uid(self.principal(author)));
                let context = author.map(|author| ("author".to_owned(), author)).into_iter().collect();
                (&self.gate, Entities::from_entities([entity], None), context)
            }
            Deed::ReadAudit | Deed::ManageKeys | Deed::ManageUsers => {
                (&self.gate, Entities::from_entities([entity], None), Vec::new())
            }
        };
        let entities = entities.map_err(|error| defect(&error))?;
        let context = Context::from_pairs(context).map_err(|error| defect(&error))?;
        let action = uid("Action", question.deed.as_str());
        // Against the schema: what the validator promised of the policies holds for requests of this shape only.
        let request = Request::new(principal, action, resource.clone(), context, Some(&self.schema));
        Ok((request.map_err(|error| defect(&error))?, entities))
    }

    fn context(&self, ask: &Ask<'_>) -> Result<Vec<(String, RestrictedExpression)>, Error> {
        if ask.tools.len() > TOOLS_MAX {
            return Err(Error::TooManyTools { max: TOOLS_MAX });
        }
        let rank = self.rank(ask.label);
        let mut context = vec![
            ("label".to_owned(), text(self.labels[rank].id())),
            ("label_rank".to_owned(), RestrictedExpression::new_long(rank as i64)),
            ("tools".to_owned(), RestrictedExpression::new_set(ask.tools.iter().map(|tool| text(tool)))),
            ("kind".to_owned(), text(ask.kind.as_str())),
            ("has_images".to_owned(), RestrictedExpression::new_bool(ask.has_images)),
        ];
        context.extend(ask.purpose.map(|purpose| ("purpose".to_owned(), text(purpose))));
        context.extend(ask.template.map(|template| ("template".to_owned(), text(template))));
        Ok(context)
    }

    /// The place of a label in our scheme; of one that says nothing here, the highest.
    fn rank(&self, label: &Label) -> usize {
        let same = |label: &Label| self.labels.iter().position(|one| one == label);
        let highest = self.labels.len() - 1;
        same(label)
            .unwrap_or_else(|| same(&label.in_scheme(self.labels[highest].scheme())).unwrap_or(highest))
    }

    fn principal(&self, id: &str) -> EntityUid {
        EntityUid::from_type_name_and_id(self.principal.clone(), EntityId::new(id))
    }
}

fn text(text: &str) -> RestrictedExpression {
    RestrictedExpression::new_string(text.to_owned())
}

fn type_name(name: &str) -> EntityTypeName {
    name.parse().expect("the names of the schema are identifiers")
}

fn uid(name: &str, id: &str) -> EntityUid {
    EntityUid::from_type_name_and_id(type_name(name), EntityId::new(id))
}
