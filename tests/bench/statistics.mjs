// The little statistics there is.

/** @param {number[]} values */
export function median(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const half = Math.floor(sorted.length / 2);
  const [low = NaN, high = NaN] = [sorted[sorted.length % 2 ? half : half - 1], sorted[half]];
  return (low + high) / 2;
}

/** The noise of some rounds: how far apart they are, as a share of their median; nothing for one round. @param {number[]} values */
export const spread = values => (values.length < 2 ? undefined : (Math.max(...values) - Math.min(...values)) / Math.abs(median(values) || 1));

/** Three digits that matter. @param {number | undefined} value */
export function digits(value) {
  if (value === undefined || Number.isNaN(value)) return '–';
  const size = Math.abs(value);
  return size >= 100 ? value.toFixed(0) : size >= 10 ? value.toFixed(1) : value.toFixed(2);
}
