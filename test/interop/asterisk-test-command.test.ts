import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Report } from '../../lib/testing';
import { root } from '../package/support/node-red';
import { Asterisk } from './support/asterisk';
import { describePeer } from './support/suite';

const PATIENCE_MS = 120000;
const example = readdirSync(join(root, 'examples')).find((name) => /^18 .*json$/.test(name)) ?? '';

describePeer(
  'Asterisk and the command sipflow test',
  'unpack it with "npm run test:interop -- --fetch"',
  () => Asterisk.open(),
  (asterisk) => {
    const folder = mkdtempSync(join(tmpdir(), 'sipflow-test-command-'));
    let runs = 0;
    after(() => rmSync(folder, { recursive: true, force: true }));

    /** Runs example 18 against the PBX; the password comes from the environment, as in a CI job. */
    const run = (password: string): Promise<{ code: number; said: string; report: Report }> => {
      const output = join(folder, String(++runs));
      const args = [
        join(root, 'dist/cli/main.js'),
        'test',
        join(root, 'examples', example),
        '--output',
        output,
      ];
      const env = {
        ...process.env,
        PBX_HOST: asterisk().address,
        SIPFLOW_CREDENTIAL_PBX_ACCOUNT_PASSWORD: password,
      };
      return new Promise((resolve) => {
        execFile(process.execPath, args, { env, timeout: PATIENCE_MS }, (error, stdout, stderr) => {
          const report = JSON.parse(readFileSync(join(output, 'report.json'), 'utf8')) as Report;
          resolve({ code: error ? Number(error.code) : 0, said: `${stdout}${stderr}`, report });
        });
      });
    };

    it('example 18: extension, transfer, hold, busy and voicemail pass, row by row', async function () {
      this.timeout(PATIENCE_MS);
      const { code, said, report } = await run('secret');
      assert.equal(code, 0, said);
      assert.deepEqual(
        report.verdicts.map(({ row, status }) => [row, status]),
        [1, 2, 3, 4, 5].map((row) => [row, 'passed']),
        said,
      );
      const called = report.verdicts.flatMap(({ attempts }) => attempts.flatMap(({ calls }) => calls));
      assert.ok(called.length >= 5);
      for (const { ref } of called) assert.ok(ref.to.endsWith(`@${asterisk().address}`), ref.to);
    });

    it('example 18: a wrong password fails every row, and is in no output', async function () {
      this.timeout(PATIENCE_MS);
      const { code, said, report } = await run('wrong-password-of-18');
      assert.equal(code, 1, said);
      assert.ok(report.verdicts.every(({ status }) => status === 'failed'));
      assert.ok(!JSON.stringify(report).includes('wrong-password-of-18'));
      assert.ok(!said.includes('wrong-password-of-18'));
    });
  },
);
