import assert from 'node:assert/strict';
import type { Call, DialOptions, OutgoingCall } from '../../../lib/calls';
import { connect, Phones } from '../../support/phones';
import { RawPeer, response, SDP, type RawMessage } from '../sip/support/raw-peer';

const utf8 = (latin1: string): string => Buffer.from(latin1, 'latin1').toString();

describe('who a call says that it comes from', () => {
  let phones: Phones;
  const peers: RawPeer[] = [];
  beforeEach(() => (phones = new Phones({ mode: 'network', displayName: 'Alice' })));
  afterEach(async () => {
    await phones.close();
    await Promise.all(peers.splice(0).map((peer) => peer.close()));
  });

  const peer = async (): Promise<RawPeer> => {
    const opened = await RawPeer.open();
    peers.push(opened);
    return opened;
  };
  const at = ({ port }: RawPeer): string => `127.0.0.1:${port}`;
  const reply = (from: RawPeer, to: RawMessage, status: string, body?: string, headers?: string[]): void =>
    from.send(
      response(to, status, {
        tag: 'far',
        contact: `sip:far@${at(from)}`,
        ...(body ? { body } : {}),
        headers,
      }),
      to.port,
    );

  /** A call whose INVITE a raw peer has; the peer is the outbound proxy of the phone, or only whom it calls. */
  async function invited(
    options: Omit<DialOptions, 'target'>,
    server: 'ours' | 'strange',
    settings = {},
  ): Promise<{ far: RawPeer; invite: RawMessage; call: OutgoingCall }> {
    const far = await peer();
    const phone = await phones.phone('1001', {
      domain: 'pbx.example',
      ...(server === 'ours' ? { outboundProxy: at(far) } : {}),
      ...settings,
    });
    const call = await phone.dial({ target: `sip:4711@${at(far)}`, ...options });
    return { far, invite: await far.next('INVITE'), call };
  }
  const refused = async (far: RawPeer, invite: RawMessage, call: OutgoingCall): Promise<void> => {
    reply(far, invite, '486 Busy Here');
    await call.outcome;
  };

  it('is a number and a name of the flow, quoted and in UTF-8, which the record of the call has too', async () => {
    const { far, invite, call } = await invited({ from: '0319', fromName: 'Zoë "Lab\\" 회사' }, 'strange');
    assert.match(
      utf8(invite.header('From')),
      /^"Zoë \\"Lab\\\\\\" 회사" <sip:0319@pbx\.example>;tag=[\w-]+$/,
    );
    assert.equal(call.ref.from, 'sip:0319@pbx.example');
    assert.match(invite.header('Contact'), /^<sip:1001@/, 'where the phone is reached does not change');
    assert.deepEqual([invite.all('P-Asserted-Identity'), invite.all('Privacy')], [[], []]);
    await refused(far, invite, call);
  });

  it('stays the same in every request of the dialog', async () => {
    const { far, invite, call } = await invited({ from: 'sip:0319@a.example:5070;transport=tcp' }, 'strange');
    reply(far, invite, '200 OK', SDP);
    const ack = await far.next('ACK');
    await call.outcome;
    void call.hangup();
    const bye = await far.next('BYE');
    reply(far, bye, '200 OK');
    for (const message of [invite, ack, bye])
      assert.match(message.header('From'), /^"Alice" <sip:0319@a\.example>;tag=/);
  });

  it('is asserted to a server of ours, as sip and as tel', async () => {
    const { far, invite, call } = await invited({ from: 'tel:+82-2-555-1234', fromName: 'Desk' }, 'ours');
    const sip = '"Desk" <sip:+8225551234@pbx.example;user=phone>';
    assert.ok(invite.header('From').startsWith(`${sip};tag=`), invite.header('From'));
    assert.equal(invite.header('P-Asserted-Identity'), `${sip}, "Desk" <tel:+82-2-555-1234>`);
    assert.deepEqual(invite.all('P-Preferred-Identity'), [], 'this phone has no account');
    await refused(far, invite, call);
  });

  it('is what a phone with an account prefers too', async () => {
    const account = { password: 'secret', authUser: 'trunk' };
    const { far, invite, call } = await invited({ from: '0319' }, 'ours', account);
    const identity = '"Alice" <sip:0319@pbx.example>';
    assert.equal(invite.header('P-Asserted-Identity'), identity);
    assert.equal(invite.header('P-Preferred-Identity'), identity);
    await refused(far, invite, call);
  });

  for (const [privacy, value] of [
    ['id', 'id'],
    ['header', 'header'],
    ['full', 'header;user;id'],
  ] as const) {
    it(`is anonymous with the privacy "${privacy}", except to a server of ours`, async () => {
      const { far, invite, call } = await invited({ from: '0319', privacy }, 'ours');
      assert.match(invite.header('From'), /^"Anonymous" <sip:anonymous@anonymous\.invalid>;tag=/);
      assert.equal(invite.header('Privacy'), value);
      assert.equal(invite.header('P-Asserted-Identity'), '"Alice" <sip:0319@pbx.example>');
      assert.match(invite.header('Contact'), /^<sip:anonymous@127\.0\.0\.1:\d+>$/);
      assert.equal(call.ref.from, 'sip:anonymous@anonymous.invalid');
      await refused(far, invite, call);
    });
  }

  it('is nowhere in what a stranger gets of a withheld caller, from the INVITE to the REFER and the BYE', async () => {
    const { far, invite, call } = await invited({ from: '0319', privacy: 'id' }, 'strange');
    reply(far, invite, '200 OK', SDP);
    await call.outcome;
    void call.hold('hold');
    const hold = await far.next('INVITE');
    reply(far, hold, '200 OK', SDP);
    const transferring = call.transfer({ kind: 'blind', target: 'sip:4712@b.example' });
    reply(far, await far.next('REFER'), '603 Decline');
    await transferring;
    void call.hangup();
    reply(far, await far.next('BYE'), '200 OK');
    for (const { startLine, text } of far.received)
      assert.doesNotMatch(
        text.replace(/\bbranch=\S+|tag=\S+|Call-ID: \S+/g, ''),
        /0319|1001|Alice/,
        startLine,
      );
  });

  it('is left out of the CANCEL too, and of what follows a redirection to a stranger', async () => {
    const stranger = await peer();
    const far = await peer();
    const phone = await phones.phone('1001', { domain: at(far) });
    const call = await phone.dial({ target: '4711', from: '0319', privacy: 'id', followRedirects: true });
    const invite = await far.next('INVITE');
    assert.match(invite.header('P-Asserted-Identity'), /0319/);
    far.send(response(invite, '302 Moved', { tag: 'x', contact: `sip:9@${at(stranger)}` }), invite.port);
    const second = await stranger.next('INVITE');
    assert.deepEqual(second.all('P-Asserted-Identity'), []);
    assert.equal(second.header('Privacy'), 'id');
    reply(stranger, second, '180 Ringing');
    void call.hangup();
    const cancel = await stranger.next('CANCEL');
    assert.match(cancel.header('From'), /^"Anonymous" <sip:anonymous@anonymous\.invalid>;tag=/);
    reply(stranger, cancel, '200 OK');
    reply(stranger, second, '487 Request Terminated');
    await call.outcome;
  });

  it('may be said to be shown, and the headers of the flow come first', async () => {
    const headers = { 'P-Asserted-Identity': '<sip:main@pbx.example>' };
    const { far, invite, call } = await invited({ from: '0319', privacy: 'none', headers }, 'ours');
    assert.match(invite.header('From'), /<sip:0319@pbx\.example>/);
    assert.equal(invite.header('Privacy'), 'none');
    assert.deepEqual(invite.all('P-Asserted-Identity'), ['<sip:main@pbx.example>']);
    await refused(far, invite, call);
  });

  it('is the phone, with no further header, when nothing is said', async () => {
    const { far, invite, call } = await invited({ from: ' ', fromName: '', privacy: '' }, 'ours');
    assert.match(invite.header('From'), /^"Alice" <sip:1001@pbx\.example>;tag=/);
    assert.doesNotMatch(invite.text, /P-Asserted|P-Preferred|Privacy/);
    await refused(far, invite, call);
  });

  const injected = 'x\r\nX-Evil: 1';
  for (const [field, values] of [
    [
      'from',
      [
        ...[injected, `sip:1@a.example>${injected}`, 'sip:a.example', 'sip:@a.example', 'mailto:a@b.example'],
        ...[
          'tel:',
          'tel:xyz',
          'tel:1\u0000',
          '"x" <sip:1@a.example>',
          'a b',
          'a@b',
          '1:2',
          'http://a.example',
        ],
        ...['9'.repeat(257), '\ud800', '1\u202e2'],
      ],
    ],
    ['fromName', [injected, 'a\u0000b', 'a\u2028b', '\udc00', 'n'.repeat(129)]],
    ['privacy', [injected, 'id;user', 'yes', 'critical']],
  ] as const) {
    for (const value of values) {
      it(`is refused by name: ${field} ${JSON.stringify(value).slice(0, 40)}`, async () => {
        const phone = await phones.phone('1001', { domain: 'pbx.example' });
        await assert.rejects(phone.dial({ target: '4711', [field]: value }), { code: 'BAD_CONFIG', field });
      });
    }
  }
});

describe('who calls, as the callee is told', () => {
  let phones: Phones;
  beforeEach(() => (phones = new Phones()));
  afterEach(() => phones.close());

  it('is verified between simulated phones, also when the caller is withheld', async () => {
    const [alice, bob] = [await phones.phone('1001'), await phones.phone('1002')];
    const told = new Promise<Call>((resolve) => bob.onCall((call) => resolve(call)));
    const call = await alice.dial({ target: '1002', from: '0319', fromName: 'Desk', privacy: 'id' });
    const { caller, called, diversion } = (await told).lastSip;
    assert.deepEqual(caller, {
      number: 'anonymous',
      name: 'Anonymous',
      asserted: { number: '0319', name: 'Desk', uris: ['sip:0319@127.0.0.1'] },
      privacy: ['id'],
      verified: true,
    });
    assert.equal(called, '1002');
    assert.deepEqual(diversion, []);
    await call.hangup();
  });

  it('comes with the SDP of both sides as data, which says of an encrypted call only that it is', async () => {
    const secure = { srtp: 'required' } as const;
    const [alice, bob] = [await phones.phone('1001', secure), await phones.phone('1002', secure)];
    const { out, in: answered } = await connect(alice, bob);
    const { local, remote } = out.sdp;
    assert.deepEqual(answered.sdp, { local: remote, remote: local });
    assert.deepEqual(local?.codecs[0], {
      name: 'PCMU',
      payloadType: 0,
      clockRate: 8000,
      channels: 1,
      fmtp: null,
    });
    assert.equal(local.crypto, true);
    assert.equal(local.address, '127.0.0.1');
    assert.equal(local.protocol, 'RTP/SAVP');
    assert.doesNotMatch(JSON.stringify(out.sdp), /inline:(?!\*\*\*)/);
    assert.match(JSON.stringify(local.lines), /a=crypto:1 .*inline:\*\*\*/);
    await out.hold('hold');
    assert.equal(out.sdp.local?.direction, 'sendonly');
    assert.equal(answered.sdp.remote?.direction, 'sendonly');
    assert.equal(answered.sdp.local?.direction, 'recvonly');
    await out.hangup();
  });
});
