import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createEndpoint, type InspectableEndpoint } from '../../../lib/sip/index';
import { judge, rfc4475Cases, rfc5118Cases, type Observation } from '../../support/torture';
import { DatagramPeer } from './datagram-peer';

/** What the application of the test answers to every call. */
const CALL_STATUS = 486;
const DOCUMENT = join(__dirname, '../../../docs/torture.md');
const INTRODUCTION = `# Torture messages

What the user agent answers to the messages of RFC 4475 and RFC 5118, in our own encoding, over UDP. \`right\` is what the
RFC asks of a user agent that is neither registrar nor proxy; \`practice\` is another answer that common practice gives.
Each message gets exactly one answer, and the next OPTIONS is answered. \`TORTURE_TABLE=1 npx mocha
'test/wire/sip-torture/udp.test.ts'\` writes this table; the test of that name compares it.
`;

describe('torture messages over UDP: the right answer, exactly one, and alive', () => {
  let endpoint: InspectableEndpoint;
  let peer: DatagramPeer;
  let call: Observation['call'];

  beforeEach(async () => {
    endpoint = createEndpoint({
      transport: 'udp',
      bindAddress: '127.0.0.1',
      port: 0,
      user: 'user',
      userAgent: 'SIPFLOW test',
    });
    endpoint.on('invite', (invite) => {
      call = { calledUser: invite.calledUser, requestUri: invite.request.requestUri };
      invite.reject({ status: CALL_STATUS });
    });
    await endpoint.start();
    peer = await DatagramPeer.open(endpoint.localAddress.port);
    call = undefined;
  });

  const table: string[] = [];

  afterEach(async () => {
    await endpoint.close(0);
    await peer.close();
  });

  const names = [...rfc4475Cases(), ...rfc5118Cases()];
  names.forEach(({ section, name, title }, index) => {
    it(`${section} ${name}: ${title}`, async function () {
      const options = { sentBy: peer.sentBy };
      const torture = [...rfc4475Cases(options), ...rfc5118Cases(options)][index];
      const responses = await peer.exchange(torture.bytes, `probe-${name}`);
      const verdict = judge(torture, { responses, call, callStatus: CALL_STATUS });
      const answer = verdict.kind === 'wrong' ? verdict.reasons.join('; ') : verdict.answer;
      table.push(`| ${section} | ${name}: ${title.replaceAll('|', '\\|')} | ${answer} | ${verdict.kind} |`);
      if (verdict.kind === 'wrong') assert.fail(`${answer}. ${torture.why}`);
    });
  });

  /** `TORTURE_TABLE=1 npx mocha …` writes the table anew. */
  it('gives the answers that docs/torture.md says', function () {
    if (table.length < names.length) this.skip();
    const text = [
      INTRODUCTION,
      '| section | message | answer | verdict |',
      '|---|---|---|---|',
      ...table,
      '',
    ];
    if (process.env['TORTURE_TABLE']) writeFileSync(DOCUMENT, text.join('\n'));
    const written = readFileSync(DOCUMENT, 'utf8').replace(/ +/g, ' ');
    for (const row of table) assert.ok(written.includes(row), `docs/torture.md does not say: ${row}`);
  });
});
