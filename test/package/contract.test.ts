import assert from 'node:assert/strict';
import { STORED_VERSION } from '../../nodes/shared/migrations';
import { editorNode, nodeSets } from './support/editor';

/** A node as flows store it: its fields (`x*` is a typed input with its `xType`) and how many outputs it has. */
const CONTRACT: Record<string, { fields: string; outputs: string }> = {
  'sip-instance': {
    fields: `dn displayName mode transport bindAddress port advertisedAddress stunServer domain registrar register
      registerExpires outboundProxy authUser tls codecs pcmuFallback ptime dtmfMethod srtp srtpSuites rtpPortMin rtpPortMax maxCalls
      listenTcp failOverAfter maxCallDuration mediaTimeout rtpTimeout headers jitterBuffer jitterDelayMs concealment statisticsInterval reliableProvisional sessionTimer transferPolicy audioDir recordingsDir authenticateIncoming
      requireClientCertificate acceptFrom allowedOrigins capture hep`,
    outputs: '',
  },
  'sip-make-call': {
    fields:
      'instance target* from* fromName* privacy* headers* codecs* ringTimeout* maxCallDuration* retries* retryPause* retryOn* followRedirects lateOffer callProperty',
    outputs: 'answered progress failed',
  },
  'sip-incoming-call': {
    fields: 'instance match ring noAnswerTimeout noAnswerStatus callProperty',
    outputs: 'call',
  },
  'sip-answer': { fields: 'call* headers* codecs*', outputs: 'answered failed' },
  // The editor keeps a node's live status in `status`, so the status of a refusal is stored as `statusCode`.
  'sip-reject': { fields: 'call* statusCode* reason* contact* headers*', outputs: 'rejected' },
  'sip-early-media': { fields: 'call* source* loop reliable headers*', outputs: 'done failed started' },
  'sip-play-audio': {
    fields: 'call* source* strict loop offset* maxDuration* bargeIn*',
    outputs: 'completed interrupted ended started',
  },
  'sip-record': {
    fields: 'call* file* channels beep maxDuration* silenceStop* silenceLevel* terminator*',
    outputs: 'finished failed started',
  },
  'sip-send-dtmf': { fields: 'call* digits* method toneMs* gapMs*', outputs: 'sent failed' },
  'sip-receive-dtmf': {
    fields: `call* mode prompt* flush minDigits* maxDigits* terminator* pattern* firstDigitTimeout* interDigitTimeout*
      methods`,
    outputs: 'matched timeout invalid ended',
  },
  'sip-listen': {
    fields: 'call* for reference* threshold timeout silence since capture',
    outputs: 'heard notHeard ended',
  },
  'sip-menu': {
    fields:
      'call* prompt* choices bargeIn firstDigitTimeout interDigitTimeout tries noInputPrompt invalidPrompt terminator outputs',
    outputs: 'choice noInput invalid ended',
  },
  'sip-hold': { fields: 'call* action headers*', outputs: 'done failed' },
  'sip-transfer': {
    fields: 'call* kind target* consultCall* headers*',
    outputs: 'transferred progress failed',
  },
  'sip-bridge': { fields: 'call* peerCall*', outputs: 'ended failed bridged' },
  'sip-conference': { fields: 'call* room* action', outputs: 'left failed joined' },
  'sip-hangup': { fields: 'call* headers*', outputs: 'done' },
  'sip-wait': { fields: 'call* event timeout*', outputs: 'event timeout ended' },
  'sip-call-info': { fields: 'call* trace export', outputs: 'info' },
  'sip-call-events': { fields: 'instance events answerRequests', outputs: 'event' },
  'sip-dial': {
    fields: `call* instance target* order onFailure ringback* from* fromName* privacy* headers* codecs* ringTimeout* maxCallDuration* retries*
      retryPause* retryOn* followRedirects lateOffer callProperty`,
    outputs: 'ended failed joined',
  },
  'sip-request': {
    fields: 'method* inside call* instance target* contentType* body* headers* codecs* timeout*',
    outputs: 'answered failed',
  },
  'sip-test-case': {
    fields: 'title tags timeout retries rows* rowsAtOnce phones sharedPhones marks',
    outputs: 'start verdict done',
  },
  'sip-expect': { fields: 'call* within stop checks', outputs: 'passed failed' },
  'sip-test-end': { fields: 'result reason', outputs: '' },
  'sip-load': {
    fields: 'case stages maxCalls total rows* rowsOrder seed expect probe',
    outputs: 'finished sample',
  },
};

const words = (text: string): string[] => text.split(/\s+/).filter(Boolean);

describe('what flows store, which is public', () => {
  for (const { type, definition, html } of nodeSets()) {
    it(`${type} has the fields and outputs that saved flows rely on`, () => {
      const contract = CONTRACT[type];
      assert.ok(contract, `${type} stands in the table`);
      const fields = words(contract.fields);
      const expected = fields.flatMap((field) =>
        field.endsWith('*') ? [field.slice(0, -1), `${field.slice(0, -1)}Type`] : [field],
      );
      const stored = Object.keys(definition.defaults);
      assert.deepEqual([...stored].sort(), ['name', 'version', ...expected].sort());
      assert.equal(definition.defaults.version?.value, STORED_VERSION);
      assert.equal(
        definition.defaults.instance?.type,
        fields.includes('instance') ? 'sip-instance' : undefined,
      );

      const outputs = words(contract.outputs);
      assert.equal(definition.outputs ?? 0, outputs.length);
      const node = editorNode(definition);
      const labels = outputs.map((_, index) => definition.outputLabels?.call(node, index));
      assert.deepEqual(
        labels.map((label) => label?.replace(/ \{.*\}$/, '')),
        outputs.map((output) => `output.${output}`),
      );
      if (stored.includes('callType')) {
        assert.deepEqual(
          [definition.defaults.call?.value, definition.defaults.callType?.value],
          ['call', 'msg'],
        );
      }
    });

    it(`${type} shows every field that it stores in its form`, () => {
      const prefix = definition.category === 'config' ? 'node-config-input' : 'node-input';
      const unseen = Object.keys(definition.defaults).filter(
        (field) =>
          field !== 'version' &&
          !html.includes(`id="${prefix}-${field}"`) &&
          !html.includes(`id="sipflow-${field}"`),
      );
      assert.deepEqual(unseen, []);
      for (const secret of Object.keys(definition.credentials ?? {}))
        assert.ok(html.includes(`id="${prefix}-${secret}"`), secret);
    });
  }

  it('keeps the password out of what flows store', () => {
    const instance = nodeSets().find(({ type }) => type === 'sip-instance');
    assert.ok(instance && !('password' in instance.definition.defaults));
    assert.deepEqual(Object.keys(instance.definition.credentials ?? {}), ['password']);
  });
});
