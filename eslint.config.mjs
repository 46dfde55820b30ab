import js from '@eslint/js';
import tseslint from 'typescript-eslint';

/** Imports point down: nodes → lib/calls → lib/sip, lib/sdp, lib/media → lib/dtmf, lib/audio → lib/common. */
const NODE_RED = {
  group: ['node-red', 'node-red/*', '@node-red/*'],
  message: 'lib/ never imports Node-RED.',
};
const COMMAND_LINE = { group: ['**/cli/**'], message: 'Nothing depends on the command line.' };
const layer = (files, forbidden, message, always = [NODE_RED, COMMAND_LINE]) => ({
  files,
  rules: {
    'no-restricted-imports': [
      'error',
      {
        patterns: [{ group: forbidden, message }, ...always],
      },
    ],
  },
});

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
  layer(['lib/common/**/*.ts'], ['../*'], 'lib/common depends on nothing.'),
  layer(
    ['lib/stun/**/*.ts'],
    ['**/audio/**', '**/dtmf/**', '**/sdp/**', '**/sip/**', '**/media/**', '**/calls/**', '**/nodes/**'],
    'lib/stun serves SIP and RTP sockets alike, and knows neither.',
  ),
  layer(
    ['lib/audio/**/*.ts'],
    ['**/dtmf/**', '**/sdp/**', '**/sip/**', '**/media/**', '**/calls/**', '**/simulation/**', '**/nodes/**'],
    'lib/audio is pure.',
  ),
  layer(
    ['lib/dtmf/**/*.ts'],
    ['**/sdp/**', '**/sip/**', '**/media/**', '**/calls/**', '**/simulation/**', '**/nodes/**'],
    'lib/dtmf may use lib/audio only.',
  ),
  layer(
    ['lib/sdp/**/*.ts'],
    ['**/sip/**', '**/media/**', '**/calls/**', '**/simulation/**', '**/nodes/**'],
    'lib/sdp may use lib/audio only.',
  ),
  layer(
    ['lib/sip/**/*.ts'],
    [
      '**/sdp/**',
      '**/media/**',
      '**/calls/**',
      '**/simulation/**',
      '**/nodes/**',
      '**/audio/**',
      '**/dtmf/**',
    ],
    'lib/sip knows no media; lib/calls joins them.',
  ),
  layer(
    ['lib/media/**/*.ts'],
    ['**/sdp/**', '**/sip/**', '**/calls/**', '**/simulation/**', '**/nodes/**'],
    'lib/media knows no signalling; lib/calls joins them.',
  ),
  layer(
    ['lib/simulation/**/*.ts'],
    ['**/calls/**', '**/sip/**', '**/media/**', '**/nodes/**'],
    'lib/simulation is a directory, nothing more.',
  ),
  layer(
    ['lib/calls/**/*.ts'],
    ['**/nodes/**', '**/core-adapter/**', '**/media/worker/**'],
    'lib/calls uses the public faces of lib/sip and lib/media.',
  ),
  layer(
    ['cli/**/*.ts'],
    ['**/lib/**', '**/nodes/**', '**/plugins/**'],
    'The command line uses the library as others do, by lib/index.ts.',
    [NODE_RED],
  ),
  layer(
    ['nodes/**/*.ts'],
    ['**/lib/sip/**', '**/lib/media/**', '**/lib/sdp/**', '**/lib/dtmf/**'],
    'nodes use lib/calls (and lib/common, lib/audio names) only.',
    [COMMAND_LINE],
  ),
);
