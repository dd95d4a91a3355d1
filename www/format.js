// Numbers and reasons in words. The page is written in English, and so are its numbers.

const megabytes = new Intl.NumberFormat('en', {
  style: 'unit',
  unit: 'megabyte',
  minimumFractionDigits: 1,
  maximumFractionDigits: 1,
});
const kilobytes = new Intl.NumberFormat('en', {
  style: 'unit',
  unit: 'kilobyte',
  maximumFractionDigits: 0,
});

/**
 * A size, always with one digit after the point: a number that changes its width would make the
 * line jump.
 *
 * @param {number} bytes
 */
export const size = bytes =>
  bytes > 0 && bytes < 100_000 ? kilobytes.format(bytes / 1000) : megabytes.format(bytes / 1e6);

/**
 * A position or length on a clock: 3:05.
 *
 * @param {number} seconds
 */
export function clock(seconds) {
  const whole = Math.floor(seconds);
  return `${Math.floor(whole / 60)}:${String(whole % 60).padStart(2, '0')}`;
}

/**
 * The same for the ear: "3 minutes 5 seconds".
 *
 * @param {number} seconds
 */
export function spoken(seconds) {
  const whole = Math.floor(seconds);
  const minutes = Math.floor(whole / 60);
  const rest = `${whole % 60} ${whole % 60 === 1 ? 'second' : 'seconds'}`;
  return minutes === 0 ? rest : `${minutes} ${minutes === 1 ? 'minute' : 'minutes'} ${rest}`;
}

/**
 * How much longer, in steps that do not flicker.
 *
 * @param {number} seconds
 */
export function remaining(seconds) {
  if (seconds < 8) return 'a few seconds left';
  if (seconds < 55) return `about ${Math.ceil(seconds / 5) * 5} seconds left`;
  const minutes = Math.ceil(seconds / 60);
  return `about ${minutes} ${minutes === 1 ? 'minute' : 'minutes'} left`;
}

/**
 * Each way in which a background fetch can fail, and what one can do about it.
 *
 * @type {Record<string, string>}
 */
const REASONS = {
  'bad-status': 'The server does not have one of the files any more.',
  'fetch-error': 'The connection broke and could not be picked up again.',
  'quota-exceeded': 'There is no room left on this device. Remove something, then try again.',
  'download-total-exceeded': 'A file turned out larger than announced.',
};

/** @param {string} failureReason */
export const reason = failureReason =>
  REASONS[failureReason] ?? `The browser gives this reason: ${failureReason}.`;

/**
 * Why a download could not even begin.
 *
 * @param {unknown} error
 */
export function refusal(error) {
  const { name, message } = error instanceof Error ? error : { name: '', message: String(error) };
  if (name === 'QuotaExceededError') return REASONS['quota-exceeded'];
  if (name === 'NotAllowedError' || /permission/i.test(message)) {
    return 'The browser does not allow this page to download in the background.';
  }
  return message;
}
