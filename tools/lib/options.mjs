// Options of a tool, as the command line gives them.

/**
 * The value of `--name=value`; undefined if it is not given, the first if it is given twice.
 *
 * @param {string} name without the dashes
 */
export const option = name => process.argv.find(word => word.startsWith(`--${name}=`))?.slice(name.length + 3);
