import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import type { SinkResult } from '../../media/sink';
import { buildSink, openSink } from '../../media/sinks';
import { rounded } from '../../signalling/figures';
import { playingFlow } from '../flows';
import { cpuOf, cpuOfChildren, PROGRAM } from '../load-command';
import { writeSounds } from './sounds';

/** Seconds in which all calls begin, from the first one to the measurement, and of that. */
const RAMP_S = 4;
const SETTLED_S = 6;
const MEASURED_S = 7;
/** Seconds that Node-RED has to start. */
const START_S = 15;
const CALLEE = '127.0.0.1:15260';

/** Who sends audio: a flow, or SIPp in one of its two ways. */
const CALLERS = ['flow', 'rtp_stream', 'play_pcap_audio'] as const;
type Caller = (typeof CALLERS)[number];

/** What a scenario of SIPp says for each of its ways: the port of its offer, and how audio is sent. */
const SIPP_AUDIO = {
  rtp_stream: { port: '[rtpstream_audio_port]', send: 'rtp_stream="audio.raw,1,0,PCMU/8000"' },
  play_pcap_audio: { port: '[media_port]', send: 'play_pcap_audio="audio.pcap"' },
} as const;

interface Spacing {
  caller: Caller;
  calls: number;
  p99Ms: number;
  lost: number;
  /** Packets that came, of those that were due, 0 to 1. */
  share: number;
  /** Processor of the caller, of a core. */
  cpuShare: number;
}

/** How evenly each caller sends audio with so many calls at once, in turns, by the kernel's times of arrival. */
export async function audioBeside(numbers: readonly number[]): Promise<Spacing[]> {
  const folder = mkdtempSync(join(tmpdir(), 'sipflow-bench-'));
  const found: Spacing[] = [];
  try {
    buildSink(folder);
    writeSounds(folder);
    for (const calls of numbers) {
      for (const caller of CALLERS) {
        const spacing = await measure(caller, calls, folder);
        console.log(JSON.stringify(spacing));
        found.push(spacing);
      }
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return found;
}

async function measure(caller: Caller, calls: number, folder: string): Promise<Spacing> {
  const sink = await openSink(calls, 20);
  writeFileSync(
    join(folder, 'ports.csv'),
    ['SEQUENTIAL', ...sink.ports.map((port) => `${port};`)].join('\n'),
  );
  const callee = sipp(['-sf', join(__dirname, 'callee.xml'), '-inf', 'ports.csv', '-p', '15260'], folder);
  const beginsAt = Date.now() + (caller === 'flow' ? START_S * 1000 : 0);
  const child = caller === 'flow' ? flow(calls, beginsAt, folder) : sippCaller(caller, calls, folder);
  const gone = once(child, 'exit');
  const cpuMs = (): number => (caller === 'flow' ? cpuOfChildren(child.pid ?? 0) : cpuOf(child.pid ?? 0));
  await delay(beginsAt + SETTLED_S * 1000 - Date.now());
  let spentMs = 0;
  const result = await sink.measure(async () => {
    const before = cpuMs();
    await delay(MEASURED_S * 1000);
    spentMs = cpuMs() - before;
  });
  await gone;
  callee.kill('SIGKILL');
  await sink.close();
  return spacingOf(caller, calls, result, spentMs);
}

function spacingOf(caller: Caller, calls: number, result: SinkResult, spentMs: number): Spacing {
  const { p99, lost, share } = result;
  return {
    caller,
    calls,
    p99Ms: p99,
    lost,
    share: rounded(share),
    cpuShare: rounded(spentMs / (MEASURED_S * 1000)),
  };
}

function flow(calls: number, beginsAt: number, folder: string): ChildProcess {
  writeFileSync(join(folder, 'flow.json'), JSON.stringify(playingFlow(`sip:sipp@${CALLEE}`, 'audio.wav')));
  const stages = `${calls / RAMP_S}/s for ${RAMP_S}s`;
  const args = ['load', 'flow.json', '--stages', stages, '--no-probe', '--max-calls', String(calls)];
  const at = ['--start-at', new Date(beginsAt).toISOString()];
  return spawn(process.execPath, [PROGRAM, ...args, ...at], { cwd: folder, stdio: 'ignore' });
}

function sippCaller(caller: keyof typeof SIPP_AUDIO, calls: number, folder: string): ChildProcess {
  const { port, send } = SIPP_AUDIO[caller];
  const scenario = join(folder, `${caller}.xml`);
  const text = readFileSync(join(__dirname, 'caller.xml'), 'utf8');
  writeFileSync(scenario, text.replace('AUDIO_PORT RTP', `${port} RTP`).replace('SEND_AUDIO/', `${send}/`));
  const rate = ['-r', String(calls / RAMP_S), '-m', String(calls), '-l', String(calls)];
  return sipp([CALLEE, '-sf', scenario, '-p', '15261', ...rate], folder);
}

function sipp(args: readonly string[], folder: string): ChildProcess {
  const common = ['-i', '127.0.0.1', '-mi', '127.0.0.1', '-bind_local', '-nostdin', '-timer_resol', '1'];
  return spawn('sipp', [...args, ...common, '-timeout', '60s'], { cwd: folder, stdio: 'ignore' });
}
