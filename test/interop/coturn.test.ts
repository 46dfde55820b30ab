import assert from 'node:assert/strict';
import { Coturn } from './support/coturn';
import { Flow } from './support/flow';
import { freePort } from '../support/ports';
import { installed } from './support/programs';
import { accept, callee, receive, scenario } from './support/scenario';
import { Sipp } from './support/sipp';
import { describePeer } from './support/suite';

describePeer(
  'coturn',
  'install the packages coturn and sip-tester',
  async () => {
    const sipp = await Sipp.open(installed('sipp'));
    if (!sipp) return undefined;
    const coturn = await Coturn.open();
    if (!coturn) {
      await sipp.stop();
      return undefined;
    }
    return {
      version: coturn.version,
      coturn,
      sipp,
      log: () => `${coturn.log()}\n${sipp.log()}`,
      stop: async () => {
        await coturn.stop();
        await sipp.stop();
      },
    };
  },
  (peers) => {
    let flow: Flow | undefined;
    afterEach(async () => {
      await flow?.close();
      flow = undefined;
      await peers().sipp.clean();
    });

    it('a phone behind every address calls with the one that STUN told', async () => {
      const stunServer = peers().coturn.address;
      flow = await Flow.open({ user: 'desk', fields: { bindAddress: '0.0.0.0', stunServer } });
      const script = scenario(
        'STUN',
        ...[
          callee.invited,
          callee.respond('200 OK', { sdp: {} }),
          receive({ request: 'ACK' }),
          accept('BYE'),
        ],
      );
      const peer = await peers().sipp.callee(script);
      const call = await flow.connect('desk', `sip:sipp@127.0.0.1:${peer.port}`);
      await flow.hangup(call);
      assert.equal(await peer.ended, 0);
      const invite = /INVITE sip:sipp[\s\S]*?a=sendrecv/.exec(peers().sipp.log())?.[0] ?? '';
      assert.match(invite, /Contact: *<sip:desk@127\.0\.0\.1:\d+>/);
      assert.match(invite, /c=IN IP4 127\.0\.0\.1/);
    });

    it('a server that does not answer is a warning: the phone calls all the same', async () => {
      const stunServer = `127.0.0.1:${await freePort()}`;
      flow = await Flow.open({ user: 'desk', fields: { stunServer } });
      const peer = await peers().sipp.callee(
        scenario('busy', callee.invited, callee.respond('486 Busy Here'), receive({ request: 'ACK' })),
      );
      const { sip } = await flow.dial('desk', `sip:sipp@127.0.0.1:${peer.port}`);
      assert.equal(sip.status, 486);
    });
  },
);
