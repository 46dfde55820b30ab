import assert from 'node:assert/strict';
import { freePort } from '../support/ports';
import { Desk } from './support/desk';
import { installed } from './support/programs';
import { accept, callee, caller, receive, scenario } from './support/scenario';
import { Sipp } from './support/sipp';
import { describePeer } from './support/suite';

/** SIPp as the server of our phone, which checks who calls, and as a trunk that says who calls. */
describePeer(
  'SIPp',
  'install the package sip-tester',
  () => Sipp.open(installed('sipp')),
  (sipp) => {
    const desk = new Desk(sipp);
    afterEach(() => desk.close());

    it('a withheld caller is anonymous, and asserted to the server, as sip and as tel #identity-ours', async () => {
      const script = scenario(
        'identity',
        callee.invitedWith(
          { header: 'From:', pattern: '"Anonymous" <sip:anonymous@anonymous.invalid>;tag=' },
          { header: 'Privacy:', pattern: '^ *id *$' },
          {
            header: 'P-Asserted-Identity:',
            pattern: '"Desk" <sip:[+]8225551234@pbx.example;user=phone>, "Desk" <tel:[+]82-2-555-1234>',
          },
        ),
        ...[
          callee.respond('180 Ringing'),
          callee.respond('200 OK', { sdp: {} }),
          receive({ request: 'ACK' }),
        ],
        accept('BYE', { header: 'From:', pattern: '"Anonymous" <sip:anonymous@anonymous.invalid>;tag=' }),
      );
      const server = await sipp().callee(script);
      const phone = await desk.open({ outboundProxy: `127.0.0.1:${server.port}`, domain: 'pbx.example' });
      const { how, call } = await phone.dial('desk', '4711', {
        ...{ from: 'tel:+82-2-555-1234', fromName: 'Desk', privacy: 'id' },
      });
      assert.equal(how, 'answered');
      await phone.hangup(call);
      assert.equal(await server.ended, 0);
    });

    for (const [name, verified] of [
      ['the server of the phone', true],
      ['a stranger', false],
    ] as const) {
      it(`the identity that ${name} asserts, and who forwarded the call #identity-theirs`, async () => {
        const port = await freePort();
        const phone = await desk.open(verified ? { outboundProxy: `127.0.0.1:${port}` } : {});
        const headers = [
          'P-Asserted-Identity: "Desk" <sip:+8225551234@pbx.example>, <tel:+8225551234>',
          ...['Privacy: id', 'Diversion: <sip:202@pbx.example>;reason=no-answer;counter=1'],
        ];
        const script = scenario(
          'identity',
          ...[caller.request('INVITE', 1, {}, { headers }), caller.answered, caller.request('ACK', 1)],
          accept('BYE'),
        );
        const peer = await sipp().caller(script, 'desk', desk.port, ['-p', String(port)]);
        const { call, sip } = await phone.announced('desk');
        assert.deepEqual(sip.caller, {
          ...{ number: 'sipp', name: '', privacy: ['id'], verified },
          asserted: {
            ...{ number: '+8225551234', name: 'Desk' },
            uris: ['sip:+8225551234@pbx.example', 'tel:+8225551234'],
          },
        });
        assert.equal(sip.called, 'desk');
        const diversion = { number: '202', name: '', uri: 'sip:202@pbx.example' };
        assert.deepEqual(sip.diversion, [{ ...diversion, reason: 'no-answer', counter: 1 }]);
        assert.deepEqual(
          sip.sdp?.remote?.codecs.map(({ payloadType }) => payloadType),
          [8, 101],
        );
        await phone.answer(call);
        await phone.hangup(call);
        assert.equal(await peer.ended, 0);
      });
    }
  },
);
