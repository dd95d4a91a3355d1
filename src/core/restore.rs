//! Takes up what an earlier life of the worker has stored.

use super::Core;
use super::background_fetch::{BackgroundFetch, Phase};
use super::complete_record::ends_all;
use super::error::Error;
use super::input::{EndSnapshot, FetchSnapshot};
use super::output::{FetchEnd, Output};
use super::record::{Record, RecordState};
use super::time::Timestamp;

impl Core {
    /// Takes up a background fetch as the store remembers it. Only for one that is not known yet.
    pub fn restore(&mut self, at: Timestamp, snapshot: FetchSnapshot) -> Result<(), Error> {
        self.begin(at)?;
        let no = snapshot.no;
        self.last_fetch = self.last_fetch.max(no.0);
        let records = snapshot.records.into_iter().map(|record| {
            let origin = self.origin(&record.request.origin);
            Record::restored(record, origin)
        });
        let records = records.collect();
        let mut fetch = BackgroundFetch::new(no, snapshot.id, records, snapshot.download_total);
        fetch.paused = snapshot.paused;
        fetch.idle = snapshot.idle;
        fetch.phase = Phase::Active;
        fetch.count();
        match snapshot.end {
            None => self.take_up(fetch),
            Some(EndSnapshot {
                reason,
                due,
                downloaded,
            }) => {
                fetch.stored = downloaded;
                let end = FetchEnd { reason };
                fetch.phase = Phase::Withdrawing(end);
                self.fetches.insert(no, fetch);
                match due {
                    Some(due) => self.redeliver(no, end, due),
                    None => {
                        self.outputs.push_back(Output::Sweep(no));
                        self.gone.push(no);
                    }
                }
            }
        }
        self.finish();
        Ok(())
    }

    fn take_up(&mut self, mut fetch: BackgroundFetch) {
        fetch.forget_redundant();
        let (no, failure) = (fetch.no, fetch.failure);
        if let Some(earlier) = self.get(&fetch.id) {
            // Its end was told, but could not be stored: only then could another one take its id.
            self.end_early(earlier);
        }
        self.active.insert(&fetch.id, no);
        self.fetches.insert(no, fetch);
        self.queue_all(no);
        if failure.is_some_and(ends_all) {
            // Killed between this result and the end that it brings about.
            self.abort_all(no, None);
        }
        self.conclude_if_settled(no);
    }
}

impl BackgroundFetch {
    /// More than the download total was never taken, but bytes that became redundant stay stored until
    /// others take their place. Whose they are is not stored, so that all unfinished records begin anew:
    /// else the sum would be wrong, and could end a download that keeps to its total.
    fn forget_redundant(&mut self) {
        if !self.exceeds_total(0) {
            return;
        }
        for record in self.records.iter_mut().filter(|record| !record.settled()) {
            self.taken -= record.taken();
            self.stored -= record.data.stored;
            record.data = record.data.abandoned();
        }
    }

    /// Sums up restored records.
    fn count(&mut self) {
        for place in 0..self.records.len() {
            let record = &self.records[place];
            self.stored += record.data.stored;
            self.taken += record.taken();
            if record.data.head.is_some() {
                self.uploaded += record.request.body_length;
            }
            if let RecordState::Settled(result) = record.state {
                self.settle(result);
            }
        }
    }
}
