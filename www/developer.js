// The demo's switch for developers: `?force` uses the polyfill although the browser has Background
// Fetch itself, `?force=0` ends that. The choice is remembered, because a reload without the
// parameter should not change sides in the middle of a download.
//
// A classic script: it has to run before the polyfill's, and module scripts run after all classic
// ones.
(() => {
  const asked = new URL(location.href).searchParams.get('force');
  let forced = asked !== null && asked !== '0';
  try {
    if (asked !== null) localStorage.setItem('force', forced ? '1' : '0');
    forced = localStorage.getItem('force') === '1';
  } catch {
    // Storage is closed to this page. The parameter still counts, for this visit.
  }
  if (!forced) return;
  // The module that registers the worker needs to know it too: the worker has to be forced as well.
  document.documentElement.dataset.force = '';
  Object.assign(self, { backgroundFetchPolyfill: { force: true } });
})();
