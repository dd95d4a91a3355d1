//! [Update background fetch instances](https://wicg.github.io/background-fetch/#update-background-fetch-instance-algorithm):
//! progress, at most every 100 ms for each background fetch.

use super::Core;
use super::ids::FetchNo;
use super::output::Output;
use super::time::{Timestamp, earliest};

/// Ten times a second is as much as an eye follows and as a page should pay for.
const INTERVAL: u64 = 100;

impl Core {
    /// Announces a change now, or as soon as the interval since the last announcement is over.
    pub(super) fn update_instances(&mut self, no: FetchNo) {
        let now = self.now;
        let Some(fetch) = self.fetches.get_mut(&no) else {
            return;
        };
        fetch.changed = true;
        if now >= fetch.quiet_until {
            fetch.changed = false;
            fetch.quiet_until = now + INTERVAL;
            self.outputs.push_back(Output::Announce(no));
        }
    }

    /// Announces what had to wait.
    pub(super) fn update_late_instances(&mut self) {
        let now = self.now;
        let due = |(no, fetch): (&FetchNo, &super::background_fetch::BackgroundFetch)| {
            (fetch.changed && now >= fetch.quiet_until).then_some(*no)
        };
        let late: Vec<_> = self.fetches.iter().filter_map(due).collect();
        for no in late {
            self.update_instances(no);
        }
    }

    pub(super) fn next_announcement(&self) -> Option<Timestamp> {
        self.fetches
            .values()
            .filter(|fetch| fetch.changed)
            .fold(None, |next, fetch| earliest(next, Some(fetch.quiet_until)))
    }
}
