// What is done to a bundle once esbuild has made it: terser takes another thirtieth of what is left after
// compression, and a classic script keeps its names to itself.
import { parse } from 'acorn';
import { minify } from 'terser';

/**
 * The text of a script, and that of its source map.
 *
 * @param {{ code: string, map: string }} module a bundle in the form of a module
 * @param {{ name: string, classic: boolean, banner: string }} output its file's name, whether it becomes a
 *   classic script, and the line it begins with
 */
export async function finish({ code, map }, { name, classic, banner }) {
  const small = await minify(code, {
    ecma: 2020,
    module: true,
    // To inline more saves what compression loses again. Methods that are not written as such become so: they
    // cannot be constructed then, which nobody does.
    compress: { passes: 3, inline: 1, hoist_funs: true, unsafe_methods: true },
    // One character beyond Latin-1, and engines keep all of the script in 16 bits for each.
    format: { ascii_only: true, preamble: classic ? `${banner}\n"use strict";{` : banner },
    sourceMap: { content: map, filename: name },
  });
  const text = classic ? `${scoped(small.code ?? '')}}` : small.code;
  return { code: `${text}\n//# sourceMappingURL=${name}.map\n`, map: String(small.map) };
}

/**
 * The same script with variables that end with the block in which they stand. A function around it would do, too,
 * but engines read what is in a function twice: when they look for its end, and when it is called.
 *
 * @param {string} code
 */
function scoped(code) {
  const block = parse(`${code}}`, { ecmaVersion: 'latest' }).body.at(-1);
  if (block?.type !== 'BlockStatement') throw new Error('a classic script is one block');
  let text = code;
  for (const statement of block.body) {
    if (statement.type === 'VariableDeclaration' && statement.kind === 'var') {
      // As long as the word that it replaces: the source map stays true.
      text = `${text.slice(0, statement.start)}let${text.slice(statement.start + 3)}`;
    } else if (!/^(Variable|Function|Class)Declaration$|^(Expression|Empty)Statement$/.test(statement.type)) {
      throw new Error(`a ${statement.type} could hold a variable that leaves the block`);
    }
  }
  return text;
}
