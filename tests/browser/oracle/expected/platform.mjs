// What the rules of the platform forbid to a script, and Chromium itself can do.

/** @type {import('../compare.mjs').Expectation[]} */
export const beyondReach = [
  {
    why: 'An event that a script dispatches is not trusted.',
    section: 'DOM, `dispatchEvent()`',
    follows: 'native',
    seen: [
      { at: '*event.trusted', native: true, ours: false },
      { at: '*progress.events', native: ['Event true false false false 2 true'],
        ours: ['Event true false false false 2 false'] },
    ],
  },
  {
    why: 'When a script dispatches an event, microtasks run after the last listener, not after each.',
    section: 'HTML, clean up after running script',
    follows: 'native',
    seen: [
      { in: 'microtasks between listeners', at: 'seen', native: ['first', 'microtask of the first',
        'second'], ours: ['first', 'second', 'microtask of the first'] },
      { in: 'handlers, listeners and their order', at: 'seen.order' },
    ],
  },
  {
    why: 'The native `waitUntil()` refuses events that a script dispatched, so `BackgroundFetchEvent` has one of its own.',
    section: 'Service Workers, add lifetime promise',
    follows: 'native',
    seen: [{ in: 'the interfaces in a service worker',
      at: ['shapes.BackgroundFetchEvent.members.waitUntil', 'shapes.BackgroundFetchEvent.order'] }],
  },
  {
    why: 'A script cannot make a `PermissionStatus`: the getters of its prototype refuse ours, which has its own.',
    section: 'Permissions, `PermissionStatus`',
    follows: 'native',
    seen: [{ in: 'the permission', at: ['page.getter', 'worker.getter'], ours: 'throws TypeError' }],
  },
  {
    why: 'Only the platform can report what the policy of a page forbids as a violation of it.',
    section: 'CSP, report a violation',
    follows: 'native',
    seen: [{ in: 'a policy of the page', at: 'violations', native: ['connect-src'], ours: [] }],
  },
];
