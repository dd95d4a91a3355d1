// The worker's side of the engine (`src/driver/host.rs`), for `rows.rs` and `service_worker.rs`: goes to the
// network and takes everything else to be done at once, but for what a test brings itself.
(own => ({
  announce() {},
  async tell() {},
  async dispatch() {},
  probe: async () => 0,
  busy() {},
  lost() {},
  sweep() {},
  send: ({ url, ...init }, signal) => fetch(url, { ...init, signal }),
  head: ({ url, type, redirected, status, statusText, headers }) =>
    ({ url, type, redirected, status, statusText, arrived: 1, headers: [...headers] }),
  gather: response => response.arrayBuffer(),
  ...own,
}))
