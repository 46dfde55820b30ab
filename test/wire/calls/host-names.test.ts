import assert from 'node:assert/strict';
import { nextCall, Phones } from '../../support/phones';
import { RawPeer, request, response, type RawMessage } from '../sip/support/raw-peer';
import { masterIn, newMaster, SecuredEar } from './support/secured-ear';

const LEVELS = {
  session: (sdp: string): string => sdp.replace('IN IP4 127.0.0.1\r\nt=', 'IN IP4 localhost\r\nt='),
  media: (sdp: string): string =>
    sdp
      .replace('c=IN IP4 127.0.0.1\r\n', 'c=IN IP4 192.0.2.1\r\n')
      .replace('\r\na=crypto', '\r\nc=IN IP4 LocalHost\r\na=crypto'),
};

describe('host names in the c= lines of a peer', () => {
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

  for (const level of ['session', 'media'] as const) {
    it(`are found in offers, of INVITE and re-INVITE (${level} level)`, async () => {
      const master = newMaster();
      const ear = await SecuredEar.open(master);
      const phone = await phones.phone('1001');
      const port = phone.address?.port ?? 0;
      const incoming = nextCall(phone);
      const parts = { port: peer.port, target: `sip:1001@127.0.0.1:${port}`, callId: `name-${level}` };
      peer.send(request('INVITE', { ...parts, body: LEVELS[level](ear.sdp(master, 1)) }), port);
      const answering = (await incoming).answer();
      const ok = await peer.next('200');
      const acknowledge = (to: RawMessage, cseq: number): void =>
        peer.send(request('ACK', { ...parts, to: to.header('To'), cseq }), port);
      acknowledge(ok, 1);
      ear.expect(masterIn(ok.body));
      await answering;
      await ear.hears(5);
      const body = LEVELS[level](ear.sdp(master, 2)).replace(/localhost/i, 'localhost.');
      peer.send(request('INVITE', { ...parts, to: ok.header('To'), cseq: 2, body }), port);
      acknowledge(await peer.next('200'), 2);
      await ear.hears(5);
      await ear.close();
    });
  }

  it('are found in answers, also when the 200 behind them has none', async () => {
    const master = newMaster();
    const ear = await SecuredEar.open(master);
    const phone = await phones.phone('1001');
    const target = `sip:bob@127.0.0.1:${peer.port}`;
    const call = await phone.dial({ target });
    const invite = await peer.next('INVITE');
    ear.expect(masterIn(invite.body));
    const body = LEVELS.session(ear.sdp(master, 1));
    peer.send(response(invite, '183 Session Progress', { tag: 'bob', contact: target, body }), invite.port);
    peer.send(response(invite, '200 OK', { tag: 'bob', contact: target }), invite.port);
    assert.equal((await call.outcome).kind, 'answered');
    await ear.hears(5);
    await ear.close();
  });

  it('that have no address: 488 within the wait, and a sentence with the name', async () => {
    const phone = await phones.phone('1001');
    const port = phone.address?.port ?? 0;
    const incoming = nextCall(phone);
    const ear = await SecuredEar.open(newMaster());
    const body = LEVELS.session(ear.sdp(newMaster(), 1)).replace('localhost', 'nowhere.invalid');
    const target = `sip:1001@127.0.0.1:${port}`;
    peer.send(request('INVITE', { port: peer.port, target, callId: 'nowhere', body }), port);
    await assert.rejects((await incoming).answer(), { message: /host name nowhere\.invalid .*no address/ });
    assert.match((await peer.next('488')).header('Warning'), /^301 sipflow ".*nowhere\.invalid/);
    await ear.close();
  });

  it('unknown address types are a bad request (RFC 5118, RFC 8866, 5.7)', async () => {
    const phone = await phones.phone('1001');
    const port = phone.address?.port ?? 0;
    const ear = await SecuredEar.open(newMaster());
    for (const [index, type] of ['IN IP9', 'ATM NSAP'].entries()) {
      const incoming = nextCall(phone);
      const body = ear.sdp(newMaster(), 1).replace('c=IN IP4', `c=${type}`);
      const target = `sip:1001@127.0.0.1:${port}`;
      peer.send(request('INVITE', { port: peer.port, target, callId: `type-${index}`, body }), port);
      await assert.rejects((await incoming).answer(), {
        message: /address of the type .*; known are IP4 and IP6/,
      });
      await peer.next('400');
    }
    await ear.close();
  });
});
