// What happens first when much happens at once.
import { scenario } from '../scenario.mjs';

scenario('several fetches in one turn', {}, async stage => {
  const url = stage.held('held', 1000, { hold: 'head' });
  return stage.inPage(async ({ probe, manager }, url) => {
    /** @type {string[]} */
    const log = [];
    const calls = ['a', 'b', 'a', 'c'].map((id, index) =>
      probe
        .outcome(() => manager.fetch(id, url))
        .then(outcome => log.push(`${index} ${id} ${outcome}`)),
    );
    const none = manager.getIds().then((/** @type {string[]} */ ids) => [...ids]);
    await Promise.all(calls);
    const ids = [...(await manager.getIds())];
    const jobs = await Promise.all(ids.map(id => manager.get(id)));
    const aborted = await Promise.all(jobs.map(job => job.abort()));
    return { log: log.sort(), early: (await none).length <= 3, ids: ids.sort(), aborted };
  }, url);
});

scenario('fetch and abort in one turn', {}, async stage => {
  const url = stage.held('held', 1000, { hold: 'head' });
  return stage.inPage(async ({ probe, manager }, url) => {
    const job = await manager.fetch('x', url);
    const outcomes = await Promise.all([
      probe.outcome(() => job.abort()),
      probe.outcome(() => manager.fetch('x', url)),
      probe.outcome(() => job.abort()),
    ]);
    const ids = [...(await manager.getIds())];
    await (await manager.get('x'))?.abort();
    return { outcomes, ids, state: await probe.settled(job) };
  }, url);
});

scenario('a promise, and the events of the same background fetch', {}, async stage => {
  const url = stage.file('file', 1000);
  return stage.inPage(async ({ self, probe, manager }, url) => {
    /** @type {string[]} */
    const log = [];
    self.addEventListener('worker-event', (/** @type {CustomEvent} */ { detail: { type } }) =>
      type.startsWith('background') && log.push(type),
    );
    const promise = manager.fetch('order', url).then((/** @type {any} */ job) => {
      log.push(`fetch ${job.result} ${job.downloaded}`);
      job.onprogress = () => job.result && log.push(`progress ${job.result}`);
      return job;
    });
    const job = await promise;
    await probe.settled(job);
    for (let waited = 0; log.length < 3 && waited < 5000; waited += 10) await probe.sleep(10);
    const ids = await manager.getIds();
    return { log, ids: [...ids], job: probe.outline(job) };
  }, url);
});

scenario('arguments that change while they are read', {}, async stage => {
  const [one, two] = [stage.file('one', 10), stage.file('two', 20)];
  return stage.inPage(
    async ({ probe, manager }, one, two) => {
      const list = [one];
      const icons = [{ src: 'x' }];
      const options = { title: 'x', icons, downloadTotal: 100 };
      const headers = new Headers({ 'x-own': '1' });
      const request = new Request(two, { headers });
      const promise = manager.fetch('changing', [...list, request], options);
      list.push(two);
      icons.length = 0;
      options.downloadTotal = 5;
      request.headers.set('x-own', '2');
      const job = await promise;
      const urls = probe.urls(await job.matchAll());
      return { total: job.downloadTotal, count: urls.length, state: await probe.settled(job) };
    },
    one,
    two,
  );
});
