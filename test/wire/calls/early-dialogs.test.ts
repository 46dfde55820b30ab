import assert from 'node:assert/strict';
import { nextCall, Phones } from '../../support/phones';
import { RawPeer, request, response, type RawMessage } from '../sip/support/raw-peer';
import { Ears, sdpAt } from './support/ears';

const sdp = (port: number): string => sdpAt({ port });

describe('early dialogs of a call', () => {
  let phones: Phones;
  const ears = new Ears();
  let peer: RawPeer;
  beforeEach(async () => {
    phones = new Phones({ mode: 'network' });
    peer = await RawPeer.open();
  });
  afterEach(async () => {
    await phones.close();
    await peer.close();
    await ears.close();
  });

  it('pitfall 7: give early media each, and the one that answers keeps it; another answer gets ACK and BYE', async () => {
    const [one, two, three] = [await ears.open(), await ears.open(), await ears.open()];
    const phone = await phones.phone('1001');
    const target = `sip:bob@127.0.0.1:${peer.port}`;
    const call = await phone.dial({ target });
    const invite = await peer.next('INVITE');
    const reply = (to: RawMessage, status: string, tag: string, port?: number): void =>
      peer.send(
        response(to, status, { tag, contact: target, ...(port ? { body: sdp(port) } : {}) }),
        invite.port,
      );
    const heardOne = one.hears();
    reply(invite, '183 Session Progress', 'one', one.port);
    await call.waitFor('early-media', { timeout: 5 });
    await heardOne;
    const heardTwo = two.hears();
    reply(invite, '183 Session Progress', 'two', two.port);
    await heardTwo;
    const heardAgain = one.hears();
    reply(invite, '200 OK', 'one', one.port);
    reply(invite, '200 OK', 'three', three.port);
    assert.equal((await call.outcome).kind, 'answered');
    await heardAgain;
    const bye = await peer.next('BYE');
    assert.match(bye.header('To'), /tag=three$/, 'the second answer is ended');
    reply(bye, '200 OK', 'three');
    assert.equal(call.state, 'answered');
    const gone = call.hangup();
    const last = await peer.nextWhere(
      ({ startLine, header }) => startLine.startsWith('BYE') && header('To').endsWith('one'),
    );
    reply(last, '200 OK', 'one');
    await gone;
  });

  it('pitfall 7: take a further offer in the PRACK, answer it, and send the media there', async () => {
    const [before, after] = [await ears.open(), await ears.open()];
    const phone = await phones.phone('1001', { reliableProvisional: true });
    const port = phone.address?.port ?? 0;
    const incoming = nextCall(phone);
    const parts = { port: peer.port, target: `sip:1001@127.0.0.1:${port}`, callId: 'further' };
    const invite = request('INVITE', { ...parts, headers: ['Supported: 100rel'], body: sdp(before.port) });
    peer.send(invite, port);
    const call = await incoming;
    const ringing = await peer.next('180');
    assert.equal(ringing.header('Require'), '100rel', 'the phone asks for PRACK');
    const prack = (message: RawMessage, cseq: number, body?: string): void =>
      peer.send(
        request('PRACK', {
          ...parts,
          cseq,
          to: message.header('To'),
          headers: [`RAck: ${message.header('RSeq')} 1 INVITE`],
          ...(body ? { body } : {}),
        }),
        port,
      );
    prack(ringing, 2);
    await peer.next('200');
    const heardBefore = before.hears();
    await call.startEarlyMedia();
    const progress = await peer.next('183');
    await heardBefore;
    const heardAfter = after.hears();
    prack(progress, 3, sdp(after.port));
    const ok = await peer.next('200');
    assert.equal(ok.header('CSeq'), '3 PRACK');
    assert.match(ok.body, /m=audio \d+ RTP\/AVP 0/);
    await heardAfter;
    await call.reject({ status: 486 });
    const busy = await peer.next('486');
    peer.send(
      request('ACK', { ...parts, to: busy.header('To'), branch: /branch=([^;]+)/.exec(invite)?.[1] }),
      port,
    );
    await peer.settled(port);
  });
});
