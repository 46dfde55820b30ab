import assert from 'node:assert/strict';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:tls';
import type { Call, CallRef, OutgoingCall, SipReport } from '../../../lib/calls';
import { createSelfSigned } from '../../../lib/sip/transport/self-signed';
import { nextCall, Phones } from '../../support/phones';
import { freePort } from '../../support/ports';
import { RawPeer, request, response, SDP } from '../sip/support/raw-peer';

/** What a peer without telephone-event writes; and what it would take instead of our codecs. */
const NO_EVENTS = SDP;
const OTHER_CODECS = SDP.replace('RTP/AVP 0', 'RTP/AVP 9 18');

describe('what a flow is told of a call that is not as it should be', () => {
  let phones: Phones;
  let peer: RawPeer;
  beforeEach(async () => {
    phones = new Phones({ mode: 'network' });
    peer = await RawPeer.open();
  });
  afterEach(async () => {
    await phones.close();
    await peer.close();
  });

  async function answeredByPeer(): Promise<OutgoingCall> {
    const phone = await phones.phone('1001');
    const call = await phone.dial({ target: `sip:bob@127.0.0.1:${peer.port}` });
    const invite = await peer.next('INVITE');
    const contact = `sip:bob@127.0.0.1:${peer.port}`;
    peer.send(response(invite, '200 OK', { tag: 'b', contact, body: NO_EVENTS }), invite.port);
    await peer.next('ACK');
    return call;
  }

  async function answeredByUs() {
    const phone = await phones.phone('1002');
    const port = phone.address?.port ?? 0;
    const parts = { port: peer.port, target: `sip:1002@127.0.0.1:${port}`, callId: 'from-outside' };
    const incoming = nextCall(phone);
    peer.send(request('INVITE', { ...parts, branch: 'z9hG4bKfirst', body: NO_EVENTS }), port);
    const call = await incoming;
    const answering = call.answer();
    const dialog = { ...parts, to: (await peer.next('200')).header('To') };
    peer.send(request('ACK', dialog), port);
    return { phone, port, call, answer: await answering, dialog };
  }

  async function endedByUs(call: Call): Promise<void> {
    const gone = call.hangup();
    const bye = await peer.next('BYE');
    peer.send(response(bye, '200 OK'), bye.port);
    await gone;
  }

  it('pitfall 6: that the other side takes no telephone-event, as caller and as callee', async () => {
    const out = await answeredByPeer();
    const outcome = await out.outcome;
    assert.match(
      outcome.sip.diagnosis ?? '',
      /no telephone-event \(RFC 4733\): digits are sent as in-band tones/,
    );
    assert.equal(out.lastSip.diagnosis, outcome.sip.diagnosis);
    await endedByUs(out);

    const { call, answer } = await answeredByUs();
    assert.match(answer.diagnosis ?? '', /no telephone-event/);
    await endedByUs(call);
  });

  it('pitfall 3: why we refused what the other side asked for; the call goes on as it was', async () => {
    const { phone, call, port, dialog } = await answeredByUs();
    const told = new Promise<{ call?: CallRef; sip?: SipReport }>((resolve) => {
      phone.on('callEvent', (report) => {
        if (report.event === 'offer-refused') resolve(report);
      });
    });
    const changed = { ...dialog, cseq: 2, branch: 'z9hG4bKchanged' };
    peer.send(request('INVITE', { ...changed, body: OTHER_CODECS }), port);
    const refusal = await peer.next('488');
    peer.send(request('ACK', changed), port);
    const { call: ref, sip } = await told;
    assert.equal(ref?.id, call.id);
    assert.equal(sip?.status, 488);
    assert.match(sip?.diagnosis ?? '', /G722.*PCMU/);
    assert.ok(refusal.header('Warning').includes((sip?.diagnosis ?? '').slice(0, 40)));
    assert.equal(call.state, 'answered');
    await endedByUs(call);
  });

  it('pitfall 3: why a hold was refused with 488 or 606', async () => {
    const call = await answeredByPeer();
    for (const status of ['488 Not Acceptable Here', '606 Not Acceptable']) {
      const holding = call.hold('hold');
      const invite = await peer.next('INVITE');
      peer.send(response(invite, status, { body: OTHER_CODECS }), invite.port);
      await peer.next('ACK');
      const outcome = await holding;
      assert.ok(outcome.kind === 'failed');
      assert.equal(outcome.failure.code, 'NO_COMMON_CODEC');
      assert.match(outcome.sip.diagnosis ?? '', /PCMU.*G722/, status);
    }
    await endedByUs(call);
  });

  it('that its request could not be sent: the host has no address, its certificate is not trusted, nobody listens', async () => {
    const server = createServer(createSelfSigned()).listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    try {
      const cases: ['tcp' | 'tls', string, string, RegExp][] = [
        ['tls', 'nowhere.invalid', 'DNS', /nowhere\.invalid/],
        ['tls', `127.0.0.1:${port}`, 'TLS', /signed/],
        ['tcp', `127.0.0.1:${await freePort()}`, 'TRANSPORT', /127\.0\.0\.1/],
      ];
      for (const [index, [transport, host, code, sentence]] of cases.entries()) {
        const phone = await phones.phone(`100${index}`, { transport });
        const target = `sip:bob@${host};transport=${transport}`;
        const outcome = await (await phone.dial({ target })).outcome;
        assert.ok(outcome.kind === 'failed');
        assert.equal(outcome.failure.code, code);
        assert.match(outcome.sip.diagnosis ?? '', sentence);
      }
    } finally {
      server.close();
    }
  });
});
