import assert from 'node:assert/strict';
import { connect, Phones } from '../../support/phones';

describe('calls with further codecs', () => {
  let phones: Phones;
  beforeEach(() => {
    phones = new Phones();
  });
  afterEach(() => phones.close());

  for (const [spelling, codec] of [
    ['g.722', 'G722'],
    ['L16', 'L16'],
  ]) {
    it(`negotiates ${codec} and carries digits and audio over it`, async () => {
      const caller = await phones.phone('1001', { codecs: [spelling, 'PCMU'] });
      const callee = await phones.phone('1002', { codecs: ['PCMU', spelling] });
      const { out, in: answered } = await connect(caller, callee);
      const gathered = answered.gather({ terminator: '#' });
      assert.deepEqual(await out.sendDigits({ digits: '42#' }), { method: 'rfc4733' });
      assert.equal((await gathered).digits, '42');
      const recording = await answered.record({ file: 'wide.wav', channels: 'received' });
      const playback = await out.play({ source: 'tone:440', maxDuration: 0.3 });
      assert.equal((await playback.finished).playedMs, 300);
      recording.stop();
      assert.equal((await recording.finished).sampleRate, 16000);
      assert.equal((await answered.info()).codec, codec);
      assert.equal((await out.info()).codec, codec);
      await out.hangup();
    });
  }

  it('negotiates OPUS, with events at its clock', async () => {
    const caller = await phones.phone('1001', { codecs: ['opus', 'PCMU'] });
    const callee = await phones.phone('1002', { codecs: ['OPUS'] });
    const { out, in: answered } = await connect(caller, callee);
    const gathered = answered.gather({ terminator: '#' });
    assert.deepEqual(await out.sendDigits({ digits: '42#' }), { method: 'rfc4733' });
    assert.equal((await gathered).digits, '42');
    const playback = await out.play({ source: 'tone:440', maxDuration: 0.3 });
    assert.equal((await playback.finished).playedMs, 300);
    assert.equal((await answered.info()).codec, 'OPUS');
    await out.hangup();
  });
});
