import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { promisify } from 'node:util';
import type { CallRef } from '../../lib/calls';
import { readPcap } from '../../lib/evidence';
import { telemetry } from '../../nodes/shared/telemetry';
import { Bench, phone } from '../nodes/support/bench';
import helper from 'node-red-node-test-helper';
import { eventually, output } from './support/peer-process';
import { installed } from './support/programs';
import { Sngrep } from './support/sngrep';
import { describePeer } from './support/suite';

const run = promisify(execFile);
const READER = join(__dirname, 'support', 'metrics-reader.py');

/** Two phones, of which the first calls the second, is answered and hangs up. */
async function callingFlow(fields: Record<string, unknown> = {}): Promise<Bench> {
  return new Bench().load(
    phone('1001', fields),
    phone('1002', { transport: fields.transport ?? 'udp' }),
    { id: 'make', type: 'sip-make-call', instance: 'phone1001', target: '1002', wires: [['play'], [], []] },
    { id: 'in', type: 'sip-incoming-call', instance: 'phone1002', wires: [['answer']] },
    { id: 'answer', type: 'sip-answer', wires: [[], []] },
    {
      id: 'play',
      type: 'sip-play-audio',
      source: 'tone:440',
      maxDuration: '0.4',
      wires: [['up'], ['up'], ['up'], []],
    },
    { id: 'up', type: 'sip-hangup', wires: [['over']] },
  );
}

async function callOnce(bench: Bench): Promise<CallRef> {
  helper.getNode('make').receive({});
  const { call } = await bench.next('over', 30_000);
  return call as CallRef;
}

describePeer(
  'sngrep',
  'install the package sngrep',
  () => Sngrep.open(),
  (peer) => {
    it('takes the SIP of our calls over UDP and TLS as HEP3, message by message', async () => {
      const calls: CallRef[] = [];
      for (const transport of ['udp', 'tls']) {
        const bench = await callingFlow({ hep: peer().address, transport });
        try {
          calls.push(await callOnce(bench));
        } finally {
          await bench.close();
        }
      }
      await eventually('both dialogs', () => (peer().dialogs >= 2 ? true : undefined));
      // What is in its socket is read in a moment; the file is written when it ends.
      await delay(500);
      await peer().end();
      const heard = readPcap(readFileSync(peer().file)).map(
        ({ bytes }) =>
          /(?:INVITE sip|ACK sip|BYE sip|SIP\/2\.0 \d)[^]*/.exec(
            Buffer.from(bytes).toString('latin1'),
          )?.[0] ?? '',
      );
      for (const { callId } of calls) {
        const own = heard.filter((text) => text.includes(`Call-ID: ${callId}\r\n`));
        assert.deepEqual(
          own.map((text) => /^(?:SIP\/2\.0 (\d+)|(\w+))/.exec(text)?.slice(1).join('')),
          ['INVITE', '180', '200', 'ACK', 'BYE', '200'],
        );
        for (const text of own) assert.doesNotMatch(text, /inline:[^*]/);
      }
    });
  },
);

interface Family {
  name: string;
  type: string;
  unit: string;
  help: string;
  samples: [name: string, labels: Record<string, string>, value: number][];
}

describePeer(
  'prometheus_client',
  'install the package python3-prometheus-client',
  async () => {
    for (const file of ['/usr/bin/python3', installed('python3')?.file]) {
      if (file === undefined) continue;
      const query =
        'import importlib.metadata as m; import prometheus_client; print(m.version("prometheus_client"))';
      const version = await output(file, ['-c', query]).catch(() => undefined);
      if (version === undefined) continue;
      return { version: version.trim(), file, log: () => '', stop: () => Promise.resolve() };
    }
    return undefined;
  },
  (peer) => {
    const read = async (port: number, accept = ''): Promise<{ contentType: string; families: Family[] }> => {
      const { stdout } = await run(peer().file, [READER, `http://127.0.0.1:${port}/metrics`, accept]);
      return JSON.parse(stdout) as { contentType: string; families: Family[] };
    };
    const value = (families: Family[], name: string, labels: Record<string, string>): number | undefined =>
      families
        .flatMap(({ samples }) => samples)
        .find(
          ([sample, found]) =>
            sample === name && Object.entries(labels).every(([label, wanted]) => found[label] === wanted),
        )?.[2];

    it('reads our metrics in both forms, and counts the calls that were made', async () => {
      const bench = await callingFlow();
      const server = await telemetry.serve();
      try {
        const answered = { direction: 'out', outcome: 'answered' };
        const before = await read(server.port);
        const calls = 3;
        for (let count = 0; count < calls; count++) await callOnce(bench);
        const after = await read(server.port);
        assert.match(after.contentType, /^application\/openmetrics-text; version=1\.0\.0/);
        const difference = (name: string, labels: Record<string, string>): number =>
          (value(after.families, name, labels) ?? NaN) - (value(before.families, name, labels) ?? NaN);
        assert.equal(difference('sipflow_calls_total', answered), calls);
        assert.equal(difference('sipflow_calls_total', { direction: 'in', outcome: 'answered' }), calls);
        assert.equal(difference('sipflow_call_setup_seconds_count', { direction: 'out' }), calls);
        assert.equal(difference('sipflow_call_mos_bucket', { le: '+Inf' }), 2 * calls);
        for (const { name, type, unit, help } of after.families) {
          assert.match(help, /^[A-Z].*\.$/, name);
          assert.ok(['counter', 'gauge', 'histogram', 'info'].includes(type), `${name} ${type}`);
          if (unit) assert.ok(name.endsWith(`_${unit}`), name);
        }

        const older = await read(server.port, 'text/plain;version=0.0.4;q=0.5,*/*;q=0.1');
        assert.match(older.contentType, /^text\/plain; version=0\.0\.4/);
        assert.equal(
          value(older.families, 'sipflow_calls_total', answered),
          value(after.families, 'sipflow_calls_total', answered),
        );
        assert.equal(older.families.length, after.families.length);
      } finally {
        await server.close();
        await bench.close();
      }
    });
  },
);
