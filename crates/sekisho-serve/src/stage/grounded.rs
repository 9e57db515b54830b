//! A request whose label is settled, as far as it is known without reading it.

use std::sync::Arc;

use sekisho_guard::Label;

use super::{Case, Stopped, admitted::check_ceiling, screened::Screened};
use crate::{caller::Caller, meter::Estimate, recorder::Recorder, route::Offer, screen};

/// Requests with more text than this are screened on a thread that may take its time.
const INLINE_BYTES_MAX: usize = 16 * 1024;

/// A request with the label of its documents.
pub(super) struct Grounded {
    pub(super) case: Case,
    pub(super) caller: Caller,
    pub(super) groups: Vec<String>,
    pub(super) purpose: Option<String>,
    pub(super) offer: Arc<Offer>,
    pub(super) estimate: Estimate,
    pub(super) label: Label,
}

impl Grounded {
    /// Reads every text: markings raise the label; rules pass, mask or refuse.
    pub(super) async fn screen(self) -> Result<Screened, Stopped> {
        let Self { mut case, caller, groups, purpose, offer, estimate, label } = self;
        let world = Arc::clone(&case.world);
        let is_long = estimate.prompt_tokens as usize > INLINE_BYTES_MAX / 2;
        let outcome = if is_long {
            let mut request = case.request.clone();
            let work = move || {
                let screen = &world.screen;
                let outcome = screen::screen_request(&screen.guard, &screen.markings, &label, &mut request);
                (request, outcome)
            };
            match tokio::task::spawn_blocking(work).await {
                Ok((request, outcome)) => {
                    case.request = request;
                    outcome
                }
                // What was not judged does not pass.
                Err(_) => {
                    let refusal = sekisho_llm::Refusal::new(sekisho_base::Code::GuardRefused);
                    Err((Box::default(), refusal.with("reason", "panicked").into()))
                }
            }
        } else {
            let screen = &world.screen;
            screen::screen_request(&screen.guard, &screen.markings, &label, &mut case.request)
        };
        let open = &mut case.recorder.open;
        match outcome {
            Ok(screened) => {
                Recorder::say_found(&screened.found, &mut open.rules, &mut open.other);
                open.verdict = Some(screen::verdict(screened.found.action));
                open.label = Some(screened.label.id().to_owned());
                if let Err(error) = check_ceiling(&caller, &screened.label) {
                    return Err(case.stop(error));
                }
                Ok(Screened { case, caller, groups, purpose, offer, estimate, screened })
            }
            Err((found, error)) => {
                Recorder::say_found(&found, &mut open.rules, &mut open.other);
                open.verdict = Some(screen::verdict(Some(sekisho_guard::Action::Refuse)));
                Err(case.stop(error))
            }
        }
    }
}
