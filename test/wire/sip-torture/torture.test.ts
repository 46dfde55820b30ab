import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createEndpoint, type InspectableEndpoint } from '../../../lib/sip/index';
import { judge, rfc4475Cases, rfc5118Cases, type Observation, type TortureCase } from '../../support/torture';
import { DatagramPeer } from './datagram-peer';
import { StreamPeer } from './stream-peer';
import type { TorturePeer } from './torture-peer';

/** What the application of the test answers to every call. */
const CALL_STATUS = 486;
const DOCUMENT = join(__dirname, '../../../docs/torture.md');
const INTRODUCTION = `# Torture messages

What the user agent answers to the messages of RFC 4475 and RFC 5118, in our own encoding, over UDP and over TCP. \`right\`
is what the RFC asks of a user agent that is neither registrar nor proxy; \`practice\` is another answer that the RFC
allows and common practice gives. Each message gets exactly one answer, and the next OPTIONS is answered; over TCP on the
same connection, or on a new one where the answer says \`closed\`: nobody can tell there where the next message begins.
\`datagrams only\` stands where the point of a message is the end of a datagram: on a connection it is another message.
\`TORTURE_TABLE=1 npx mocha test/wire/sip-torture/torture.test.ts\` writes this table; the test of that name compares it.
`;

/** Answer and verdict, by the name of the case. */
type Column = Map<string, { answer: string; verdict: string }>;

const ELSEWHERE = { answer: 'datagrams only', verdict: '' };
const casesFrom = (sentBy?: string, transport?: 'UDP' | 'TCP'): TortureCase[] => {
  const options = { ...(sentBy && { sentBy }), ...(transport && { transport }) };
  return [...rfc4475Cases(options), ...rfc5118Cases(options)];
};
const NAMES = casesFrom();

function torture(transport: 'UDP' | 'TCP', open: (port: number) => Promise<TorturePeer>): Column {
  const column: Column = new Map();
  describe(`torture messages over ${transport}: the right answer, exactly one, and alive`, () => {
    let endpoint: InspectableEndpoint;
    let peer: TorturePeer;
    let call: Observation['call'];

    beforeEach(async () => {
      endpoint = createEndpoint({
        transport: transport === 'UDP' ? 'udp' : 'tcp',
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
      peer = await open(endpoint.localAddress.port);
      call = undefined;
    });
    afterEach(async () => {
      await peer.close();
      await endpoint.close(0);
    });

    NAMES.forEach(({ section, name, title, framing }, index) => {
      if (framing === 'datagram' && transport === 'TCP') {
        column.set(name, ELSEWHERE);
        return;
      }
      it(`${section} ${name}: ${title}`, async () => {
        const each = casesFrom(peer.sentBy, transport)[index];
        const seen = await peer.exchange(each);
        const verdict = judge(each, { ...seen, call, callStatus: CALL_STATUS });
        const answer = verdict.kind === 'wrong' ? verdict.reasons.join('; ') : verdict.answer;
        column.set(name, { answer, verdict: verdict.kind });
        if (verdict.kind === 'wrong') assert.fail(`${answer}. ${each.why}`);
      });
    });
  });
  return column;
}

const udp = torture('UDP', (port) => DatagramPeer.open(port));
const tcp = torture('TCP', (port) => StreamPeer.open(port));

describe('docs/torture.md', () => {
  /** `TORTURE_TABLE=1 npx mocha …` writes the table anew. */
  it('says what was answered', function () {
    if (udp.size < NAMES.length || tcp.size < NAMES.length) this.skip();
    const rows = NAMES.map(({ section, name, title }) => {
      const [first, second] = [udp.get(name) ?? ELSEWHERE, tcp.get(name) ?? ELSEWHERE];
      const verdicts = new Set([first.verdict, second.verdict].filter((verdict) => verdict !== ''));
      const message = `${name}: ${title.replaceAll('|', '\\|')}`;
      return `| ${section} | ${message} | ${first.answer} | ${second.answer} | ${[...verdicts].join(', ')} |`;
    });
    const head = ['| section | message | over UDP | over TCP | verdict |', '|---|---|---|---|---|'];
    if (process.env['TORTURE_TABLE'])
      writeFileSync(DOCUMENT, [INTRODUCTION, ...head, ...rows, ''].join('\n'));
    const written = readFileSync(DOCUMENT, 'utf8').replace(/ +/g, ' ');
    for (const row of rows) assert.ok(written.includes(row), `docs/torture.md does not say: ${row}`);
  });
});
