// The sections of https://wicg.github.io/background-fetch/ at the revision that SPEC.md pins, and the
// definitions that the code links to.

/** Sections that say how something behaves. */
export const sections = [
  'infrastructure',
  'service-worker-registration-concept-extensions',
  'background-fetch-concept',
  'background-fetch-display-algorithm',
  'background-fetch-record-concept',
  'background-fetch-response-concept',
  'perform-a-background-fetch-algorithm',
  'complete-a-record-algorithm',
  'update-background-fetch-instance-algorithm',
  'fire-a-background-fetch-click-event-algorithm',
  'get-a-backgroundfetchregistration-instance-algorithm',
  'validate-partial-response-algorithm',
  'extract-content-range-values-algorithm',
  'create-settled-fetches-algorithm',
  'contains-background-fetch-algorithm',
  'header-syntax',
  'extensions-to-service-worker-global',
  'extensions-to-service-worker-registration',
  'background-fetch-manager',
  'background-fetch-manager-fetch',
  'background-fetch-manager-get',
  'background-fetch-manager-get-ids',
  'background-fetch-registration',
  'background-fetch-registration-events',
  'background-fetch-registration-abort',
  'background-fetch-registration-match',
  'background-fetch-registration-match-all',
  'background-fetch-record-interface',
  'background-fetch-event',
  'background-fetch-update-ui-event',
  'background-fetch-update-ui-event-update-ui',
  'automation-click',
  'privacy-and-bandwidth-use',
];

/** Anchors within them, and headings above them. */
export const definitions = [
  'api',
  'background-fetch-abort-all-flag',
  'background-fetch-id',
  'background-fetch-paused-flag',
  'background-fetch-response-result',
  'background-fetch-stored-body-bytes-total',
  'dictdef-backgroundfetchoptions',
  'dictdef-backgroundfetchuioptions',
  'enumdef-backgroundfetchfailurereason',
  'enumdef-backgroundfetchresult',
];
