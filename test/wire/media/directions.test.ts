import assert from 'node:assert/strict';
import { join } from 'node:path';
import type { MediaCodec, MediaDirection, MediaEngine } from '../../../lib/media';
import { packetTimes, RANGE, runningEngine, towards, withFolder } from './support/sessions';
import { purestShare, readWav, soundSpan } from './support/tones';

const PCMU: MediaCodec = { name: 'PCMU', sendPayloadType: 0, receivePayloadType: 0 };
const PCMA: MediaCodec = { name: 'PCMA', sendPayloadType: 8, receivePayloadType: 8 };
const G722: MediaCodec = { name: 'G722', sendPayloadType: 9, receivePayloadType: 9 };
const HZ = { a: 440, b: 1100 };

describe('media: directions and packet times', () => {
  let engine: MediaEngine;
  before(async () => {
    engine = await runningEngine({ workers: 1 });
  });
  after(() => engine.close());

  for (const [direction, sends, hears] of [
    ['sendrecv', true, true],
    ['sendonly', true, false],
    ['recvonly', false, true],
    ['inactive', false, false],
  ] as [MediaDirection, boolean, boolean][]) {
    it(`${direction}: ${sends ? 'sends' : 'sends nothing'}, ${hears ? 'hears' : 'hears nothing'}`, () =>
      withFolder(async (folder) => {
        const [portA, portB] = [await engine.reserve(RANGE), await engine.reserve(RANGE)];
        const a = portA.open(towards(portB.rtpPort, { direction }));
        // The other side does not keep to it, so that it is ours alone that is looked at.
        const b = portB.open(towards(portA.rtpPort));
        const atA = a.record({ file: join(folder, 'a.wav'), channels: 'received' });
        const atB = b.record({ file: join(folder, 'b.wav'), channels: 'received' });
        await Promise.all([atA.started, atB.started]);
        const playback = a.play({ source: `tone:${HZ.a}` });
        playback.started.catch(() => undefined);
        playback.finished.catch(() => undefined);
        await b.play({ source: `tone:${HZ.b}` }).started;
        await packetTimes(b, 40);
        await Promise.all([a, b].map((session) => session.finishRecordings('stopped')));
        const [heardA] = readWav((await atA.finished).file).channels;
        const [heardB] = readWav((await atB.finished).file).channels;
        const [figures] = await Promise.all([a.close(), b.close()]);
        assert.equal(figures.sent.packets > 0, sends);
        assert.equal(soundSpan(heardA) !== undefined, hears);
        assert.equal(soundSpan(heardB) !== undefined, sends);
        if (hears) assert.ok(purestShare(heardA, [HZ.b]) > 0.95);
        if (sends) assert.ok(purestShare(heardB, [HZ.a]) > 0.95);
      }));
  }

  for (const [ptimeA, ptimeB, codec] of [
    [10, 60, PCMU],
    [20, 50, PCMA],
    [30, 40, G722],
    [60, 60, PCMU],
  ] as [number, number, MediaCodec][]) {
    it(`packets of ${ptimeA} ms one way and ${ptimeB} ms the other: ${codec.name}`, () =>
      withFolder(async (folder) => {
        const [portA, portB] = [await engine.reserve(RANGE), await engine.reserve(RANGE)];
        const a = portA.open(towards(portB.rtpPort, { codec, ptimeMs: ptimeA }));
        const b = portB.open(towards(portA.rtpPort, { codec, ptimeMs: ptimeB }));
        const digits: string[] = [];
        b.on('digit', ({ digit, method }) => digits.push(`${method} ${digit}`));
        const recordings = [a, b].map((session, index) =>
          session.record({ file: join(folder, `${index}.wav`), channels: 'received' }),
        );
        await Promise.all(recordings.map(({ started }) => started));
        await a.sendDigits({ digits: '5', method: 'rfc4733', toneMs: 120, gapMs: 60 });
        await a.play({ source: `tone:${HZ.a}` }).started;
        await b.play({ source: `tone:${HZ.b}` }).started;
        await Promise.all([packetTimes(a, 1000 / ptimeA), packetTimes(b, 1000 / ptimeB)]);
        await Promise.all([a, b].map((session) => session.finishRecordings('stopped')));
        const figures = await Promise.all([a.close(), b.close()]);
        for (const [index, hz] of [HZ.b, HZ.a].entries()) {
          const { channels, sampleRate } = readWav((await recordings[index].finished).file);
          assert.ok(purestShare(channels[0], [hz], sampleRate) > 0.95, `${hz} Hz`);
          assert.equal(figures[index].received.lost, 0);
        }
        assert.deepEqual(digits, ['rfc4733 5']);
        // A playback begins whole packets in; what went out in a second says how long they were.
        const bytesPerMs = figures[0].sent.bytes / figures[0].sent.packets / ptimeA;
        assert.ok(bytesPerMs > 6 && bytesPerMs <= 8, `${bytesPerMs} bytes for each millisecond`);
      }));
  }
});
