import assert from 'node:assert/strict';
import type { ReceivedRequest, RequestReport } from '../../lib/calls';
import type { FlowMessage } from '../../nodes/shared/flow-types';
import { Bench, callOf, phone, type FlowNode } from '../nodes/support/bench';
import { OWN_RTP_PORTS } from '../support/ports';
import { Asterisk } from './support/asterisk';
import { eventually } from './support/peer-process';
import { describePeer } from './support/suite';

const instance = 'phonedesk';
/** Requests of the phone, and what it gets outside of calls; a call to the voicemail that goes on until that ends it. */
const FLOW: FlowNode[] = [
  {
    ...{ id: 'ask', type: 'sip-request', inside: false, instance, method: 'method', methodType: 'msg' },
    ...{ target: 'to', targetType: 'msg', body: 'body', bodyType: 'msg' },
    ...{ headers: 'fields', headersType: 'msg', wires: [['answered'], ['failed']] },
  },
  {
    id: 'registrations',
    type: 'sip-call-events',
    instance,
    events: ['registration'],
    wires: [['registration']],
  },
  {
    ...{ id: 'requests', type: 'sip-call-events', instance, events: ['options', 'message'] },
    ...{ answerRequests: true, wires: [['came in', 'answer']] },
  },
  {
    ...{ id: 'answer', type: 'function', func: "msg.action = 'answer'; msg.body = ''; return msg;" },
    ...{ outputs: 1, initialize: '', finalize: '', libs: [], timeout: 0, wires: [['ask']] },
  },
  {
    ...{ id: 'dial', type: 'sip-make-call', instance, target: 'to', targetType: 'msg' },
    wires: [['in call', 'play', 'until'], [], ['refused']],
  },
  { id: 'play', type: 'sip-play-audio', source: 'tone:440', loop: true, wires: [[], [], [], []] },
  { id: 'until', type: 'sip-wait', event: 'ended', timeout: '60', wires: [['over'], [], []] },
];

const sipOf = (msg: FlowMessage): RequestReport => msg.sip as RequestReport;

describePeer(
  'Asterisk: requests',
  'unpack it with "npm run test:interop -- --fetch"',
  () => Asterisk.open(),
  (asterisk) => {
    let bench: Bench;
    beforeEach(async () => {
      bench = new Bench();
      const desk = phone('desk', {
        ...{ mode: 'network', bindAddress: '127.0.0.1', port: '0', codecs: ['PCMA'], ...OWN_RTP_PORTS },
        ...{ registrar: `127.0.0.1:${asterisk().port}`, register: true },
      });
      await bench.loadWith({ [instance]: { password: 'secret' } }, desk, ...FLOW);
      for (;;) {
        const { payload } = await bench.next('registration');
        if ((payload as { registration: { state: string } }).registration.state === 'registered') break;
      }
    });
    afterEach(() => bench.close());

    it('OPTIONS by us, with the digest that it asks for #options-ours', async () => {
      bench.send('ask', { method: 'OPTIONS', to: `sip:echo@${asterisk().address}` });
      const { status, headers } = sipOf(await bench.next('answered'));
      assert.equal(status, 200);
      assert.match(headers?.['Allow']?.[0] ?? '', /INVITE/);
    });

    it('OPTIONS by it, which the flow is told of and answers #options-theirs', async () => {
      await asterisk().cli('pjsip set logger on');
      await asterisk().cli('pjsip qualify desk');
      const { topic, request } = await bench.next('came in');
      assert.equal(topic, 'options');
      assert.match((request as ReceivedRequest).headers['User-Agent']?.[0] ?? '', /Asterisk/);
      await eventually('our answer', () =>
        asterisk()
          .messages()
          .find((message) => message.startsWith('SIP/2.0 200') && /^CSeq: \d+ OPTIONS$/m.test(message)),
      );
      await asterisk().cli('pjsip set logger off');
    });

    it('MESSAGE by us reaches its dialplan, and one of its own comes back #message-ours #message-theirs', async () => {
      bench.send('ask', { method: 'MESSAGE', to: `sip:reply@${asterisk().address}`, body: 'ping' });
      assert.equal(sipOf(await bench.next('answered')).status, 202);
      const { topic, request } = await bench.next('came in');
      assert.deepEqual([topic, (request as ReceivedRequest).body], ['message', 'heard ping']);
    });

    it('SUBSCRIBE to message-summary: the state at once, a change, and the end #mwi', async () => {
      const fields = { Event: 'message-summary', Expires: '60' };
      bench.send('ask', { method: 'SUBSCRIBE', to: `sip:desk@${asterisk().address}`, fields });
      const news = async (pattern: RegExp): Promise<RequestReport> => {
        for (;;) {
          const sip = sipOf(await bench.next('answered'));
          if (sip.event === 'notify' && pattern.test(sip.body ?? '')) return sip;
        }
      };
      const { contentType } = await news(/Messages-Waiting: no/);
      assert.equal(contentType, 'application/simple-message-summary');
      bench.send('dial', { to: `sip:leave@${asterisk().address}` });
      assert.equal(callOf(await bench.next('in call')).direction, 'out');
      await bench.next('over', 60_000);
      assert.match((await news(/Messages-Waiting: yes/)).body ?? '', /Voice-Message: 1\/0/);
      bench.send('ask', { action: 'stop' });
      for (;;) {
        if (sipOf(await bench.next('answered')).event === 'unsubscribed') break;
      }
    });
  },
);
