// What ESLint recommends, each place with the globals it really has. Types are TypeScript's business.
import js from '@eslint/js';
import globals from 'globals';

/** The shim runs in pages and in workers; which it is, it asks. */
const either = { ...globals.browser, ...globals.serviceworker };

export default [
  { ignores: ['dist/', 'target/', 'node_modules/'] },
  js.configs.recommended,
  {
    rules: {
      eqeqeq: ['error', 'always', { null: 'ignore' }],
      'no-var': 'error',
      'prefer-const': 'error',
      'no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
    },
  },
  { files: ['js/**/*.js'], languageOptions: { globals: { ...either, __VERSION__: 'readonly' } } },
  { files: ['www/**/*.js'], languageOptions: { globals: globals.browser } },
  { files: ['www/service-worker.js'], languageOptions: { sourceType: 'script', globals: { ...globals.serviceworker, workboxRangeRequests: 'readonly' } } },
  {
    files: ['tests/browser/fixtures/*.js'],
    languageOptions: { sourceType: 'script', globals: either },
    // Scripts that the server joins see each other's names.
    rules: { 'no-unused-vars': 'off', 'no-undef': 'off' },
  },
  { files: ['tests/*.js'], languageOptions: { globals: globals.serviceworker } },
  { files: ['tools/**/*.mjs', 'tests/**/*.mjs', 'fuzz/*.mjs', '*.mjs'], languageOptions: { globals: globals.node } },
  { files: ['tests/**/*.mjs'], languageOptions: { globals: { ...globals.browser, ...globals.node } } },
];
