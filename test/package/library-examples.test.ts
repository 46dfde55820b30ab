import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);
const ROOT = join(__dirname, '..', '..');
const FOLDER = join(ROOT, 'examples', 'lib');
/** What the last line says when the program did what it shows. */
const RESULTS: Record<string, RegExp> = {
  '01-hello': /^answered 200 OK$/,
  '02-play-and-record': /heard-by-1001\.wav 1\.\d s hangup$/,
  '03-menu': /^the caller chose 2$/,
  '04-busy-after-announcement': /^CALL_REJECTED .*486/,
  '05-codec-mismatch': /^488 .*G722.*PCMU, PCMA/,
  '06-attended-transfer': /answered and the reception has 0 calls$/,
  '07-bridge': /reason: 'hangup'/,
  '08-trace': /^← SIP\/2\.0 200 OK$/,
  '09-conference': /'123 by inband', '123 by inband'/,
  '10-network': /^answered PCMU encrypted$/,
  '11-ladder': /│◀─+ 200 OK · BYE ─+│$/,
  '12-dial-through': /'1002: 486', '1003: 486'/,
};

describe('the examples of the library', function () {
  this.timeout(60_000);
  const programs = readdirSync(FOLDER)
    .filter((file) => file.endsWith('.ts'))
    .map((file) => file.slice(0, -3));

  it('are twelve', () => assert.deepEqual(programs, Object.keys(RESULTS)));

  for (const program of programs) {
    it(`${program} runs to its end, in 40 lines at most`, async () => {
      const file = join(FOLDER, `${program}.ts`);
      assert.ok(readFileSync(file, 'utf8').trimEnd().split('\n').length <= 40);
      const { stdout, stderr } = await run(process.execPath, ['--import', 'tsx', file], {
        cwd: FOLDER,
        // The name of the package means what was built, as for a user, not the sources.
        env: { ...process.env, TSX_TSCONFIG_PATH: join(ROOT, 'tsconfig.build.json') },
      });
      assert.equal(stderr, '');
      assert.match(stdout.trimEnd().split('\n').at(-1) ?? '', RESULTS[program]);
    });
  }
});
