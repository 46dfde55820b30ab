import assert from 'node:assert/strict';
import { PortMapping } from '../../../lib/media/worker/port-mapping';
import { answerBindingRequest } from '../../../lib/stun';
import { FakeClock } from '../../support/fake-clock';

const SERVER = { address: '192.0.2.1', port: 3478, name: 'stun.example.com' };
/** Type of a binding indication (RFC 8489, 5). */
const INDICATION = 0x0011;

describe('media: how a NAT maps a pair of ports', () => {
  let clock: FakeClock;
  let rtp: Buffer[];
  let rtcp: Buffer[];
  let mapping: PortMapping;
  beforeEach(() => {
    clock = new FakeClock();
    [rtp, rtcp] = [[], []];
    mapping = new PortMapping(SERVER, [(bytes) => rtp.push(bytes), (bytes) => rtcp.push(bytes)], clock);
  });
  afterEach(() => {
    mapping.close();
    assert.equal(clock.pending, 0, 'no timer is left');
  });

  const answer = (request: Buffer, port: number, address = '203.0.113.7'): Buffer => {
    const bytes = answerBindingRequest(request, { address, port });
    assert.ok(bytes);
    return bytes;
  };

  it('is told by the answers to both sockets, each for itself', async () => {
    const result = mapping.ask();
    assert.equal(mapping.receiveRtcp(answer(rtp[0], 50_000)), false, 'an answer to RTP says nothing of RTCP');
    assert.ok(mapping.receiveRtcp(answer(rtcp[0], 61_003)));
    assert.ok(mapping.receiveRtp(answer(rtp[0], 50_000)));
    assert.deepEqual(await result, {
      kind: 'mapped',
      address: '203.0.113.7',
      rtpPort: 50_000,
      rtcpPort: 61_003,
    });
    assert.ok(mapping.receiveRtp(answer(rtp[0], 50_000)), 'a late copy is used up, and changes nothing');
    assert.equal(mapping.receiveRtp(Buffer.from('0001000000000000', 'hex')), false);
  });

  it('leaves the RTCP port out when it is not known, or at another address', async () => {
    const result = mapping.ask();
    mapping.receiveRtp(answer(rtp[0], 50_000));
    mapping.receiveRtcp(answer(rtcp[0], 61_003, '203.0.113.8'));
    assert.deepEqual(await result, { kind: 'mapped', address: '203.0.113.7', rtpPort: 50_000 });

    const half = new PortMapping(SERVER, [(bytes) => rtp.push(bytes), () => undefined], clock);
    const later = half.ask();
    half.receiveRtp(answer(rtp[1], 50_002));
    clock.advance(2000);
    assert.deepEqual(await later, { kind: 'mapped', address: '203.0.113.7', rtpPort: 50_002 });
    half.close();
  });

  it('is given up after two seconds and four requests', async () => {
    const result = mapping.ask();
    clock.advance(1999);
    assert.deepEqual([rtp.length, rtcp.length], [4, 4]);
    clock.advance(1);
    const { kind, failure } = (await result) as { kind: string; failure?: { code: string; message: string } };
    assert.deepEqual([kind, failure?.code], ['failed', 'TIMEOUT']);
    assert.match(failure?.message ?? '', /STUN server stun\.example\.com:3478/);
  });

  it('is given up when the sockets close', async () => {
    const result = mapping.ask();
    mapping.close();
    assert.equal((await result).kind, 'failed');
  });

  it('is kept while the call rings or is held, without answers to wait for', async () => {
    const result = mapping.ask();
    mapping.receiveRtp(answer(rtp[0], 50_000));
    mapping.receiveRtcp(answer(rtcp[0], 50_001));
    await result;
    clock.advance(60_000);
    for (const sent of [rtp, rtcp]) {
      assert.equal(sent.length, 4);
      assert.ok(sent.slice(1).every((bytes) => bytes.readUInt16BE(0) === INDICATION && bytes.length === 20));
    }
  });
});
