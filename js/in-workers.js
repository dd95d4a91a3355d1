// What pages know and service workers do not. package.json has it take the place of policy.js and form.js
// in the worker's scripts, which would carry them in vain.

/** A worker's Content-Security-Policy is in no document. */
export const isForbidden = () => false;

/** Requests of a worker do not remember what they were made of. @returns {undefined} */
export const knownBody = () => undefined;
