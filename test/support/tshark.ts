import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A stream of RTP as tshark counts it. */
export interface JudgedStream {
  from: string;
  to: string;
  payloads: string[];
  packets: number;
  lost: number;
}

/** A capture as tshark, which knows nothing of us, reads it. */
export interface Judged {
  /** Methods of requests and statuses of responses, in order. */
  sip: string[];
  streams: JudgedStream[];
  /** Digits by RFC 4733, by where they go. */
  digits: Map<string, string>;
  /** RFC 3550, A.8, of the audio that goes there, by the times and timestamps that tshark tells. */
  jitterMs(to: string, clockRate: number, payloadType: number): number;
  /** Packets of RTCP. */
  reports: number;
  /** What is malformed, out of order or missing. */
  faults: string[];
  /** Texts of notes. */
  notes: string[];
}

const DIGITS = '0123456789*#ABCD';
/** As in `rtp,streams`: times, then source, port, destination, port, SSRC, payloads, packets, lost. */
const STREAM =
  /^\s*[\d.]+\s+[\d.]+\s+(\S+)\s+(\d+)\s+(\S+)\s+(\d+)\s+0x[0-9A-F]+\s+(.+?)\s+(\d+)\s+(-?\d+) \(/gm;

const FIELDS = [
  ...[
    'frame.number',
    'frame.time_epoch',
    'ip.dst',
    'ipv6.dst',
    'udp.dstport',
    'sip.Method',
    'sip.Status-Code',
  ],
  ...['rtp.timestamp', 'rtp.p_type', 'rtpevent.event_id', 'rtcp.pt', 'syslog.msg'],
  ...['_ws.malformed', 'tcp.analysis.flags'],
] as const;

type Row = Record<(typeof FIELDS)[number], string>;

/** Has tshark read a file, once. Fails when it cannot. */
export function judged(file: Uint8Array): Judged {
  const { rows, statistics } = read(file);
  const host = (four: string, six: string, port: string): string =>
    four ? `${four}:${port}` : `[${six}]:${port}`;
  const rtp = rows
    .filter((row) => row['rtp.p_type'] !== '')
    .map((row) => ({
      to: host(row['ip.dst'], row['ipv6.dst'], row['udp.dstport']),
      atMs: Number(row['frame.time_epoch']) * 1000,
      timestamp: Number(row['rtp.timestamp']),
      type: Number(row['rtp.p_type']),
      event: row['rtpevent.event_id'],
    }));
  const digits = new Map<string, string>();
  const seen = new Set<string>();
  for (const { to, timestamp, event } of rtp) {
    const key = `${to} ${timestamp} ${event}`;
    if (event && !seen.has(key)) digits.set(to, (digits.get(to) ?? '') + DIGITS[Number(event)]);
    seen.add(key);
  }
  return {
    sip: rows.flatMap((row) => `${row['sip.Method']},${row['sip.Status-Code']}`.split(',')).filter(Boolean),
    streams: [...statistics.matchAll(STREAM)].map(
      ([, source, sourcePort, target, targetPort, payloads, packets, lost]) => ({
        from: host(source.includes(':') ? '' : source, source, sourcePort),
        to: host(target.includes(':') ? '' : target, target, targetPort),
        payloads: payloads.split(', '),
        packets: Number(packets),
        lost: Number(lost),
      }),
    ),
    digits,
    jitterMs: (to, clockRate, payloadType) => {
      let jitter = 0;
      let before: number | undefined;
      for (const packet of rtp) {
        if (packet.to !== to || packet.type !== payloadType) continue;
        const transit = packet.atMs - (packet.timestamp * 1000) / clockRate;
        if (before !== undefined) jitter += (Math.abs(transit - before) - jitter) / 16;
        before = transit;
      }
      return jitter;
    },
    reports: rows.filter((row) => row['rtcp.pt'] !== '').length,
    faults: rows
      .map((row) => `${row['frame.number']}: ${row['_ws.malformed']}${row['tcp.analysis.flags']}`)
      .filter((text) => !text.endsWith(': ')),
    notes: rows.map((row) => row['syslog.msg']).filter(Boolean),
  };
}

/** A row for each packet, and the table of RTP streams. */
function read(file: Uint8Array): { rows: Row[]; statistics: string } {
  const folder = mkdtempSync(join(tmpdir(), 'sipflow-tshark-'));
  try {
    const path = join(folder, 'call.pcap');
    writeFileSync(path, file);
    const fields = FIELDS.flatMap((name) => ['-e', name]);
    const { status, stdout, stderr } = spawnSync(
      'tshark',
      ['-n', '-r', path, '-T', 'fields', ...fields, '-z', 'rtp,streams'],
      { encoding: 'utf8', maxBuffer: 64 * 1024 * 1024 },
    );
    assert.equal(status, 0, stderr);
    const end = stdout.search(/^=+ RTP Streams/m);
    assert.ok(end >= 0, stdout);
    const lines = stdout
      .slice(0, end)
      .split('\n')
      .filter((line) => /^\d+\t/.test(line));
    const rows = lines.map((line) => {
      const values = line.split('\t');
      return Object.fromEntries(FIELDS.map((name, index) => [name, values[index] ?? ''])) as Row;
    });
    return { rows, statistics: stdout.slice(end) };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
