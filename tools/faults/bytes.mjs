// Bytes that anyone who knows the seed can compute, from any offset on: AES in counter mode over zeros.
import { createCipheriv, createHash } from 'node:crypto';

const block = 16;
const zeros = Buffer.alloc(1 << 20);

/**
 * A part of the endless sequence that belongs to a seed.
 *
 * @param {string} seed
 * @param {number} offset
 * @param {number} length
 */
export function bytes(seed, offset, length) {
  const key = createHash('md5').update(seed).digest();
  const counter = Buffer.alloc(block);
  counter.writeBigUInt64BE(BigInt(Math.floor(offset / block)), 8);
  const cipher = createCipheriv('aes-128-ctr', key, counter);
  cipher.update(zeros.subarray(0, offset % block));
  const parts = [];
  for (let left = length; left > 0; left -= zeros.length) {
    parts.push(cipher.update(left < zeros.length ? zeros.subarray(0, left) : zeros));
  }
  return parts.length === 1 && parts[0] ? parts[0] : Buffer.concat(parts);
}

const slice = 8 << 20;

/**
 * The checksum of a body of this sequence, in hexadecimal digits: the SHA-256 of up to 8 MiB, or of
 * more the SHA-256 of the sums of its slices of 8 MiB, since a page cannot hash what it cannot hold.
 * `harness.digest` in a page or worker computes the same.
 *
 * @param {string} seed
 * @param {number} size
 * @param {number} [offset]
 */
export function checksum(seed, size, offset = 0) {
  const sums = [];
  for (let at = 0; at < size || at === 0; at += slice) {
    const hash = createHash('sha256');
    const end = Math.min(at + slice, size);
    for (let part = at; part < end; part += zeros.length) {
      hash.update(bytes(seed, offset + part, Math.min(zeros.length, end - part)));
    }
    sums.push(hash.digest());
  }
  const [sum] = sums;
  const whole = sums.length === 1 && sum ? sum : createHash('sha256').update(Buffer.concat(sums)).digest();
  return whole.toString('hex');
}
