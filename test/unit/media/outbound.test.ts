import assert from 'node:assert/strict';
import { createFrameCodec } from '../../../lib/media/worker/codecs';
import { Outbound } from '../../../lib/media/worker/send/outbound';

describe('media: the memory of a packet that is sent', () => {
  it('is used again by all sessions, but not while a packet waits in it', () => {
    const sent: Uint8Array[] = [];
    let isFree = true;
    const sender = {
      sendRtp(packet: Uint8Array): boolean {
        sent.push(packet);
        return isFree;
      },
    };
    const [one, other] = [new Outbound(sender), new Outbound(sender)];
    const codec = createFrameCodec('PCMU', { use: 'encode' });
    one.sendSilence(codec, 0, 160);
    isFree = false;
    other.sendSilence(codec, 0, 160);
    assert.equal(sent[1], sent[0]);
    const waiting = Buffer.from(sent[1]);
    isFree = true;
    one.sendAudio(codec, 0, new Int16Array(160).fill(1000), 160);
    assert.notEqual(sent[2], sent[1]);
    assert.ok(waiting.equals(sent[1]));
    other.sendSilence(codec, 0, 160);
    assert.equal(sent[3], sent[2]);
  });
});
