import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readPcap } from '../../lib/evidence';
import type { CallDetail } from '../../plugins/sipflow/server/call-detail';
import type { CallList } from '../../plugins/sipflow/server/calls';
import type { PhoneRow } from '../../plugins/sipflow/server/phones';
import type { RecordingOutline } from '../../plugins/sipflow/server/recordings';
import { Bench, callOf, phone, type FlowNode } from '../nodes/support/bench';
import { answeredCall, ringingCall } from '../nodes/support/calls';
import { writeTone } from '../nodes/support/wav';
import { SidebarServer } from './support/sidebar-server';

const hangup: FlowNode = { id: 'end', type: 'sip-hangup', wires: [['over']] };
const info: FlowNode = { id: 'look', type: 'sip-call-info', wires: [['looked']] };
const play: FlowNode = { id: 'play', type: 'sip-play-audio', source: 'tone.wav', wires: [['played']] };
const record: FlowNode = {
  id: 'record',
  type: 'sip-record',
  file: 'test.wav',
  channels: 'stereo',
  wires: [['finished'], ['failed'], ['started']],
};

describe('the routes of the sidebar: phones and calls', () => {
  let bench: Bench;
  let server: SidebarServer;
  beforeEach(async () => {
    bench = new Bench();
    server = new SidebarServer();
    await server.start();
  });
  afterEach(async () => {
    await server.close();
    await bench.close();
  });

  const calls = (since = 0): Promise<CallList> => server.get(`calls?since=${since}`);
  const detail = (id: string): Promise<CallDetail> => server.get(`calls/${encodeURIComponent(id)}`);

  it('tell of phones: state, address, calls, free RTP ports, and why one does not work', async () => {
    await bench.load(
      phone('1001', { rtpPortMin: '31000', rtpPortMax: '31019' }),
      phone('1002', { codecs: ['PCMX'] }),
      phone('1003', {
        mode: 'network',
        bindAddress: '127.0.0.1',
        port: '0',
        registrar: '127.0.0.1:9',
        domain: '127.0.0.1',
        register: true,
      }),
    );
    const port = await bench.portOf('phone1001');
    const { phones } = await server.get<{ phones: PhoneRow[] }>('phones');
    const [first, wrong, registering] = phones;
    assert.deepEqual(first, {
      id: 'phone1001',
      name: 'Phone 1001',
      number: '1001',
      mode: 'simulation',
      transport: 'udp',
      state: 'ready',
      calls: 0,
      maxCalls: 200,
      rtp: { free: 10, all: 10 },
      address: `127.0.0.1:${port}`,
    });
    assert.equal(wrong?.state, 'failed');
    assert.match(wrong?.fault ?? '', /PCMX/);
    assert.equal(registering?.registration?.registrar, '127.0.0.1:9');
    assert.match(registering?.registration?.state ?? '', /^(registering|failed)$/);
  });

  it('list what runs, then what has ended since, and forget nothing in between', async () => {
    const { caller, callee } = await answeredCall(bench, hangup);
    const before = await calls();
    const mine = before.live.filter(({ callId }) => callId === caller.callId);
    assert.deepEqual(
      mine.map(({ id, phone: name, direction, state, codec }) => [id, name, direction, state, codec]),
      [
        [caller.id, 'Phone 1001', 'out', 'answered', 'PCMU'],
        [callee.id, 'Phone 1002', 'in', 'answered', 'PCMU'],
      ],
    );
    assert.equal((await server.get<{ phones: PhoneRow[] }>('phones')).phones[0]?.calls, 1);
    bench.send('end', { call: caller });
    await bench.next('over');
    // The side that is hung up ends a moment later.
    let after = await calls(before.now);
    for (const limit = performance.now() + 5_000; after.live.length > 0; after = await calls(before.now)) {
      assert.ok(performance.now() < limit, JSON.stringify(after.live));
    }
    const [row] = after.ended.filter(({ id }) => id === caller.id);
    assert.deepEqual([row?.state, row?.status, row?.codec], ['ended', 200, 'PCMU']);
    assert.ok((row?.endedAt ?? 0) >= (row?.answeredAt ?? Infinity));
    assert.ok(after.oldest <= (row?.endedAt ?? 0) + 3_000);
    const later = await calls(after.now + 5_000);
    assert.deepEqual(later.ended, []);
  });

  it('show a call by its id and by its Call-ID: one ladder of both sides, and the nodes in order', async () => {
    const { caller, callee } = await answeredCall(bench, info, hangup);
    bench.send('look', { call: caller });
    await bench.next('looked');
    bench.send('end', { call: caller });
    await bench.next('over');
    const own = await detail(caller.id);
    assert.deepEqual(own.nodes, ['dial', 'look', 'end']);
    assert.deepEqual((await detail(callee.id)).nodes, ['ring', 'pick']);
    assert.equal(own.live, false);
    assert.equal(own.phone, 'Phone 1001');
    assert.deepEqual(
      own.ladder.lanes.map(({ name }) => name),
      ['Phone 1001', 'Phone 1002'],
    );
    const labels = own.ladder.rows.flatMap((row) => (row.kind === 'message' ? [row.label] : []));
    assert.deepEqual(
      labels,
      ['INVITE', '180 Ringing', '200 OK', 'ACK', 'BYE', '200 OK'],
      'each message once',
    );
    const byCallId = await detail(caller.callId);
    assert.equal(byCallId.ref.callId, caller.callId);
    assert.deepEqual(byCallId.ladder, own.ladder);
  });

  it('show a call by the Call-ID of the leg that a transfer gave it, with everyone who was in it', async () => {
    const { caller, callee } = await answeredCall(
      bench,
      { id: 'send', type: 'sip-transfer', target: '1003', wires: [['sent'], [], []] },
      phone('1003'),
      { id: 'ring1003', type: 'sip-incoming-call', instance: 'phone1003', wires: [['pick1003']] },
      { id: 'pick1003', type: 'sip-answer', wires: [['picked1003']] },
    );
    bench.send('send', { call: caller });
    const third = callOf(await bench.next('picked1003'));
    assert.notEqual(third.callId, caller.callId);
    const lanes = async (id: string): Promise<string[]> =>
      (await detail(id)).ladder.lanes.map(({ name }) => name).toSorted();
    const everyone = ['Phone 1001', 'Phone 1002', 'Phone 1003'];
    assert.deepEqual(await lanes(callee.id), everyone);
    assert.deepEqual(await lanes(third.callId), everyone);
  });

  it('place digits of early media before the answer', async () => {
    const { caller, callee } = await ringingCall(
      bench,
      { id: 'early', type: 'sip-early-media', source: '', wires: [['opened']] },
      { id: 'keys', type: 'sip-send-dtmf', digits: '7', wires: [['sent']] },
      { id: 'pick', type: 'sip-answer', wires: [['picked']] },
    );
    bench.send('early', { call: callee });
    await bench.next('opened');
    bench.send('keys', { call: caller });
    await bench.next('sent');
    bench.send('pick', { call: callee });
    await bench.next('picked');
    const { ladder } = await detail(callee.id);
    const digit = ladder.rows.findIndex((row) => row.kind === 'mark' && row.mark === 'digit');
    const answer = ladder.rows.findIndex((row) => row.kind === 'message' && row.label === '200 OK');
    assert.ok(digit >= 0 && digit < answer, JSON.stringify(ladder.rows.map(({ kind }) => kind)));
  });

  it('answer 404 for a call that nobody knows, with a sentence that quotes 80 characters of it', async () => {
    await bench.load(phone('1001'));
    for (const path of ['', '/export/text', '/recordings/0', '/recordings/0/audio']) {
      const response = await server.ask(`calls/${'%3Cb%3E'.repeat(100)}${path}`);
      assert.equal(response.status, 404, path);
      const { code, message } = (await response.json()) as Record<string, string>;
      assert.equal(code, 'CALL_UNKNOWN');
      assert.ok(message.length < 250);
    }
    assert.equal((await server.post('calls/nobody/hangup')).status, 404);
  });

  it('hang up what stands, and say 410 for what has ended', async () => {
    const { caller } = await answeredCall(bench);
    assert.equal((await server.post(`calls/${caller.id}/hangup`)).status, 200);
    const { info: ended } = await detail(caller.id);
    assert.deepEqual([ended.state, ended.endedBy], ['ended', 'local']);
    assert.equal((await server.post(`calls/${caller.id}/hangup`)).status, 410);
  });

  it('export a call as text, Mermaid, SVG, JSON and pcap, and nothing else', async () => {
    const { caller } = await answeredCall(bench);
    const exported = async (kind: string): Promise<[string, string]> => {
      const response = await server.ask(`calls/${caller.id}/export/${kind}`);
      assert.equal(response.status, 200, kind);
      assert.equal(response.headers.get('x-content-type-options'), 'nosniff');
      return [response.headers.get('content-type') ?? '', await response.text()];
    };
    const [type, text] = await exported('text');
    assert.match(type, /^text\/plain/);
    assert.match(text, /INVITE[^]*180 Ringing[^]*200 OK/);
    assert.match((await exported('mermaid'))[1], /^sequenceDiagram/);
    assert.match((await exported('svg'))[1], /^<svg xmlns=/);
    assert.equal((JSON.parse((await exported('json'))[1]) as { format: string }).format, 'sipflow-ladder/1');
    const pcap = await server.ask(`calls/${caller.id}/export/pcap`);
    assert.equal(pcap.headers.get('content-type'), 'application/vnd.tcpdump.pcap');
    const frames = readPcap(new Uint8Array(await pcap.arrayBuffer()));
    assert.equal(frames.length, 4, 'INVITE, 180, 200 and ACK, each once');
    assert.equal((await server.ask(`calls/${caller.id}/export/exe`)).status, 400);
  });

  it('let a recording be drawn and heard', async () => {
    writeTone(join(bench.userDir, 'tone.wav'), 0.5);
    const { caller, callee } = await answeredCall(bench, record, play, hangup);
    bench.send('record', { call: callee });
    await bench.next('started');
    assert.deepEqual(
      (await detail(callee.id)).recordings.map(({ final }) => final),
      [false],
    );
    bench.send('play', { call: caller });
    await bench.next('played');
    bench.send('end', { call: caller });
    const { recording } = await bench.next('finished');
    const { file } = recording as { file: string };
    assert.deepEqual((await detail(callee.id)).recordings, [{ title: 'test.wav', final: true }]);
    const outline = await server.get<RecordingOutline>(`calls/${callee.id}/recordings/0`);
    assert.equal(outline.peaks.length, 2);
    const [heard = [], sent = []] = outline.peaks.map((peaks) => [...Buffer.from(peaks, 'base64')]);
    assert.ok(Math.max(...heard) > 20 && Math.max(...sent) < 3, 'the tone is on one side');
    const audio = await server.ask(`calls/${callee.id}/recordings/0/audio`);
    assert.match(audio.headers.get('content-type') ?? '', /^audio\/(x-)?wav/);
    assert.deepEqual(Buffer.from(await audio.arrayBuffer()), readFileSync(file));
    for (const place of ['1', '-1', 'x', '../../../etc/passwd']) {
      const response = await server.ask(`calls/${callee.id}/recordings/${encodeURIComponent(place)}/audio`);
      assert.equal(response.status, 404, place);
    }
  });

  it('refuse everything to users without the permission, and say nothing', async () => {
    const { caller } = await answeredCall(bench);
    const reads = [
      'phones',
      'calls',
      `calls/${caller.id}`,
      `calls/${caller.id}/export/text`,
      'tests',
      'report',
    ];
    reads.push(`calls/${caller.id}/recordings/0`, `calls/${caller.id}/recordings/0/audio`, 'verdicts/x');
    for (const path of reads) {
      const response = await server.ask(path, 'flows.read sipflow.write');
      assert.deepEqual([response.status, await response.text()], [401, ''], path);
    }
    for (const path of [`calls/${caller.id}/hangup`, 'tests/run', 'tests/stop']) {
      const response = await server.post(path, {}, 'sipflow.read');
      assert.deepEqual([response.status, await response.text()], [401, ''], path);
    }
    assert.equal((await server.post('open', { sidebar: 'x' }, 'flows.read')).status, 401);
    assert.equal((await detail(caller.id)).info.state, 'answered', 'nothing was done');
  });

  it('take no post that a page of another site could make', async () => {
    const { caller } = await answeredCall(bench);
    assert.equal((await server.post(`calls/${caller.id}/hangup`, {}, '*', 'text/plain')).status, 415);
    assert.equal((await detail(caller.id)).info.state, 'answered');
  });
});
