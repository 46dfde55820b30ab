import assert from 'node:assert/strict';
import { createEndpoint } from '../../../lib/sip/index';
import type { IncomingDialogRequest, SipResponseInfo } from '../../../lib/sip/index';
import {
  ANSWER,
  answered,
  Bench,
  connect,
  failed,
  nextInvite,
  OFFER,
  once,
  uriOf,
} from './support/endpoints';

describe('two endpoints over UDP', () => {
  const bench = new Bench();
  afterEach(() => bench.close());

  it('pitfall 9: set up a call with 180, 183 with SDP and 200, and end it with BYE', async () => {
    const [alice, bob] = [
      await bench.endpoint('alice', { displayName: 'Alice "A"' }),
      await bench.endpoint('bob'),
    ];
    const incoming = nextInvite(bob);
    const call = alice.invite({
      target: uriOf(bob, '1001'),
      body: OFFER,
      headers: { 'X-Campaign': ['a', 'b\r\nInjected: yes'] },
    });
    const progress: SipResponseInfo[] = [];
    call.on('progress', (each) => progress.push(each));
    const outcome = answered(call);

    const invite = await incoming;
    assert.equal(invite.calledUser, '1001');
    assert.equal(invite.callId, call.callId);
    assert.equal(invite.from, call.from);
    // From and To have no port (RFC 3261, 19.1.1).
    assert.equal(invite.to, 'sip:1001@127.0.0.1');
    assert.equal(invite.request.method, 'INVITE');
    assert.deepEqual(invite.request.body, OFFER);
    assert.deepEqual(invite.request.headers['X-Campaign'], ['a', 'b Injected: yes']);
    assert.equal(invite.request.headers.Injected, undefined);
    assert.match(invite.request.headers.From[0], /^"Alice \\"A\\"" <sip:alice@/);
    invite.progress({ status: 180 });
    invite.progress({ status: 183, body: ANSWER, headers: { 'P-Early-Media': 'sendrecv' } });
    const accepted = invite.accept({ body: ANSWER });
    const { response, dialog } = await outcome;
    assert.deepEqual(await accepted.acknowledged, { acknowledged: true });

    assert.deepEqual(
      progress.map(({ status, body }) => [status, body?.content]),
      [
        [180, undefined],
        [183, ANSWER.content],
      ],
    );
    assert.deepEqual(progress[1].headers['P-Early-Media'], ['sendrecv']);
    assert.equal(progress[0].toTag, response.toTag);
    assert.deepEqual(response.body, ANSWER);
    assert.equal(dialog.localTag, accepted.dialog.remoteTag);
    assert.equal(dialog.remoteTag, accepted.dialog.localTag);

    const bye = once(accepted.dialog, 'bye');
    await dialog.bye({ 'X-Why': 'done' });
    assert.deepEqual((await bye).headers['X-Why'], ['done']);
    await dialog.bye();
    await accepted.dialog.bye();
  });

  it('lets the callee end the call', async () => {
    const [alice, bob] = [await bench.endpoint('alice'), await bench.endpoint('bob')];
    const { near, far } = await connect(alice, bob);
    const bye = once(near, 'bye');
    await far.bye();
    await bye;
    assert.deepEqual([alice.counts.dialogs, bob.counts.dialogs], [0, 0]);
  });

  it('reports a refusal with its status, reason and headers', async () => {
    const [alice, bob] = [await bench.endpoint('alice'), await bench.endpoint('bob')];
    bob.on('invite', (invite) => {
      invite.reject({ status: 302, headers: { Contact: '<sip:carol@127.0.0.1:9>' } });
      invite.reject({ status: 603 });
    });
    const { response, origin } = await failed(alice.invite({ target: uriOf(bob), body: OFFER }));
    assert.equal(response.status, 302);
    assert.equal(response.reason, 'Moved Temporarily');
    assert.deepEqual(response.headers.Contact, ['<sip:carol@127.0.0.1:9>']);
    assert.equal(origin, 'remote');
  });

  it('answers 480 when nobody listens for calls', async () => {
    const [alice, bob] = [await bench.endpoint('alice'), await bench.endpoint('bob')];
    const { response } = await failed(alice.invite({ target: uriOf(bob), body: OFFER }));
    assert.equal(response.status, 480);
  });

  it('gives up a ringing call with CANCEL: 487 for the caller, "cancelled" for the callee', async () => {
    const [alice, bob] = [await bench.endpoint('alice'), await bench.endpoint('bob')];
    const cancelled = new Promise<void>((resolve) => {
      bob.on('invite', (invite) => {
        invite.on('cancelled', resolve);
        invite.progress({ status: 180 });
      });
    });
    const call = alice.invite({ target: uriOf(bob), body: OFFER });
    call.on('progress', () => call.cancel());
    const { response, origin } = await failed(call);
    assert.deepEqual([response.status, origin], [487, 'remote']);
    await cancelled;
  });

  it('refuses to answer a call whose caller gave up, and ignores a late reject', async () => {
    const [alice, bob] = [await bench.endpoint('alice'), await bench.endpoint('bob')];
    const incoming = nextInvite(bob);
    const call = alice.invite({ target: uriOf(bob), body: OFFER });
    const over = failed(call);
    const invite = await incoming;
    const cancelled = new Promise<void>((resolve) => invite.on('cancelled', resolve));
    call.cancel();
    await cancelled;
    assert.throws(() => invite.accept({ body: ANSWER }), { code: 'CALL_STATE' });
    invite.progress({ status: 180 });
    invite.reject({ status: 486 });
    assert.equal((await over).response.status, 487);
  });

  it('exchanges a late offer: the 200 carries the offer, the ACK the answer', async () => {
    const [alice, bob] = [await bench.endpoint('alice'), await bench.endpoint('bob')];
    const incoming = nextInvite(bob);
    let offered: string | undefined;
    const call = alice.invite({
      target: uriOf(bob),
      answerLateOffer: (response) => {
        offered = response.body?.content;
        return ANSWER;
      },
    });
    const outcome = answered(call);
    const invite = await incoming;
    assert.equal(invite.request.body, undefined);
    const { acknowledged } = invite.accept({ body: OFFER });
    assert.deepEqual(await acknowledged, { acknowledged: true, body: ANSWER });
    assert.equal(offered, OFFER.content);
    await outcome;
  });

  it('changes the session by re-INVITE and UPDATE, and refreshes with a re-INVITE that carries no offer', async () => {
    const [alice, bob] = [await bench.endpoint('alice'), await bench.endpoint('bob')];
    const { near, far } = await connect(alice, bob);
    const seen: [string, string | undefined][] = [];
    const acks: unknown[] = [];
    far.on('modify', (modify) => {
      seen.push([modify.request.method, modify.request.body?.content]);
      void modify.acknowledged.then((ack) => acks.push(ack));
      modify.respond({ status: 200, body: modify.request.body ? ANSWER : OFFER });
    });
    const reinvite = await near.request('INVITE', { body: OFFER });
    const update = await near.request('UPDATE', { body: OFFER });
    const late = await near.request('INVITE', { answerLateOffer: () => ANSWER });
    assert.deepEqual([reinvite.status, update.status, late.status], [200, 200, 200]);
    assert.deepEqual(reinvite.body, ANSWER);
    assert.ok(reinvite.headers.Contact, 'the 200 to a re-INVITE refreshes the target');
    assert.deepEqual(seen, [
      ['INVITE', OFFER.content],
      ['UPDATE', OFFER.content],
      ['INVITE', undefined],
    ]);
    await far.request('OPTIONS');
    assert.deepEqual(acks, [
      { acknowledged: true },
      { acknowledged: true },
      { acknowledged: true, body: ANSWER },
    ]);
  });

  it('answers 491 to a re-INVITE that crosses ours, and lets each side try again', async () => {
    const [alice, bob] = [await bench.endpoint('alice'), await bench.endpoint('bob')];
    const { near, far } = await connect(alice, bob);
    const answer = (modify: IncomingDialogRequest): void => modify.respond({ status: 200, body: ANSWER });
    near.on('modify', answer);
    far.on('modify', answer);
    const both = await Promise.all([
      near.request('INVITE', { body: OFFER }),
      far.request('INVITE', { body: OFFER }),
    ]);
    assert.deepEqual(
      both.map(({ status }) => status),
      [491, 491],
    );
    assert.equal((await near.request('INVITE', { body: OFFER })).status, 200);
    assert.equal((await far.request('INVITE', { body: OFFER })).status, 200);
  });

  it('answers 491 to an UPDATE with an offer that crosses our re-INVITE', async () => {
    const [alice, bob] = [await bench.endpoint('alice'), await bench.endpoint('bob')];
    const { near, far } = await connect(alice, bob);
    let pending: IncomingDialogRequest | undefined;
    const arrived = new Promise<void>((resolve) => {
      far.on('modify', (modify) => {
        pending = modify;
        resolve();
      });
    });
    near.on('modify', () => assert.fail('the offer must not reach the flow'));
    const first = near.request('INVITE', { body: OFFER });
    await arrived;
    assert.equal((await far.request('UPDATE', { body: OFFER })).status, 491);
    pending?.respond({ status: 200, body: ANSWER });
    assert.equal((await first).status, 200);
  });

  it('answers 500 with Retry-After to an offer that comes while one waits for its answer', async () => {
    const [alice, bob] = [await bench.endpoint('alice'), await bench.endpoint('bob')];
    const { near, far } = await connect(alice, bob);
    const pending: IncomingDialogRequest[] = [];
    far.on('modify', (modify) => {
      pending.push(modify);
    });
    const first = near.request('INVITE', { body: OFFER });
    const update = await near.request('UPDATE', { body: OFFER });
    assert.equal(update.status, 500);
    assert.match(update.headers['Retry-After'][0], /^\d+$/);
    pending[0].respond({ status: 200, body: ANSWER });
    assert.equal((await first).status, 200);
  });

  it('sends one re-INVITE at a time', async () => {
    const [alice, bob] = [await bench.endpoint('alice'), await bench.endpoint('bob')];
    const { near, far } = await connect(alice, bob);
    const seen: string[] = [];
    far.on('modify', (modify) => {
      seen.push(modify.request.headers.CSeq[0]);
      setImmediate(() => modify.respond({ status: 200, body: ANSWER }));
    });
    const requests = [1, 2, 3].map(() => near.request('INVITE', { body: OFFER }));
    const left = Promise.all(requests.slice(2));
    assert.deepEqual(
      (await Promise.all(requests.slice(0, 2))).map(({ status }) => status),
      [200, 200],
    );
    assert.deepEqual(seen, ['2 INVITE', '3 INVITE']);
    assert.equal((await left)[0].status, 200);
  });

  it('gives default answers to requests that no listener takes', async () => {
    const [alice, bob] = [await bench.endpoint('alice'), await bench.endpoint('bob')];
    const { near } = await connect(alice, bob);
    const body = { contentType: 'application/x-unknown', content: 'x' };
    const statuses = [];
    for (const [method, options] of [
      ['OPTIONS', {}],
      ['INFO', {}],
      ['INFO', { body }],
      ['REFER', { headers: { 'Refer-To': '<sip:x@y>' } }],
      ['NOTIFY', { headers: { Event: 'refer' } }],
      ['UPDATE', {}],
      ['INVITE', { body: OFFER }],
      ['FOO', {}],
    ] as const) {
      statuses.push((await near.request(method, options)).status);
    }
    assert.deepEqual(statuses, [200, 200, 415, 603, 481, 200, 488, 501]);
    const options = await near.request('OPTIONS');
    assert.ok(options.headers.Allow[0].includes('INVITE'));
    assert.deepEqual(options.headers.Accept, ['application/sdp, multipart/mixed']);
    assert.ok(options.headers.Supported);
  });

  it('hands INFO to a listener and sends its answer', async () => {
    const [alice, bob] = [await bench.endpoint('alice'), await bench.endpoint('bob')];
    const { near, far } = await connect(alice, bob);
    const body = { contentType: 'application/dtmf-relay', content: 'Signal=5\r\nDuration=160\r\n' };
    far.on('request', (request) => {
      assert.deepEqual(request.request.body, body);
      request.respond({ status: 200, headers: { 'X-Seen': '5' } });
    });
    const response = await near.request('INFO', { body });
    assert.deepEqual([response.status, response.headers['X-Seen']], [200, ['5']]);
  });

  it('makes a request of an ended dialog fail with 481 at once', async () => {
    const [alice, bob] = [await bench.endpoint('alice'), await bench.endpoint('bob')];
    const { near } = await connect(alice, bob);
    await near.bye();
    assert.equal((await near.request('INFO')).status, 481);
  });

  it('answers both BYEs with 200 when they cross', async () => {
    const [alice, bob] = [await bench.endpoint('alice'), await bench.endpoint('bob')];
    const { near, far } = await connect(alice, bob);
    await Promise.all([near.bye(), far.bye()]);
    assert.deepEqual([alice.counts.dialogs, bob.counts.dialogs], [0, 0]);
  });

  it('refuses headers that would break the call, and targets that are none', async () => {
    const alice = await bench.endpoint('alice');
    const target = 'sip:bob@127.0.0.1:9';
    for (const name of ['Via', 'call-id', 't', 'CSeq', 'Content-Length']) {
      assert.throws(() => alice.invite({ target, headers: { [name]: 'x' } }), { code: 'BAD_CONFIG' }, name);
    }
    assert.throws(() => alice.invite({ target, headers: { 'a b': 'x' } }), { code: 'BAD_CONFIG' });
    for (const bad of ['', 'bob', 'tel:+1', 'http://x', 'sip:', 'sip:a b@c']) {
      assert.throws(() => alice.invite({ target: bad }), { code: 'BAD_TARGET' }, bad);
    }
    assert.deepEqual(alice.counts.invites, 0);
  });

  it('ends everything at close, on both sides, and frees the port for the next endpoint', async () => {
    const [alice, bob] = [await bench.endpoint('alice'), await bench.endpoint('bob')];
    const { near, far } = await connect(alice, bob);
    const ringing = nextInvite(bob);
    const pending = failed(alice.invite({ target: uriOf(bob), body: OFFER }));
    (await ringing).progress({ status: 180 });
    const bye = once(far, 'bye');
    const { port } = alice.localAddress;
    await alice.close();
    await bye;
    assert.equal((await pending).response.status, 487);
    assert.throws(() => alice.invite({ target: uriOf(bob) }), { code: 'INSTANCE_NOT_READY' });
    await near.bye();
    await bench.endpoint('next', { port });
  });

  it('closes the callee: 480 for a ringing caller, BYE for an answered one', async () => {
    const [alice, bob] = [await bench.endpoint('alice'), await bench.endpoint('bob')];
    const { near } = await connect(alice, bob);
    const ringing = nextInvite(bob);
    const pending = failed(alice.invite({ target: uriOf(bob), body: OFFER }));
    await ringing;
    const bye = once(near, 'bye');
    await bob.close();
    await bye;
    assert.equal((await pending).response.status, 480);
  });

  it('names address, port and remedy when the port is occupied', async () => {
    const alice = await bench.endpoint('alice');
    const { port } = alice.localAddress;
    const other = createEndpoint({
      transport: 'udp',
      bindAddress: '127.0.0.1',
      port,
      user: 'x',
      userAgent: 'x',
    });
    await assert.rejects(other.start(), (error: Error & { code?: string }) => {
      assert.equal(error.code, 'TRANSPORT');
      assert.match(error.message, new RegExp(`UDP 127\\.0\\.0\\.1:${port}.*in use.*another port`));
      return true;
    });
    await other.close();
  });

  it('calls over IPv6', async function () {
    let alice;
    try {
      alice = await bench.endpoint('alice', { bindAddress: '::1' });
    } catch {
      this.skip();
    }
    const bob = await bench.endpoint('bob', { bindAddress: '::1' });
    bob.on('invite', (invite) => invite.accept({ body: ANSWER }));
    const call = alice.invite({ target: `sip:bob@[::1]:${bob.localAddress.port}`, body: OFFER });
    const { dialog } = await answered(call);
    await dialog.bye();
  });

  it('keeps going when a listener throws', async () => {
    const [alice, bob] = [await bench.endpoint('alice'), await bench.endpoint('bob')];
    const warned = new Promise<void>((resolve) => process.once('warning', () => resolve()));
    bob.on('invite', () => {
      throw new Error('a listener of this test');
    });
    bob.on('invite', (invite) => invite.reject({ status: 486 }));
    assert.equal((await failed(alice.invite({ target: uriOf(bob) }))).response.status, 486);
    await warned;
  });
});
