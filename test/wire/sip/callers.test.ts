import assert from 'node:assert/strict';
import type { InspectableEndpoint } from '../../../lib/sip/index';
import { ManualClock } from '../../support/manual-clock';
import { ANSWER, answered, Bench, failed, OFFER, once, uriOf } from './support/endpoints';
import { request, SDP } from './support/raw-peer';

const ACCOUNT = { user: 'trunk', password: 'secret' };

describe('callers that must prove who they are', () => {
  const bench = new Bench();
  const clock = new ManualClock();
  let bob: InspectableEndpoint;
  const accept = (): void => {
    bob.on('invite', (invite) => {
      const { dialog } = invite.accept({ body: ANSWER });
      dialog.on('modify', (modify) => modify.respond({ status: 200, body: ANSWER }));
    });
  };
  beforeEach(async () => {
    bob = await bench.endpoint('bob', { callers: { ...ACCOUNT, realm: 'lab' } }, { clock });
  });
  afterEach(() => bench.close());

  it('are challenged for INVITE, re-INVITE and BYE, also when their nonce has become stale', async () => {
    accept();
    const seen: string[] = [];
    const alice = await bench.endpoint(
      'alice',
      { credentials: ACCOUNT },
      { trace: ({ direction, bytes }) => direction === 'in' && seen.push(bytes.toString()) },
    );
    const { dialog } = await answered(alice.invite({ target: uriOf(bob), body: OFFER }));
    assert.match(seen[0], /^SIP\/2\.0 401 /);
    assert.match(seen[0], /WWW-Authenticate: Digest realm="lab".*SHA-256/);
    assert.equal((await dialog.request('INVITE', { body: OFFER })).status, 200);
    // Answered behind the ACK to the re-INVITE: no timer of bob's waits for that any more.
    assert.equal((await dialog.request('OPTIONS')).status, 200);
    const before = seen.filter((text) => text.includes('stale=true')).length;
    clock.advance(301_000);
    assert.equal((await dialog.request('INFO')).status, 200);
    assert.equal(seen.filter((text) => text.includes('stale=true')).length, before + 1);
    await dialog.bye();
    assert.ok(seen.at(-1)?.startsWith('SIP/2.0 200'));
  });

  it('are refused with a wrong password or none, and their call never shows', async () => {
    let shown = 0;
    bob.on('invite', () => shown++);
    const wrong = await bench.endpoint('eve', { credentials: { user: 'trunk', password: 'guess' } });
    const { response } = await failed(wrong.invite({ target: uriOf(bob), body: OFFER }));
    assert.equal(response.status, 401);
    assert.match(response.diagnosis ?? '', /password/i);
    const none = await bench.endpoint('mallory');
    assert.equal((await failed(none.invite({ target: uriOf(bob), body: OFFER }))).response.status, 401);
    assert.equal(shown, 0);
    assert.equal(bob.counts.invites + bob.counts.servers, 0, 'a challenge leaves nothing behind');
  });

  it('cannot end the call of another with a BYE that has no credentials', async () => {
    accept();
    const ids: string[] = [];
    bob.on('invite', (invite) => ids.push(invite.callId));
    const alice = await bench.endpoint('alice', { credentials: ACCOUNT });
    const { dialog } = await answered(alice.invite({ target: uriOf(bob), body: OFFER }));
    const raw = await bench.raw(true);
    const to = `<${uriOf(bob)}>;tag=${dialog.remoteTag}`;
    const bye = request('BYE', {
      port: raw.port,
      target: uriOf(bob),
      callId: ids[0],
      fromTag: dialog.localTag,
      to,
      cseq: 99,
    });
    raw.send(bye, bob.localAddress.port);
    assert.match((await raw.next('SIP/2.0')).startLine, /401/);
    await dialog.bye();
  });

  it('are not asked when they were called', async () => {
    const alice = await bench.endpoint('alice');
    alice.on('invite', (invite) => invite.accept({ body: ANSWER }));
    const { dialog } = await answered(bob.invite({ target: uriOf(alice), body: OFFER }));
    const ended = once(dialog, 'bye');
    const raw = await bench.raw(true);
    raw.send(request('OPTIONS', { port: raw.port, target: uriOf(bob) }), bob.localAddress.port);
    assert.match((await raw.next('SIP/2.0')).startLine, /200/, 'a ping needs no password');
    await alice.close();
    await ended;
  });

  it('must show their account with a text message too', async () => {
    const raw = await bench.raw(true);
    const message = request('MESSAGE', { port: raw.port, target: uriOf(bob), body: SDP });
    raw.send(message, bob.localAddress.port);
    assert.match((await raw.next('SIP/2.0')).startLine, /401/);
  });
});
