import assert from 'node:assert/strict';
import { freePort } from '../support/ports';
import { Flow, OWN_CERTIFICATE } from './support/flow';
import { JsSip, type JsSipPhone } from './support/jssip';
import { Kamailio } from './support/kamailio';
import { eventually } from './support/peer-process';
import { describePeer } from './support/suite';

const WEB = 'sip:web@127.0.0.1';
const WEBRTC_REFUSED = /DTLS-SRTP/;

let flow: Flow | undefined;
const closeFlow = async (): Promise<void> => {
  await flow?.close();
  flow = undefined;
};

/** JsSIP calls the desk, each side holds, and the desk hangs up; then JsSIP hangs up, gives up, and is refused. */
async function callEachWay(web: JsSipPhone, phones: Flow, target: string): Promise<void> {
  await web.run('call', target);
  const first = await phones.incoming('desk');
  await phones.answer(first);
  await web.next('confirmed');
  for (const [action, event] of [
    ['hold', 'held'],
    ['unhold', 'resumed'],
  ] as const) {
    const noticed = phones.wait(first, event);
    // JsSIP refuses while a re-INVITE of its own is not over for it, which it tells by no event.
    await eventually(`JsSIP to ${action}`, async () => ((await web.run(action)) === true ? true : undefined));
    await noticed;
    await web.next(action);
  }
  assert.equal(await phones.hold(first, 'hold'), 200);
  assert.equal((await web.next('hold')).originator, 'remote');
  await phones.hangup(first);
  assert.equal((await web.next('ended')).originator, 'remote');

  await web.run('call', target);
  const second = await phones.incoming('desk');
  await phones.answer(second);
  await web.next('confirmed');
  await web.run('terminate');
  await phones.wait(second, 'ended');

  await web.run('call', target);
  const third = await phones.incoming('desk');
  await web.next('progress');
  await web.run('terminate');
  await phones.wait(third, 'ended');

  await web.run('call', target);
  await phones.reject(await phones.incoming('desk'), 486);
  // JsSIP may tell late of the call that it has given up, which has no status.
  let refused = await web.next('failed');
  if (refused.status === undefined) refused = await web.next('failed');
  assert.equal(refused.status, 486);
}

describePeer(
  'JsSIP in Chromium',
  'install the package chromium, or name a Chromium in CHROMIUM',
  () => JsSip.open(),
  (jsSip) => {
    afterEach(async () => {
      await jsSip().clean();
      await closeFlow();
    });

    /** Our phone, to which pages of that origin may connect. */
    const desk = async (
      transport: string,
      origin = jsSip().origin,
    ): Promise<{ url: string; uri: string }> => {
      const port = String(await freePort());
      const fields = { transport, port, tls: OWN_CERTIFICATE, codecs: ['PCMA'], allowedOrigins: [origin] };
      flow = await Flow.open({ user: 'desk', fields });
      return { url: `${transport}://127.0.0.1:${port}`, uri: `sip:desk@127.0.0.1:${port};transport=ws` };
    };

    for (const transport of ['ws', 'wss']) {
      it(`over ${transport.toUpperCase()}: OPTIONS and MESSAGE are answered; calls with plain RTP, with hold and BYE of either side`, async () => {
        const { url, uri } = await desk(transport);
        const { phone, opened } = await jsSip().page({ url, uri: WEB, plain: true });
        assert.equal(opened, 'connected');
        assert.equal(await phone.ask('OPTIONS', uri), 200);
        assert.equal(await phone.ask('MESSAGE', uri), 200);
        await callEachWay(phone, flow as Flow, uri);
      });
    }

    it('its WebRTC offer is refused: 488 that names DTLS-SRTP to both sides', async () => {
      const { url, uri } = await desk('ws');
      const { phone } = await jsSip().page({ url, uri: WEB });
      await phone.run('call', uri);
      const phones = flow as Flow;
      phones.bench.send('answer', { call: await phones.incoming('desk') });
      const { sip } = (await phones.next('picked-up')) as unknown as { sip: { diagnosis?: string } };
      assert.match(String(sip.diagnosis), WEBRTC_REFUSED);
      const { status, warning } = await phone.next('failed');
      assert.equal(status, 488);
      assert.match(String(warning), WEBRTC_REFUSED);
    });

    it('a page of an origin that is not listed cannot connect', async () => {
      const { url } = await desk('ws');
      const stranger = jsSip().origin.replace('127.0.0.1', 'localhost');
      assert.equal((await jsSip().page({ url, uri: WEB }, stranger)).opened, 'disconnected');
      assert.equal((await jsSip().page({ url, uri: WEB })).opened, 'connected');
    });
  },
);

describePeer(
  'JsSIP in Chromium behind Kamailio',
  'install the packages chromium, kamailio, kamailio-tls-modules and kamailio-websocket-modules',
  async () => {
    const kamailio = await Kamailio.open({ tls: true, webSocket: true, reuse: true });
    const jsSip = kamailio && (await JsSip.open());
    if (!jsSip) {
      await kamailio?.stop();
      return undefined;
    }
    return {
      version: jsSip.version,
      kamailio,
      jsSip,
      log: () => `${jsSip.log()}\n${kamailio.log()}`,
      stop: async () => {
        await jsSip.stop();
        await kamailio.stop();
      },
    };
  },
  (peers) => {
    afterEach(async () => {
      await peers().jsSip.clean();
      await closeFlow();
    });

    it('it registers there over WS; calls with our phone on UDP, in either direction', async () => {
      const { kamailio, jsSip } = peers();
      const fields = { registrar: kamailio.address, codecs: ['PCMA'] };
      flow = await Flow.open({ user: 'desk', password: 'secret', fields });
      await flow.registration('desk');
      const { phone, opened } = await jsSip.page({
        url: `ws://${kamailio.address}`,
        uri: 'sip:web@127.0.0.2',
        password: 'secret',
        plain: true,
      });
      assert.equal(opened, 'registered');
      await callEachWay(phone, flow, 'sip:desk@127.0.0.2');

      flow.startDial('desk', 'web');
      await flow.progress('desk');
      await phone.run('answer');
      const { call, how } = await flow.outcome('desk');
      assert.equal(how, 'answered');
      await phone.next('confirmed');
      await flow.hangup(call);
      assert.equal((await phone.next('ended')).originator, 'remote');
    });
  },
);
