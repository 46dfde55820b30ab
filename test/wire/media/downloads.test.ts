import assert from 'node:assert/strict';
import { createServer, type RequestListener, type Server } from 'node:http';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { createMediaEngine } from '../../../lib/media';
import { Downloads } from '../../../lib/media/files/downloads';
import { WAV_HEADER_BYTES, writeWavHeader } from '../../../lib/audio/wav-writer';
import { FakeClock } from '../../support/fake-clock';
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
    const downloads = new Downloads({}, new FakeClock());
    answer = (request, response) => {
      response.statusCode = request.url === '/gone' ? 404 : 503;
      response.end();
    };
    await assert.rejects(downloads.get(`${base}/gone`), { code: 'FILE_NOT_FOUND' });
    await assert.rejects(downloads.get(`${base}/broken`), /the server answered 503/);
    await assert.rejects(downloads.get('http://127.0.0.1:1/x'), { code: 'FILE_ACCESS' });
  });

  it('a failure is forgotten, so that the next call tries again', async () => {
    const downloads = new Downloads({}, new FakeClock());
    answer = (_request, response) => {
      response.statusCode = requests === 1 ? 500 : 200;
      response.end('x');
    };
    await assert.rejects(downloads.get(base));
    assert.equal((await downloads.get(base)).bytes.length, 1);
  });

  it('fetches again after a minute', async () => {
    const clock = new FakeClock();
    const downloads = new Downloads({}, clock);
    answer = (_request, response) => response.end(String(requests));
    const first = await downloads.get(base);
    clock.advance(59_000);
    assert.equal((await downloads.get(base)).key, first.key);
    clock.advance(2000);
    const second = await downloads.get(base);
    assert.notEqual(second.key, first.key);
    assert.equal(Buffer.from(second.bytes).toString(), '2');
    downloads.close();
  });

  it('asks the server after a minute whether it changed, and keeps what did not', async () => {
    const clock = new FakeClock();
    const downloads = new Downloads({}, clock);
    const asked: (string | undefined)[][] = [];
    answer = ({ headers }, response) => {
      asked.push([headers['if-none-match'], headers['if-modified-since']]);
      response.setHeader('etag', '"v1"');
      response.setHeader('last-modified', 'Mon, 30 Nov 2026 10:00:00 GMT');
      response.statusCode = headers['if-none-match'] === '"v1"' ? 304 : 200;
      response.end(response.statusCode === 200 ? 'once' : undefined);
    };
    const first = await downloads.get(base);
    clock.advance(61_000);
    const second = await downloads.get(base);
    assert.deepEqual(asked, [
      [undefined, undefined],
      ['"v1"', 'Mon, 30 Nov 2026 10:00:00 GMT'],
    ]);
    assert.equal(second.key, first.key);
    assert.equal(Buffer.from(second.bytes).toString(), 'once');
    assert.equal(downloads.bytes, 4);
    clock.advance(30_000);
    await downloads.get(base);
    assert.equal(requests, 2);
    downloads.close();
  });

  it('forgets what nobody wants for five minutes, and leaves no timer behind', async () => {
    const clock = new FakeClock();
    const downloads = new Downloads({}, clock);
    answer = (_request, response) => response.end('12345');
    await downloads.get(`${base}/a`);
    await downloads.get(`${base}/b`);
    clock.advance(4 * 60_000);
    await downloads.get(`${base}/b`);
    assert.equal(downloads.bytes, 10);
    clock.advance(2 * 60_000);
    assert.equal(downloads.bytes, 5);
    clock.advance(5 * 60_000);
    assert.deepEqual([downloads.bytes, clock.pending], [0, 0]);
  });

  it('keeps a bounded number of bytes, those used last', async () => {
    const clock = new FakeClock();
    const downloads = new Downloads({ maxKeptBytes: 2500 }, clock);
    answer = (_request, response) => response.end(Buffer.alloc(1000));
    await downloads.get(`${base}/a`);
    await downloads.get(`${base}/b`);
    await downloads.get(`${base}/a`);
    await downloads.get(`${base}/c`);
    assert.equal(downloads.bytes, 2000);
    assert.equal(requests, 3);
    await downloads.get(`${base}/a`);
    assert.equal(requests, 3);
    await downloads.get(`${base}/b`);
    assert.equal(requests, 4);
    downloads.close();
    assert.deepEqual([downloads.bytes, clock.pending], [0, 0]);
  });

  it('gives up on what is too large and on what takes too long', async () => {
    const downloads = new Downloads({ timeoutMs: 300, maxBytes: 1000 }, new FakeClock());
    answer = (_request, response) => response.end(Buffer.alloc(100_000));
    await assert.rejects(downloads.get(`${base}/large`), /larger than/);
    answer = (_request, response) => response.write('RIFF');
    await assert.rejects(downloads.get(`${base}/slow`), /within 0\.3 s/);
  });
});
