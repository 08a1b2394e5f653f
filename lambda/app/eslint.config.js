import js from '@eslint/js';
import globals from 'globals';

export default [
  { ignores: ['dist/'] },
  js.configs.recommended,
  {
    languageOptions: { ecmaVersion: 'latest', sourceType: 'module', globals: globals.node },
    linterOptions: { reportUnusedDisableDirectives: 'error' },
    rules: {
      'no-unused-vars': ['error', { ignoreRestSiblings: true }],
      'prefer-const': 'error',
      'no-var': 'error',
      eqeqeq: 'error',
      'object-shorthand': 'error',
      'no-template-curly-in-string': 'error',
      'require-atomic-updates': 'error',
      'no-shadow': ['error', { hoist: 'never' }],
      'no-eval': 'error',
      'no-implied-eval': 'error',
    },
  },
  // before and after of node:test are also good names of variables in tests.
  { files: ['test/**'], rules: { 'no-shadow': ['error', { hoist: 'never', allow: ['before', 'after'] }] } },
];
