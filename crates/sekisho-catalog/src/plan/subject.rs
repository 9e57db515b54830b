//! From entries of the catalog to the plain structs that plans compute with.

use sekisho_base::{ByteCount, Known};

use super::cost::{Field, Offer, PriceClaim, ServiceTier};
use super::size::{
    fit::{Gpu, Subject},
    kv::{Attention, AttentionGroup, LayerKv},
    shape::{Architecture, Experts, LatentRanks, Shape},
};
use crate::{Catalog, Claim, Class, Entity, UNDISCLOSED};

/// What the catalog knows of a model's memory.
pub fn of_model(model: &Entity) -> Subject {
    let shape = shape(model);
    let hybrid = model.codes("attention").iter().any(|code| code == "hybrid_ssm");
    let mixed = model.codes("attention").len() > 1;
    let bound = if hybrid || mixed { every_layer_attends(model) } else { Known::Undisclosed };
    Subject {
        name: model.name.ja.clone(),
        params_total: exact_total(model, &shape),
        params_active: model.count("params_active"),
        attention_is_bound: bound.is_known(),
        attention: bound,
        shape: if hybrid || mixed { Known::Undisclosed } else { shape },
        file_weights: Known::Undisclosed,
        context_max: model.count("context"),
    }
}

/// A published total is a rounded figure; the sum over a published shape is exact where the two agree within the
/// rounding. Where they do not, the published figure stands.
fn exact_total(model: &Entity, shape: &Known<Shape>) -> Known<u64> {
    let published = model.count("params_total");
    let summed = shape.as_ref().and_then(|shape| shape.params_total().ok().into());
    match (published, summed) {
        (Known::Undisclosed, summed) => summed,
        (published, _) => published,
    }
}

/// The published shape of a model, if all of it is published and its tensor layout is known.
pub fn shape(model: &Entity) -> Known<Shape> {
    read_shape(model).into()
}

fn read_shape(model: &Entity) -> Option<Shape> {
    let count = |field: &str| model.count(field).value().and_then(|count| u32::try_from(count).ok());
    let architecture = Architecture::parse(model.codes("architecture").first()?);
    let latent = count("kv_lora_rank").and_then(|kv_rank| {
        Some(LatentRanks {
            q_rank: count("q_lora_rank")?,
            kv_rank,
            nope_dim: count("qk_nope_head_dim")?,
            rope_dim: count("qk_rope_head_dim")?,
            value_dim: count("v_head_dim")?,
        })
    });
    let heads = count("heads")?;
    let (kv_heads, head_dim) = match latent {
        // Every head has keys of its own once the latent is decompressed; the cache holds the latent.
        Some(ranks) => (heads, ranks.nope_dim),
        None => (count("kv_heads")?, count("head_dim")?),
    };
    let ffn = count("ffn")?;
    let experts = count("experts_total").filter(|total| *total > 1).map(|total| {
        Some(Experts {
            total,
            active: count("experts_active")?,
            shared: count("experts_shared").unwrap_or(0),
            ffn: count("expert_ffn").unwrap_or(ffn),
            dense_first_layers: count("dense_layers").unwrap_or(0),
            every: count("moe_interval").unwrap_or(1),
            routing_bias: architecture == Architecture::DeepseekV3,
        })
    });
    let experts = match experts {
        Some(Some(experts)) => Some(experts),
        Some(None) => return None,
        None => None,
    };
    let shape = Shape {
        architecture,
        layers: count("layers")?,
        hidden: count("hidden")?,
        heads,
        kv_heads,
        head_dim,
        ffn,
        vocab: count("vocab")?,
        embedding_rows: count("embedding_rows"),
        tied_embeddings: model.codes("tied_embeddings").iter().any(|code| code == "yes"),
        qk_norm: architecture == Architecture::Cohere || architecture == Architecture::Qwen3Moe,
        experts,
        latent,
        sliding_window: count("sliding_window"),
    };
    shape.params_total().ok().map(|_| shape)
}

/// The cache if every layer attended to everything: an upper bound for hybrids whose layers are not published.
fn every_layer_attends(model: &Entity) -> Known<Attention> {
    let count = |field: &str| model.count(field).and_then(|count| Known::from(u32::try_from(count).ok()));
    let heads = count("kv_heads").zip(count("head_dim"));
    count("layers").zip(heads).map(|(layers, (kv_heads, head_dim))| Attention {
        groups: vec![AttentionGroup {
            layers,
            kv: LayerKv::Full { kv_heads, key_dim: head_dim, value_dim: head_dim },
        }],
    })
}

/// Every model whose shape is published, for bounds on those whose is not.
pub fn known_shapes(catalog: &Catalog) -> Vec<(String, Shape)> {
    let shape_of = |model: &Entity| Some((model.name.en.clone(), of_model(model).shape.value()?));
    catalog.of(Class::Model).filter_map(shape_of).collect()
}

/// The cards of the catalog, by memory. One without a known memory is left out: nothing can be placed on it.
pub fn gpus(catalog: &Catalog) -> Vec<Gpu> {
    let mut gpus: Vec<Gpu> = catalog
        .of(Class::Gpu)
        .filter_map(|gpu| {
            Some(Gpu {
                id: gpu.id.clone(),
                name: gpu.name.en.clone(),
                memory: ByteCount::from_gb(gpu.number("memory_gb").value()?),
                bandwidth_gb_per_s: gpu.number("bandwidth_gb_s"),
                bf16_tflops: gpu.number("dense_bf16_tflops"),
            })
        })
        .collect();
    gpus.sort_by(|left, right| (left.memory, &left.id).cmp(&(right.memory, &right.id)));
    gpus
}

/// Every price offer of the catalog with all its claims.
pub fn offers(catalog: &Catalog) -> Vec<Offer> {
    let offer = |entity: &Entity| {
        let provider = entity.related("organisation").first();
        let provider = provider.and_then(|id| catalog.get(Class::Organisation, id));
        Offer {
            id: entity.id.clone(),
            provider: provider.map_or_else(String::new, |provider| provider.name.ja.clone()),
            model: entity.name.ja.clone(),
            claims: entity.claims.iter().filter_map(price_claim).collect(),
        }
    };
    catalog.of(Class::Price).map(offer).collect()
}

/// A claim on a price field in the terms of the cost plan; `None` for other fields and for units nobody has defined.
pub fn price_claim(claim: &Claim) -> Option<PriceClaim> {
    let field = match claim.field.as_str() {
        "input_price" => Field::Input,
        "output_price" => Field::Output,
        "cached_input_price" => Field::CachedInput,
        _ => return None,
    };
    let tag = claim.price.as_ref();
    let per_tokens = match claim.unit.as_deref().map(|unit| unit.split_once('/').map_or("", |(_, per)| per)) {
        Some("1M tokens") | None => 1_000_000,
        Some("10k tokens") => 10_000,
        Some("1k tokens") => 1_000,
        Some(_) => return None,
    };
    let service_tier = match tag.map(|tag| tag.service_tier.as_str()) {
        Some("standard") => ServiceTier::Standard,
        Some("batch") => ServiceTier::Batch,
        Some("cached") => ServiceTier::Cached,
        Some("priority") => ServiceTier::Priority,
        _ => ServiceTier::Unstated,
    };
    let context_tier = tag.map_or("", |tag| tag.context_tier.as_str());
    let context_tier = if context_tier == UNDISCLOSED || context_tier == "all" { "" } else { context_tier };
    Some(PriceClaim {
        field,
        amount: claim.value.as_f64().into(),
        currency: tag.map_or_else(String::new, |tag| tag.currency.clone()),
        per_tokens,
        service_tier,
        context_tier: context_tier.to_owned(),
        by_report: claim.is_survey(),
        status: claim.status.iter().map(|status| status.word()).collect::<Vec<_>>().join(" "),
        as_of: claim.as_of.clone().unwrap_or_default(),
        source_ids: claim.source.clone(),
        fact_id: claim.fact.map(|fact| fact.to_string()).unwrap_or_default(),
    })
}
