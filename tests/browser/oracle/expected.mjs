export const expected = /** @type {import("./compare.mjs").Expectation[]} */ ([]);
