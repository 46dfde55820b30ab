import assert from 'node:assert/strict';
import { Player } from '../../../lib/media/worker/play/player';
import { PromptSource, type SampleSource } from '../../../lib/media/worker/play/sample-source';

interface Rig {
  player: Player;
  log: string[];
  /** Plays packet times until the player has nothing more, at most `limit`; returns the samples sent. */
  play: (limit?: number) => number[];
}

function rig(maxDurationMs = 0): Rig {
  const log: string[] = [];
  const player = new Player(8000, maxDurationMs, {
    started: (durationMs) => log.push(`started ${durationMs}`),
    finished: (result) => log.push(`${result.reason} ${result.playedMs}/${result.durationMs}`),
    failed: (failure) => log.push(`failed ${failure.code}`),
  });
  const frame = new Int16Array(160);
  const play: Rig['play'] = (limit = 1000) => {
    const sent: number[] = [];
    for (let count = 0; count < limit && player.fill(frame, 160); count++) {
      sent.push(...frame);
      player.frameSent();
    }
    return sent;
  };
  return { player, log, play };
}

const ramp = (count: number): Int16Array => Int16Array.from({ length: count }, (_, index) => index + 1);
const prompt = (count: number, offset = 0, loop = false): SampleSource =>
  new PromptSource(ramp(count), count / 8, offset, loop);

describe('media: player', () => {
  it('plays every sample once, pads the last packet, and says when it began and ended', () => {
    const { player, log, play } = rig();
    player.ready(prompt(400));
    assert.deepEqual(play(), [...ramp(400), ...new Array<number>(80).fill(0)]);
    assert.deepEqual(log, ['started 50', 'completed 50/50']);
    assert.ok(player.done);
  });

  it('ends with the packet that carries the last sample, without an empty one after it', () => {
    const { player, log, play } = rig();
    player.ready(prompt(320));
    assert.equal(play().length, 320);
    assert.deepEqual(log, ['started 40', 'completed 40/40']);
  });

  it('has started only when a packet is out', () => {
    const { player, log } = rig();
    player.ready(prompt(800));
    assert.ok(player.fill(new Int16Array(160), 160));
    assert.deepEqual(log, []);
    player.frameSent();
    assert.deepEqual(log, ['started 100']);
  });

  it('loops without a seam until its maximum duration', () => {
    const { player, log, play } = rig(100);
    player.ready(prompt(300, 0, true));
    const sent = play();
    assert.deepEqual(
      sent,
      Array.from({ length: 800 }, (_, index) => (index % 300) + 1),
    );
    assert.deepEqual(log, ['started 37.5', 'max-duration 100/37.5']);
  });

  it('a maximum duration of exactly the length is a completed playback', () => {
    const { player, log, play } = rig(40);
    player.ready(prompt(320));
    play();
    assert.deepEqual(log, ['started 40', 'completed 40/40']);
  });

  it('begins at an offset, and completes at once beyond the end', () => {
    const beginning = rig();
    beginning.player.ready(prompt(400, 240));
    assert.deepEqual(beginning.play(), [...ramp(400).subarray(240)]);
    const beyond = rig();
    beyond.player.ready(prompt(400, 9999));
    beyond.play();
    assert.deepEqual(beyond.log, ['started 50', 'completed 0/50']);
  });

  it('keeps its position over a pause', () => {
    const { player, log, play } = rig();
    player.ready(prompt(480));
    const before = play(1);
    player.pause();
    assert.deepEqual(play(), []);
    player.resume();
    assert.deepEqual([...before, ...play()], [...ramp(480)]);
    assert.equal(log.at(-1), 'completed 60/60');
  });

  it('reports how far it came when it is stopped', () => {
    const { player, log, play } = rig();
    player.ready(prompt(8000));
    play(3);
    player.stop('dtmf');
    player.stop('hangup');
    assert.deepEqual(log, ['started 1000', 'dtmf 60/1000']);
    assert.deepEqual(play(), []);
  });

  it('gives back a source that comes after it was stopped', () => {
    const { player, log } = rig();
    player.stop('stopped');
    let closed = 0;
    player.ready({ durationMs: 1, ended: false, read: () => 0, close: () => closed++ });
    assert.equal(closed, 1);
    assert.deepEqual(log, ['stopped 0/0']);
  });

  it('waits for a disk that is behind instead of ending', () => {
    const { player, log, play } = rig();
    const state = { available: 0, ended: false };
    player.ready({
      durationMs: 1000,
      get ended() {
        return state.ended && state.available === 0;
      },
      read(pcm, offset, count) {
        const step = Math.min(count, state.available);
        pcm.fill(5, offset, offset + step);
        state.available -= step;
        return step;
      },
      close: () => undefined,
    });
    assert.deepEqual(play(), []);
    state.available = 160;
    assert.equal(play().length, 160);
    assert.deepEqual(log, ['started 1000']);
    state.available = 80;
    state.ended = true;
    assert.equal(play().length, 160);
    assert.equal(log.at(-1), 'completed 30/1000');
  });

  it('fails when the source cannot be had', () => {
    const { player, log, play } = rig();
    player.fail({ code: 'FILE_NOT_FOUND', message: 'x' });
    player.stop('hangup');
    assert.deepEqual(play(), []);
    assert.deepEqual(log, ['failed FILE_NOT_FOUND']);
  });
});
