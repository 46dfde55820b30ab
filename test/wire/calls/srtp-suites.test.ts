import assert from 'node:assert/strict';
import { nextCall, Phones } from '../../support/phones';
import { SRTP_SUITES } from '../../../lib/sdp';
import { RawPeer, request, response } from '../sip/support/raw-peer';
import { hearEachOther } from './support/hear-each-other';
import { masterIn, newMaster, SecuredEar } from './support/secured-ear';

const SUITE = 'AES_CM_128_HMAC_SHA1_80';
/** Bytes of the authentication tag of that suite, which stand behind the MKI. */
const TAG = 10;

describe('SRTP suites between two phones', () => {
  let phones: Phones;
  beforeEach(() => {
    phones = new Phones({ srtp: 'required' });
  });
  afterEach(() => phones.close());

  it('carry the audio both ways, each of them', async () => {
    await Promise.all(
      SRTP_SUITES.map(async (suite, index) => {
        const caller = await phones.phone(`1${index}`, { srtpSuites: [suite.toLowerCase()] });
        const callee = await phones.phone(`2${index}`, { srtpSuites: [...SRTP_SUITES] });
        const incoming = nextCall(callee);
        const out = await caller.dial({ target: `2${index}` });
        const answering = await incoming;
        await answering.answer();
        assert.equal((await out.outcome).kind, 'answered', suite);
        assert.equal((await out.info()).srtp, true);
        const [invite] = out.trace();
        assert.match(String(invite?.text), new RegExp(`a=crypto:1 ${suite} `));
        await hearEachOther(out, answering);
        await out.hangup();
      }),
    );
  });

  it('fail with a sentence when none is common', async () => {
    const caller = await phones.phone('1001', { srtpSuites: ['AEAD_AES_256_GCM'] });
    const callee = await phones.phone('1002', { srtpSuites: ['AES_256_CM_HMAC_SHA1_80'] });
    const incoming = nextCall(callee);
    const out = await caller.dial({ target: '1002' });
    await assert.rejects((await incoming).answer(), { code: 'SRTP_NOT_NEGOTIATED' });
    const outcome = await out.outcome;
    assert.ok(outcome.kind === 'failed');
    assert.equal(outcome.failure.code, 'SRTP_NOT_NEGOTIATED');
    assert.match(
      outcome.sip.diagnosis ?? '',
      /offer has only AEAD_AES_256_GCM; this phone allows AES_256_CM_HMAC_SHA1_80/,
    );
  });

  it('must be known, and one at least', async () => {
    await assert.rejects(phones.phone('1001', { srtpSuites: ['AES_CM_129_HMAC_SHA1_80'] }), {
      code: 'BAD_CONFIG',
      message: /AES_CM_129_HMAC_SHA1_80.*AEAD_AES_256_GCM/,
    });
    await assert.rejects(phones.phone('1002', { srtpSuites: [] }), { code: 'BAD_CONFIG' });
  });
});

describe('SRTP keys with an identifier (MKI)', () => {
  let phones: Phones;
  let peer: RawPeer;
  beforeEach(async () => {
    phones = new Phones({ mode: 'network', srtp: 'required' });
    peer = await RawPeer.open();
  });
  afterEach(async () => {
    await phones.close();
    await peer.close();
  });

  const inline = (master: Buffer, mki: string): string => `inline:${master.toString('base64')}|${mki}`;

  it('offered by a caller, are in the packets of both directions; a second key is taken when it comes', async () => {
    const [one, two] = [newMaster(), newMaster()];
    const ear = await SecuredEar.open([{ master: one, mki: Uint8Array.of(0, 0, 0, 1) }]);
    const phone = await phones.phone('1001');
    const port = phone.address?.port ?? 0;
    const incoming = nextCall(phone);
    const parts = { port: peer.port, target: `sip:1001@127.0.0.1:${port}`, callId: 'mki-in' };
    const crypto = [
      `4 AES_CM_129_HMAC_SHA1_80 ${inline(newMaster(), '2^20')}`,
      `9 ${SUITE} ${inline(one, '2^20|1:4')};${inline(two, '1048576|2:4')} WSH=128`,
      `1 AES_CM_128_HMAC_SHA1_32 ${inline(newMaster(), '2^20')} UNENCRYPTED_SRTP`,
    ];
    const body = ear.sdpWith(crypto.join('\r\na=crypto:'));
    peer.send(request('INVITE', { ...parts, branch: 'z9hG4bKmki', body }), port);
    const call = await incoming;
    const answering = call.answer();
    const ok = await peer.next('200');
    assert.match(ok.body, new RegExp(`a=crypto:9 ${SUITE} inline:[A-Za-z0-9+/]{40}\\|1:4\r\n`));
    peer.send(request('ACK', { ...parts, to: ok.header('To') }), port);
    ear.expect([{ master: masterIn(ok.body), mki: Uint8Array.of(0, 0, 0, 1) }]);
    await answering;
    await ear.hears(10);
    assert.equal(
      ear.newest.toString('hex', ear.newest.length - TAG - 4, ear.newest.length - TAG),
      '00000001',
    );
    assert.equal(ear.newest.length, 12 + 160 + 4 + TAG);

    ear.sendWith([{ master: two, mki: Uint8Array.of(0, 0, 0, 2) }]);
    await ear.hears(10);
    const received = async (): Promise<{ packets: number; discarded: number }> => {
      const { rtp } = await call.info();
      assert.ok(rtp);
      return rtp.received;
    };
    while ((await received()).packets < 18) await ear.hears(1);
    assert.equal((await received()).discarded, 0);
    const gone = call.hangup();
    peer.send(response(await peer.next('BYE'), '200 OK'), port);
    await gone;
    await ear.close();
  });

  it('that the answer brings are taken; our own key has none, as we offered it', async () => {
    const master = newMaster();
    const ear = await SecuredEar.open([{ master, mki: Uint8Array.of(200) }]);
    const phone = await phones.phone('1001');
    const target = `sip:bob@127.0.0.1:${peer.port}`;
    const call = await phone.dial({ target });
    const invite = await peer.next('INVITE');
    ear.expect(masterIn(invite.body));
    const body = ear.sdpWith(`1 ${SUITE} ${inline(master, '200:1')}`);
    peer.send(response(invite, '200 OK', { tag: 'bob', contact: target, body }), invite.port);
    assert.equal((await call.outcome).kind, 'answered');
    await ear.hears(10);
    assert.equal(ear.newest.length, 12 + 160 + TAG);
    for (;;) {
      const { rtp } = await call.info();
      assert.equal(rtp?.received.discarded, 0);
      if ((rtp?.received.packets ?? 0) >= 5) break;
    }
    const gone = call.hangup();
    const bye = await peer.next('BYE');
    peer.send(response(bye, '200 OK'), bye.port);
    await gone;
    await ear.close();
  });
});
