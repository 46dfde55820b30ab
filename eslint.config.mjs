import js from '@eslint/js';
import tseslint from 'typescript-eslint';
import { layers } from './scripts/layers.mjs';

export default tseslint.config(
  { ignores: ['dist/**', '.sipflow/**', '.cache/**', 'lib/sip/core-adapter/generated/**'] },
  js.configs.recommended,
  ...tseslint.configs.recommendedTypeChecked.map((c) => ({ ...c, files: ['**/*.ts'] })),
  {
    files: ['**/*.ts'],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: {
      '@typescript-eslint/no-explicit-any': 'error',
      '@typescript-eslint/no-floating-promises': 'error',
      '@typescript-eslint/require-await': 'off',
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_' }],
    },
  },
  {
    files: ['lib/calls/**/*.ts', 'lib/sip/**/*.ts', 'lib/media/**/*.ts'],
    ignores: ['lib/sip/core-adapter/patch-core.ts'],
    rules: {
      'no-restricted-syntax': [
        'error',
        {
          selector:
            'AssignmentExpression[left.type="MemberExpression"]:matches([right.type="ArrowFunctionExpression"], [right.type="FunctionExpression"])',
          message:
            'V8 puts a function that is written where it is assigned to a property among its old objects at once; whatever it captures, such as a whole call, then stays until a full collection. Give it a name first.',
        },
      ],
    },
  },
  {
    files: ['test/**/*.ts'],
    rules: { '@typescript-eslint/no-unused-expressions': 'off' },
  },
  {
    files: ['**/*.mjs'],
    languageOptions: {
      globals: {
        process: 'readonly',
        console: 'readonly',
        URL: 'readonly',
        setTimeout: 'readonly',
        setInterval: 'readonly',
        clearInterval: 'readonly',
        fetch: 'readonly',
      },
    },
  },
  {
    files: ['**/*.cjs'],
    languageOptions: {
      sourceType: 'commonjs',
      globals: { require: 'readonly', module: 'readonly', process: 'readonly' },
    },
  },
  {
    files: ['resources/**/*.js'],
    languageOptions: {
      sourceType: 'script',
      globals: { RED: 'readonly', $: 'readonly', window: 'readonly', document: 'readonly' },
    },
  },
  {
    files: ['lib/**/*.ts', 'nodes/**/*.ts', 'plugins/**/*.ts', 'cli/**/*.ts'],
    plugins: { layers },
    rules: { 'layers/imports': 'error' },
  },
);
