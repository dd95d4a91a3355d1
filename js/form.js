// Forms and files in WebKit. It sends forms with files, but does not let a script read what it would
// send, not even as text() of the Request ("Unable to read form data blob"); and it reads a Blob into
// memory, several times over. So there a Request remembers what it was made of, and we write the body
// of a form ourselves.
// https://html.spec.whatwg.org/multipage/form-control-infrastructure.html#multipart-form-data

import { patchMethod } from './patch.js';

/** @type {WeakMap<Request, Blob | [string, FormDataEntryValue][]>} */
const forms = new WeakMap();

/** Teaches Request to remember, where that is needed. */
export function patchForms() {
  if (!globalThis.navigator.vendor?.startsWith('Apple')) return;
  const { clone } = Request.prototype;
  patchMethod(Request.prototype, {
    clone() {
      return inherit(Reflect.apply(clone, this, arguments), this);
    },
  });
  const Native = Request;
  globalThis.Request = new Proxy(Native, {
    construct(target, parameters, newTarget) {
      /** @type {Request} */
      const request = Reflect.construct(target, parameters, newTarget);
      const [input, init] = parameters;
      // Getters have had their run; a second one could be seen.
      const body = Object.getOwnPropertyDescriptor(init ?? {}, 'body')?.value ?? null;
      if (body === null) inherit(request, input);
      else if (body instanceof Blob) forms.set(request, body);
      else if (body instanceof FormData) forms.set(request, [...body]);
      return request;
    },
  });
  Native.prototype.constructor = Request;
}

/**
 * @param {Request} request
 * @param {Request} from
 */
function inherit(request, from) {
  const form = forms.get(from);
  if (form) forms.set(request, form);
  return request;
}

/**
 * The body of a request that was made of a form or a file, if that is known.
 *
 * @param {Request} request
 */
export function knownBody(request) {
  const form = forms.get(request);
  if (form instanceof Blob) return form;
  const boundary = /boundary=(.*)/.exec(request.headers.get('content-type') ?? '')?.[1];
  if (!form || !boundary) return undefined;
  const parts = form.flatMap(([name, value]) => {
    const start = `--${boundary}\r\nContent-Disposition: form-data; name="${quote(lines(name))}"`;
    if (typeof value === 'string') return [`${start}\r\n\r\n${lines(value)}\r\n`];
    const type = value.type || 'application/octet-stream';
    return [`${start}; filename="${quote(value.name)}"\r\nContent-Type: ${type}\r\n\r\n`, value, '\r\n'];
  });
  return new Blob([...parts, `--${boundary}--\r\n`]);
}

/** @param {string} text */
const lines = text => text.replace(/\r\n|\r|\n/g, '\r\n');

/** @param {string} text */
const quote = text => text.replace(/["\r\n]/g, encodeURIComponent);
