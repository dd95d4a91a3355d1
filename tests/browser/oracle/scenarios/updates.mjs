// updateUI(): how often, when and with what.
import { handled } from '../handled.mjs';
import { begin, ended } from '../lives.mjs';
import { scenario } from '../scenario.mjs';

for (const [title, calls] of Object.entries({
  'updateUI once, and again': [
    '{ title: "new", icons: [{ src: "icon.png" }] }',
    '{ title: "newer" }',
    '',
  ],
  'updateUI with nothing': ['', ''],
  'updateUI with undefined': ['undefined', ''],
  'updateUI with null': ['null', ''],
  'updateUI with nothing new': ['{}', '{ title: "x" }'],
  'updateUI with odd arguments first': [
    '1',
    '"x"',
    'Symbol()',
    '{ icons: 1 }',
    '{ icons: null }',
    '{ icons: [{}] }',
    '{ title: Symbol() }',
    '{ get title() { throw new RangeError(); } }',
    '{ icons: [] }',
    '1',
    '{ icons: 1 }',
    '{ title: "x" }',
  ],
  'updateUI with a long title': ['{ title: "x".repeat(10000) }'],
  'updateUI with icons that are nowhere': [
    '{ icons: [{ src: "/nowhere.png", sizes: "1x1", type: "image/png" }, { src: "data:,x" }] }',
  ],
})) {
  handled(
    title,
    `
    addEventListener('backgroundfetchsuccess', event => event.waitUntil((async () => {
      const outcomes = [];
      for (const call of ${JSON.stringify(calls)}) outcomes.push(await probe.outcome(() => event.updateUI(...(0, eval)('[' + call + ']'))));
      harness.report('seen', outcomes);
    })()));
  `,
  );
}

handled(
  'updateUI at the same time',
  `
  addEventListener('backgroundfetchsuccess', event => event.waitUntil(Promise.all([probe.outcome(() => event.updateUI({ title: 'a' })), probe.outcome(() => event.updateUI({ title: 'b' }))]).then(seen => harness.report('seen', seen))));
`,
);

handled(
  'updateUI on a failure, read in order',
  `
  addEventListener('backgroundfetchfail', event => event.waitUntil((async () => {
    const order = [];
    const outcome = await probe.outcome(() => event.updateUI(new Proxy({}, { get: (target, key) => { order.push(String(key)); } })));
    harness.report('seen', { outcome, order, detached: await probe.outcome(() => (0, event.updateUI)()), other: await probe.outcome(() => event.updateUI.call(new BackgroundFetchEvent('x', event))) });
  })()));
`,
  { status: 404 },
);

handled(
  'updateUI late',
  `
  addEventListener('backgroundfetchsuccess', event => {
    event.waitUntil(probe.sleep(50));
    setTimeout(async () => harness.report('seen', [await probe.outcome(() => event.updateUI({ title: 'late' })), event.registration.recordsAvailable, await probe.outcome(() => event.registration.matchAll())]), 300);
  });
`,
);

handled(
  'updateUI without waitUntil',
  `
  addEventListener('backgroundfetchsuccess', async event => {
    const seen = {};
    seen.atOnce = await probe.outcome(() => event.updateUI({ title: 'x' }));
    await probe.sleep(100);
    seen.later = await probe.outcome(() => event.updateUI({ title: 'y' }));
    seen.wait = await probe.outcome(() => event.waitUntil(Promise.resolve()));
    seen.available = event.registration.recordsAvailable;
    harness.report('seen', seen);
  });
`,
);

handled(
  'updateUI in a task after an event that nobody extended',
  `
  addEventListener('backgroundfetchsuccess', event => {
    setTimeout(async () => harness.report('seen', await probe.outcome(() => event.updateUI({ title: 'x' }))), 100);
  });
`,
);

scenario(
  'updateUI and an abort',
  {
    script: `addEventListener('backgroundfetchabort', event => harness.report('seen', [typeof event.updateUI, String(event), 'updateUI' in event]));`,
  },
  async stage => {
    await begin(stage, 'aborted', [stage.held('held', 1000, { hold: 'head' })]);
    await stage.inPage(({ kept }) => kept.job.abort());
    return { seen: await stage.worker.report('seen'), page: await ended(stage) };
  },
);
