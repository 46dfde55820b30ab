import assert from 'node:assert/strict';
import type { DialThrough, DialThroughOptions, IncomingCall, Phone, PhoneOptions } from '../../../lib/calls';
import { nextCall, Phones } from '../../support/phones';
import { RawPeer, request, response, SDP, type RawMessage } from '../sip/support/raw-peer';

/** A caller and two targets of handwritten messages, with the phone between them that dials through. */
describe('a dial-through on the wire', () => {
  let phones: Phones;
  let peers: RawPeer[];
  let near: RawPeer;
  let far: RawPeer;
  let other: RawPeer;
  beforeEach(async () => {
    phones = new Phones({ mode: 'network', displayName: 'Desk' });
    peers = [await RawPeer.open(), await RawPeer.open(), await RawPeer.open()];
    [near, far, other] = peers;
  });
  afterEach(async () => {
    await phones.close();
    await Promise.all(peers.map((peer) => peer.close()));
  });

  const uri = (peer: RawPeer, user = 'far'): string => `sip:${user}@127.0.0.1:${peer.port}`;
  const reply = (
    from: RawPeer,
    to: RawMessage,
    status: string,
    parts: { body?: string; headers?: string[] } = {},
  ): void => from.send(response(to, status, { tag: `t${from.port}`, contact: uri(from), ...parts }), to.port);

  interface Setting {
    phone: Phone;
    port: number;
    invite: string;
    first: IncomingCall;
  }
  const at = (phone: Phone): number => phone.address?.port ?? 0;

  /** The near peer has called the phone. */
  async function called(
    parts: { headers?: string[]; from?: string; maxForwards?: string; ring?: boolean; body?: string } = {},
    settings: Partial<PhoneOptions> = {},
  ): Promise<Setting> {
    const phone = await phones.phone('1000', { domain: 'pbx.example', ...settings });
    const { headers = [], from, maxForwards = '70', ring = false, body = SDP } = parts;
    const coming = nextCall(phone, { ring });
    const port = at(phone);
    let invite = request('INVITE', { port: near.port, target: `sip:1000@127.0.0.1:${port}`, headers, body });
    if (from !== undefined) invite = invite.replace(/^From: .*$/m, `From: ${from};tag=rawtag`);
    invite = invite.replace('Max-Forwards: 70', `Max-Forwards: ${maxForwards}`);
    near.send(invite, port);
    return { phone, port, invite, first: await coming };
  }
  const dial = ({ phone, first }: Setting, options: Partial<DialThroughOptions> = {}): Promise<DialThrough> =>
    phone.dialThrough(first, { targets: [uri(far)], ...options });

  const cancel = ({ invite, port }: Setting, headers = ''): void =>
    near.send(
      `${invite.slice(0, invite.indexOf('\r\n\r\n'))}\r\n\r\n`
        .replace(/^INVITE/, 'CANCEL')
        .replace('CSeq: 1 INVITE', 'CSeq: 1 CANCEL')
        .replace(/Content-Type: .*\r\n/, headers)
        .replace(/Content-Length: \d+/, 'Content-Length: 0'),
      port,
    );
  const inDialog = (method: string, to: RawMessage, { port }: Setting, headers: string[] = []): string =>
    request(method, {
      port: near.port,
      target: `sip:1000@127.0.0.1:${port}`,
      to: to.header('To'),
      callId: to.header('Call-ID'),
      cseq: method === 'ACK' ? 1 : 2,
      headers,
    });
  const acknowledge = (refusal: RawMessage, setting: Setting): void =>
    near.send(inDialog('ACK', refusal, setting), setting.port);

  /** The first call is cancelled; nothing of either call is left. */
  async function over(setting: Setting, dialled: DialThrough): Promise<void> {
    const outcome = await dialled.outcome;
    assert.equal(outcome.kind === 'failed' && outcome.failure.code, 'CALL_ENDED');
    acknowledge(await near.next('487'), setting);
    await setting.first.waitFor('ended', { timeout: 5 });
  }
  const gone = async ({ phone }: Setting): Promise<void> => {
    for (let tries = 0; phone.callCount > 0 && tries < 500; tries++) {
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
    assert.equal(phone.callCount, 0);
  };

  describe('whose first call is cancelled', () => {
    it('before the target has said anything: no CANCEL before a response (RFC 3261, 9.1)', async () => {
      const setting = await called();
      const dialled = await dial(setting);
      const invite = await far.next('INVITE');
      cancel(setting);
      await over(setting, dialled);
      assert.equal(far.count('CANCEL'), 0);
      reply(far, invite, '100 Trying');
      reply(far, await far.next('CANCEL'), '200 OK');
      reply(far, invite, '487 Request Terminated');
      await far.next('ACK');
      await gone(setting);
    });

    for (const [state, status, body] of [
      ['after 100', '100 Trying', ''],
      ['while the target rings', '180 Ringing', ''],
      ['during early media', '183 Session Progress', SDP],
    ]) {
      it(state, async () => {
        const setting = await called();
        const dialled = await dial(setting);
        const invite = await far.next('INVITE');
        reply(far, invite, status, { body });
        if (status !== '100 Trying') await near.next(status);
        cancel(setting, 'Reason: SIP;cause=487;text="never mind"\r\n');
        await over(setting, dialled);
        reply(far, await far.next('CANCEL'), '200 OK');
        reply(far, invite, '487 Request Terminated');
        await far.next('ACK');
        await gone(setting);
      });
    }

    it('as the 200 arrives: it is acknowledged and ended', async () => {
      const setting = await called();
      const dialled = await dial(setting);
      const invite = await far.next('INVITE');
      reply(far, invite, '180 Ringing');
      await near.next('180');
      cancel(setting);
      await over(setting, dialled);
      reply(far, await far.next('CANCEL'), '200 OK');
      reply(far, invite, '200 OK', { body: SDP });
      await far.next('ACK');
      reply(far, await far.next('BYE'), '200 OK');
      await gone(setting);
    });

    it('after the 200, before its own: the target is ended', async () => {
      const setting = await called({ body: '' });
      const dialled = await dial(setting);
      reply(far, await far.next('INVITE'), '200 OK', { body: SDP });
      await far.next('ACK');
      // The caller made no offer, so that it is not answered before its ACK has brought an answer.
      const answer = await near.next('200 OK');
      near.send(inDialog('ACK', answer, setting), setting.port);
      reply(near, await near.next('BYE'), '200 OK');
      reply(far, await far.next('BYE'), '200 OK');
      assert.equal((await dialled.outcome).kind, 'failed');
      await gone(setting);
    });
  });

  for (const side of ['first', 'second']) {
    it(`carries a BYE of the ${side} call with its reason`, async () => {
      const setting = await called();
      const dialled = await dial(setting);
      const invite = await far.next('INVITE');
      reply(far, invite, '200 OK', { body: SDP });
      const ack = await far.next('ACK');
      const answer = await near.next('200 OK');
      acknowledge(answer, setting);
      assert.equal((await dialled.outcome).kind, 'joined');
      const reason = ['Reason: Q.850;cause=31'];
      if (side === 'first') near.send(inDialog('BYE', answer, setting, reason), setting.port);
      else {
        const bye = request('BYE', {
          port: far.port,
          target: /<(.*)>/.exec(invite.header('Contact'))?.[1] ?? '',
          to: invite.header('From'),
          callId: invite.header('Call-ID'),
          cseq: 7,
          headers: reason,
        }).replace(/^From: .*$/m, `From: ${ack.header('To')}`);
        far.send(bye, setting.port);
      }
      const [peer, carried] = await (side === 'first'
        ? far.next('BYE').then((bye) => [far, bye] as const)
        : near.next('BYE').then((bye) => [near, bye] as const));
      assert.equal(carried.header('Reason'), 'Q.850;cause=31');
      reply(peer, carried, '200 OK');
      await gone(setting);
    });
  }

  it('gives the first call up when the target hangs up before it is joined', async () => {
    // The caller made no offer and does not acknowledge ours, so that the early media never begins.
    const setting = await called({ body: '', headers: ['Supported: 100rel'] });
    const { outcome } = await dial(setting);
    const invite = await far.next('INVITE');
    reply(far, invite, '183 Session Progress', { body: SDP });
    await near.next('183');
    reply(far, invite, '200 OK', { body: SDP });
    const ack = await far.next('ACK');
    const bye = request('BYE', {
      port: far.port,
      target: /<(.*)>/.exec(invite.header('Contact'))?.[1] ?? '',
      to: invite.header('From'),
      callId: invite.header('Call-ID'),
      cseq: 7,
    }).replace(/^From: .*$/m, `From: ${ack.header('To')}`);
    far.send(bye, setting.port);
    acknowledge(await near.next('480'), setting);
    const failed = await outcome;
    assert.equal(failed.kind === 'failed' && failed.failure.code, 'CALL_ENDED');
    await gone(setting);
  });

  it('tells phones that ring in vain that another one has answered', async () => {
    const setting = await called();
    const dialled = await dial(setting, { targets: [uri(far), uri(other)] });
    const [one, two] = await Promise.all([far.next('INVITE'), other.next('INVITE')]);
    reply(far, one, '180 Ringing');
    reply(other, two, '180 Ringing');
    await near.next('180');
    reply(other, two, '200 OK', { body: SDP });
    const cancelled = await far.next('CANCEL');
    assert.equal(cancelled.header('Reason'), 'SIP;cause=200;text="Call completed elsewhere"');
    reply(far, cancelled, '200 OK');
    // It has answered too, a moment later.
    reply(far, one, '200 OK', { body: SDP });
    await far.next('ACK');
    reply(far, await far.next('BYE'), '200 OK');
    acknowledge(await near.next('200 OK'), setting);
    assert.equal((await dialled.outcome).kind, 'joined');
    assert.equal(near.count('180'), 1);
    void setting.first.hangup();
    reply(near, await near.next('BYE'), '200 OK');
    reply(other, await other.next('BYE'), '200 OK');
    await gone(setting);
  });

  for (const [status, passed] of [
    ['486 Busy Here', '486 Busy Here'],
    ['603 Nope', '603 Nope'],
    ['302 Moved Temporarily', '480 Temporarily Unavailable'],
    ['503 Service Unavailable', '500 Server Internal Error'],
    ['401 Unauthorized', '500 Server Internal Error'],
  ]) {
    it(`passes ${status} on as ${passed}, with its reason`, async () => {
      const setting = await called();
      const dialled = await dial(setting);
      const headers = ['Reason: Q.850;cause=17'];
      reply(far, await far.next('INVITE'), status, { headers });
      await far.next('ACK');
      const refusal = await near.next(passed);
      assert.equal(refusal.header('Reason'), 'Q.850;cause=17');
      assert.doesNotMatch(refusal.text, new RegExp(`:${far.port}`), 'no address of the target');
      acknowledge(refusal, setting);
      await dialled.outcome;
      await gone(setting);
    });
  }

  it('reports the failure that tells most, of several: 6xx, else the lowest class', async () => {
    const setting = await called();
    const dialled = await dial(setting, { targets: [uri(far), uri(other)] });
    reply(far, await far.next('INVITE'), '500 Oops');
    reply(other, await other.next('INVITE'), '404 Not Found');
    acknowledge(await near.next('404'), setting);
    const outcome = await dialled.outcome;
    assert.equal(outcome.sip.status, 404);
    assert.equal(outcome.attempts.length, 2);
    await gone(setting);
  });

  /** The INVITE that the far peer gets for that one of the near peer; then all is over. */
  async function carried(
    parts: Parameters<typeof called>[0],
    { trusted = false, options = {} } = {},
  ): Promise<RawMessage> {
    // A phone knows its outbound proxy, which here is the far peer; the near one it knows by its domain.
    const setting = await called(parts, {
      ...(trusted ? { domain: `127.0.0.1:${near.port}` } : {}),
      outboundProxy: `127.0.0.1:${far.port}`,
    });
    const dialled = await dial(setting, options);
    const invite = await far.next('INVITE');
    reply(far, invite, '486 Busy Here');
    acknowledge(await near.next('486'), setting);
    await dialled.outcome;
    return invite;
  }
  const asserts = 'P-Asserted-Identity: "Alice" <sip:+8225551234@pbx.example>';
  const diverts = 'Diversion: <sip:202@pbx.example>;reason=no-answer';

  it('names the caller, and asserts nothing that a stranger has said', async () => {
    const invite = await carried({
      from: '"Bob, \\"Lab\\"" <sip:0319@evil.example>',
      headers: [asserts, diverts],
    });
    assert.match(invite.header('From'), /^"Bob, \\"Lab\\"" <sip:0319@pbx\.example>;tag=/);
    assert.doesNotMatch(invite.text, /P-Asserted|P-Preferred|Diversion|8225551234|evil/);
  });

  it('asserts what a server of ours asserts, with its privacy and the diversions', async () => {
    const invite = await carried(
      {
        from: '"Anonymous" <sip:anonymous@anonymous.invalid>',
        headers: [asserts, 'Privacy: id', diverts, 'History-Info: <sip:202@pbx.example>;index=1'],
      },
      { trusted: true },
    );
    assert.match(invite.header('From'), /^"Anonymous" <sip:anonymous@anonymous\.invalid>;tag=/);
    assert.match(invite.header('P-Asserted-Identity'), /^"Alice" <sip:\+8225551234@/);
    assert.equal(invite.header('Privacy'), 'id');
    assert.equal(invite.header('Diversion'), '<sip:202@pbx.example>;reason=no-answer');
  });

  it('keeps a caller withheld who asks for it, or who is anonymous', async () => {
    for (const parts of [
      { from: '"Bob" <sip:0319@a.example>', headers: ['Privacy: header;id'] },
      { from: '<sip:anonymous@anonymous.invalid>' },
    ]) {
      const invite = await carried(parts);
      assert.match(invite.header('From'), /^"Anonymous" <sip:anonymous@anonymous\.invalid>;tag=/);
      assert.doesNotMatch(invite.text, /0319|"Bob"|P-Asserted/);
      await phones.close();
      phones = new Phones({ mode: 'network', displayName: 'Desk' });
    }
  });

  it('names whom the flow names, and takes the rest from the first call', async () => {
    const from = '"Bob" <sip:0319@a.example>';
    const invite = await carried(
      { from, headers: ['Privacy: id'] },
      { options: { from: '7000', privacy: 'none' } },
    );
    assert.match(invite.header('From'), /^"Bob" <sip:7000@pbx\.example>;tag=/);
    assert.match(invite.header('P-Asserted-Identity'), /^"Bob" <sip:7000@pbx\.example>$/);
  });

  it('writes no identity that is none: escapes, controls, URIs in numbers', async () => {
    for (const from of [
      '"x" <sip:sip%3Aceo%40bank.example@a.example>',
      '"a\u0001b" <sip:%0d%0aX-Evil:%201@a.example>',
      `<sip:${'9'.repeat(200)}@a.example>`,
    ]) {
      const invite = await carried({ from });
      assert.doesNotMatch(invite.text, /^X-Evil|bank\.example|a\p{C}b|9{129}/mu);
      assert.match(invite.header('From'), /<sip:[^@>]+@pbx\.example>;tag=/);
      await phones.close();
      phones = new Phones({ mode: 'network', displayName: 'Desk' });
    }
  });

  it('carries Max-Forwards, lowered; 0 is 483, and nothing else reads it', async () => {
    for (const [said, written] of [
      ['17', '16'],
      ['1', '0'],
      ['255', '69'],
      ['x', '69'],
    ]) {
      assert.equal((await carried({ maxForwards: said })).header('Max-Forwards'), written);
      await phones.close();
      phones = new Phones({ mode: 'network', displayName: 'Desk' });
    }
    const setting = await called({ maxForwards: '0' });
    const dialled = await dial(setting);
    acknowledge(await near.next('483 Too Many Hops'), setting);
    const outcome = await dialled.outcome;
    assert.equal(outcome.kind === 'failed' && outcome.failure.code, 'CALL_REJECTED');
    assert.equal(far.received.filter(({ startLine }) => startLine.startsWith('INVITE')).length, 4);
    await gone(setting);
  });

  it('ends a loop: a phone that dials itself', async () => {
    const setting = await called({ maxForwards: '5' });
    const { phone, port } = setting;
    let taken = 0;
    phone.onCall((call) => {
      taken += 1;
      return phone.dialThrough(call, { targets: [`sip:1000@127.0.0.1:${port}`] });
    });
    const dialled = await dial(setting, { targets: [`sip:1000@127.0.0.1:${port}`] });
    acknowledge(await near.next('483'), setting);
    assert.equal((await dialled.outcome).sip.status, 483);
    assert.equal(taken, 5);
    await gone(setting);
  });
});
