import assert from 'node:assert/strict';
import { createServer, type RequestListener, type Server } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createMediaEngine } from '../../../lib/media';
import { Downloads } from '../../../lib/media/files/downloads';
import { WAV_HEADER_BYTES, writeWavHeader } from '../../../lib/audio/wav-writer';
import { connectedPair } from './support/sessions';
import { sine } from './support/tones';

function wavBytes(): Buffer {
  const samples = sine(440, 300);
  const bytes = Buffer.alloc(WAV_HEADER_BYTES + samples.byteLength);
  writeWavHeader(bytes, { sampleRate: 8000, channels: 1 }, samples.byteLength);
  Buffer.from(samples.buffer).copy(bytes, WAV_HEADER_BYTES);
  return bytes;
}

describe('media: audio from http', () => {
  let server: Server;
  let base: string;
  let requests = 0;
  let answer: RequestListener;
  beforeEach(async () => {
    requests = 0;
    server = createServer((request, response) => {
      requests++;
      answer(request, response);
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    base = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  });
  afterEach(async () => {
    server.closeAllConnections();
    server.close();
    await once(server, 'close');
  });

  it('plays and probes what a server sends, fetched once for several calls', async () => {
    answer = (_request, response) => response.end(wavBytes());
    const engine = createMediaEngine({ workers: 1 });
    const url = `${base}/prompt.wav`;
    const pairs = await Promise.all([1, 2, 3].map(() => connectedPair(engine)));
    const results = await Promise.all(pairs.map(({ a }) => a.play({ source: url }).finished));
    for (const result of results) {
      assert.deepEqual(result, { reason: 'completed', durationMs: 300, playedMs: 300 });
    }
    assert.equal((await engine.probe(url)).durationMs, 300);
    assert.equal(requests, 1);
    await engine.close();
  });

  it('names what the server did', async () => {
    const downloads = new Downloads();
    answer = (request, response) => {
      response.statusCode = request.url === '/gone' ? 404 : 503;
      response.end();
    };
    await assert.rejects(downloads.get(`${base}/gone`), { code: 'FILE_NOT_FOUND' });
    await assert.rejects(downloads.get(`${base}/broken`), /the server answered 503/);
    await assert.rejects(downloads.get('http://127.0.0.1:1/x'), { code: 'FILE_ACCESS' });
  });

  it('a failure is forgotten, so that the next call tries again', async () => {
    const downloads = new Downloads();
    answer = (_request, response) => {
      response.statusCode = requests === 1 ? 500 : 200;
      response.end('x');
    };
    await assert.rejects(downloads.get(base));
    assert.equal((await downloads.get(base)).bytes.length, 1);
  });

  it('fetches again after a minute', async () => {
    let now = 0;
    const downloads = new Downloads(1000, 1000, () => now);
    answer = (_request, response) => response.end(String(requests));
    const first = await downloads.get(base);
    now = 59_000;
    assert.equal((await downloads.get(base)).key, first.key);
    now = 61_000;
    const second = await downloads.get(base);
    assert.notEqual(second.key, first.key);
    assert.equal(Buffer.from(second.bytes).toString(), '2');
  });

  it('gives up on what is too large and on what takes too long', async () => {
    const downloads = new Downloads(300, 1000);
    answer = (_request, response) => response.end(Buffer.alloc(100_000));
    await assert.rejects(downloads.get(`${base}/large`), /larger than/);
    answer = (_request, response) => response.write('RIFF');
    await assert.rejects(downloads.get(`${base}/slow`), /within 0\.3 s/);
  });
});
