//! How fast it can be at most: memory bandwidth bounds decoding, arithmetic bounds prefill. Bounds, not forecasts.

use sekisho_base::Known;
use serde::Serialize;

use super::fit::{GpuFit, Sizing};

/// Share of the roofline that engines reach when nothing goes well. An assumption: no figure is published that holds
/// for all engines.
pub const ROOFLINE_SHARE_LOW: f64 = 0.5;
/// Share of the arithmetic peak that prefill reaches, at worst and at best. An assumption.
pub const PREFILL_UTILISATION: (f64, f64) = (0.3, 0.6);

/// Tokens per second between two bounds.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct TokensPerSecond {
    /// At the least.
    pub low: f64,
    /// At the most.
    pub high: f64,
}

/// Bounds on speed of a placed model.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Speed {
    /// One sequence alone.
    pub decode_one: Known<TokensPerSecond>,
    /// All planned sequences together.
    pub decode_all: Known<TokensPerSecond>,
    /// Reading the prompt.
    pub prefill: Known<TokensPerSecond>,
}

impl Speed {
    /// `params_active`: parameters that one token uses, for prefill.
    ///
    /// Decode: bandwidth x efficiency / (weights read + KV of the sequences). A mixture of experts reads its active
    /// weights for one sequence, and for many up to all of them.
    pub fn of(sizing: &Sizing, fit: &GpuFit, params_active: Known<u64>) -> Self {
        let cards = f64::from(fit.count);
        let efficiency = sizing.workload.quant.efficiency();
        let sequences = f64::from(sizing.workload.concurrency.max(1));
        let bandwidth = fit.gpu.bandwidth_gb_per_s.map(|gb| gb * 1e9 * cards * efficiency);
        let kv_one = |kv: u64| kv as f64 / sequences;
        let one = bandwidth.map(|bytes| TokensPerSecond {
            low: bytes * ROOFLINE_SHARE_LOW
                / (sizing.active_weights.high.0 as f64 + kv_one(sizing.kv.high.0)).max(1.0),
            high: bytes / (sizing.active_weights.low.0 as f64 + kv_one(sizing.kv.low.0)).max(1.0),
        });
        let prefill = fit.gpu.bf16_tflops.zip(params_active).map(|(tflops, active)| {
            let peak = tflops * 1e12 * cards / (2.0 * active.max(1) as f64);
            TokensPerSecond { low: peak * PREFILL_UTILISATION.0, high: peak * PREFILL_UTILISATION.1 }
        });
        let all = bandwidth.map(|bytes| {
            let read_low = sizing.active_weights.low.0 as f64 + sizing.kv.low.0 as f64;
            let read_high = sizing.weights.high.0 as f64 + sizing.kv.high.0 as f64;
            let high = sequences * bytes / read_low.max(1.0);
            TokensPerSecond {
                low: sequences * bytes * ROOFLINE_SHARE_LOW / read_high.max(1.0),
                // A token costs the same arithmetic whether it is read or written.
                high: prefill.value().map_or(high, |prefill| high.min(prefill.high)),
            }
        });
        Self { decode_one: one, decode_all: all, prefill }
    }
}

#[cfg(test)]
mod tests {
    use sekisho_base::{ByteCount, Known};

    use super::Speed;
    use crate::plan::size::{
        fit::{Engine, Gpu, Sizing, Subject, Workload, place},
        kv::KvType,
        quant::Quant,
        sample,
    };

    fn speed(bandwidth: Known<f64>, concurrency: u32) -> Speed {
        let quant = Quant::parse("INT8").unwrap();
        let subject = Subject {
            name: "30B".to_owned(),
            params_total: Known::Value(30_000_000_000),
            ..Subject::default()
        };
        let known: Vec<_> = sample::all().into_iter().map(|(id, shape)| (id.to_owned(), shape)).collect();
        let workload = Workload {
            quant,
            kv_type: KvType::F16,
            context_tokens: 1,
            concurrency,
            engine: Engine::usual_for(quant),
        };
        let sizing = Sizing::of(&subject, workload, &known).unwrap();
        let gpu = Gpu {
            id: "a100".to_owned(),
            name: "A100 80GB".to_owned(),
            memory: ByteCount(80_000_000_000),
            bandwidth_gb_per_s: bandwidth,
            bf16_tflops: Known::Value(312.0),
        };
        Speed::of(&sizing, &place(&sizing, &gpu), Known::Value(30_000_000_000))
    }

    /// 1,555 GB/s over 30 GB is 52 tokens/s before the efficiency of the type (0.93 at 8 bits).
    #[test]
    fn one_stream_stays_under_the_roofline() {
        let one = speed(Known::Value(1_555.0), 1).decode_one.value().unwrap();
        assert!((one.high - 51.83 * 0.93).abs() < 0.1 && one.low < one.high, "{one:?}");
    }

    #[test]
    fn batching_raises_the_sum_and_never_passes_the_arithmetic() {
        let (one, many) = (speed(Known::Value(1_555.0), 1), speed(Known::Value(1_555.0), 1_000));
        let (one, all) = (one.decode_all.value().unwrap(), many.decode_all.value().unwrap());
        assert!(all.high > one.high);
        assert!(all.high <= many.prefill.value().unwrap().high);
    }

    #[test]
    fn an_unknown_bandwidth_stays_unknown() {
        assert_eq!(speed(Known::Undisclosed, 1).decode_one, Known::Undisclosed);
    }
}
