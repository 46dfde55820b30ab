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

  /** A call of ours without an offer, and the description with a host name that a peer may offer in turn. */
  async function dialled() {
    const master = newMaster();
    const ear = await SecuredEar.open(master);
    const phone = await phones.phone('1001');
    const target = `sip:bob@127.0.0.1:${peer.port}`;
    const call = await phone.dial({ target, lateOffer: true });
    const invite = await peer.next('INVITE');
    return { ear, target, call, invite, body: LEVELS.session(ear.sdp(master, 1)) };
  }

  it('are found in the offer of a 2xx, which the ACK answers', async () => {
    const { ear, target, call, invite, body } = await dialled();
    const ok = response(invite, '200 OK', { tag: 'bob', contact: target, body });
    // The second one comes while the name is looked up.
    peer.send(ok, invite.port);
    peer.send(ok, invite.port);
    ear.expect(masterIn((await peer.next('ACK')).body));
    assert.equal((await call.outcome).kind, 'answered');
    await ear.hears(5);
    await ear.close();
  });

  it('are found in the offer of a reliable 183, whose PRACK answers it before the call goes on', async () => {
    const { ear, target, call, invite, body } = await dialled();
    const headers = ['Require: 100rel', 'RSeq: 1'];
    const parts = { tag: 'bob', contact: target };
    peer.send(response(invite, '183 Session Progress', { ...parts, headers, body }), invite.port);
    peer.send(response(invite, '200 OK', parts), invite.port);
    const prack = await peer.next('PRACK');
    ear.expect(masterIn(prack.body));
    peer.send(response(prack, '200 OK'), prack.port);
    await peer.next('ACK');
    assert.equal((await call.outcome).kind, 'answered');
    await ear.hears(5);
    await ear.close();
  });

  it('without an address in the offer of a 2xx: the call ends with a sentence that has the name', async () => {
    const ear = await SecuredEar.open(newMaster());
    const phone = await phones.phone('1001');
    const target = `sip:bob@127.0.0.1:${peer.port}`;
    const call = await phone.dial({ target, lateOffer: true });
    const invite = await peer.next('INVITE');
    const body = LEVELS.session(ear.sdp(newMaster(), 1)).replace('localhost', 'nowhere.invalid');
    peer.send(response(invite, '200 OK', { tag: 'bob', contact: target, body }), invite.port);
    await peer.next('ACK');
    const bye = await peer.next('BYE');
    peer.send(response(bye, '200 OK'), bye.port);
    const outcome = await call.outcome;
    assert.equal(outcome.kind, 'failed');
    assert.match(outcome.failure.message, /host name nowhere\.invalid .*no address/);
    await ear.close();
  });

  it('are found in a further offer, of a PRACK', async () => {
    const masters = [newMaster(), newMaster()];
    const ears = await Promise.all(masters.map((master) => SecuredEar.open(master)));
    const phone = await phones.phone('1001', { reliableProvisional: true });
    const port = phone.address?.port ?? 0;
    const incoming = nextCall(phone);
    const parts = { port: peer.port, target: `sip:1001@127.0.0.1:${port}`, callId: 'named-prack' };
    const offer = ears[0].sdp(masters[0], 1);
    peer.send(request('INVITE', { ...parts, headers: ['Supported: 100rel'], body: offer }), port);
    const call = await incoming;
    const prack = async (cseq: number, status: string, body?: string): Promise<RawMessage> => {
      const progress = await peer.next(status);
      const to = progress.header('To');
      const headers = [`RAck: ${progress.header('RSeq')} 1 INVITE`];
      peer.send(request('PRACK', { ...parts, cseq, to, headers, ...(body ? { body } : {}) }), port);
      return peer.nextWhere(({ header }) => header('CSeq') === `${cseq} PRACK`);
    };
    await prack(2, '180');
    await call.startEarlyMedia();
    const ok = await prack(3, '183', LEVELS.session(ears[1].sdp(masters[1], 2)));
    assert.equal(ok.startLine, 'SIP/2.0 200 OK');
    ears[1].expect(masterIn(ok.body));
    await ears[1].hears(5);
    const answering = call.answer();
    const answer = await peer.nextWhere(({ header }) => header('CSeq') === '1 INVITE');
    peer.send(request('ACK', { ...parts, to: answer.header('To') }), port);
    await answering;
    await Promise.all(ears.map((ear) => ear.close()));
  });

  it('are found in the offer of an INVITE with Replaces', async () => {
    const masters = [newMaster(), newMaster()];
    const ears = await Promise.all(masters.map((master) => SecuredEar.open(master)));
    const phone = await phones.phone('1001', { transferPolicy: 'auto' });
    const port = phone.address?.port ?? 0;
    const incoming = nextCall(phone);
    const parts = { port: peer.port, target: `sip:1001@127.0.0.1:${port}`, callId: 'old' };
    peer.send(request('INVITE', { ...parts, body: ears[0].sdp(masters[0], 1) }), port);
    const call = await incoming;
    const answering = call.answer();
    const ok = await peer.next('200');
    peer.send(request('ACK', { ...parts, to: ok.header('To') }), port);
    await answering;
    const replaced = new Promise((resolve) => call.on('replaced', resolve));
    const toTag = /tag=(.*)/.exec(ok.header('To'))?.[1];
    const headers = [`Replaces: old;to-tag=${toTag};from-tag=rawtag`];
    const body = LEVELS.session(ears[1].sdp(masters[1], 1));
    peer.send(request('INVITE', { ...parts, callId: 'new', headers, body }), port);
    const taken = await peer.nextWhere(
      ({ startLine, header }) => startLine.includes('200') && header('Call-ID') === 'new',
    );
    peer.send(request('ACK', { ...parts, callId: 'new', to: taken.header('To') }), port);
    ears[1].expect(masterIn(taken.body));
    await replaced;
    await ears[1].hears(5);
    const bye = await peer.next('BYE');
    assert.equal(bye.header('Call-ID'), 'old');
    peer.send(response(bye, '200 OK'), bye.port);
    await Promise.all(ears.map((ear) => ear.close()));
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
