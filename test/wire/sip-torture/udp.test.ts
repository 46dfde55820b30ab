import assert from 'node:assert/strict';
import { createEndpoint, type InspectableEndpoint } from '../../../lib/sip/index';
import { judge, rfc4475Cases, rfc5118Cases, type Observation } from '../../support/torture';
import { DatagramPeer } from './datagram-peer';

/** What the application of the test answers to every call. */
const CALL_STATUS = 486;

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

  /** `TORTURE_TABLE=1 npx mocha …` prints the answers as a table for the documentation. */
  after(() => {
    if (!process.env['TORTURE_TABLE']) return;
    console.log(['| Section | Message | Answer | Verdict |', '|---|---|---|---|', ...table].join('\n'));
  });

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
});
