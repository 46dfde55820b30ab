import type { SubjectField } from '../shared/field-table';

const call = { group: 'call' } as const;
const signalling = { group: 'signalling' } as const;
const audio = { group: 'audio' } as const;
const digits = { group: 'digits' } as const;
const recording = { group: 'recording' } as const;
const listening = { group: 'listening' } as const;
const message = { group: 'message' } as const;

const flag = { value: 'flag' } as const;
const number = { value: 'number' } as const;
const text = { value: 'text' } as const;

/** Subjects of checks, in the order of the form. */
export const SUBJECTS = {
  answered: { ...call, ...flag },
  state: {
    ...call,
    value: ['new', 'ringing', 'early-media', 'answering', 'answered', 'ending', 'ended'],
  },
  direction: { ...call, value: ['in', 'out'] },
  endedBy: { ...call, value: ['local', 'remote', 'error'] },
  setupMs: { ...call, ...number },
  ringDelayMs: { ...call, ...number },
  ringMs: { ...call, ...number },
  durationMs: { ...call, ...number },
  status: { ...signalling, ...number },
  reason: { ...signalling, ...text },
  header: { ...signalling, ...text, named: true, ofMessage: true },
  sdp: { ...signalling, ...text, ofMessage: true },
  methods: { ...signalling, ...text },
  transport: { ...signalling, value: ['udp', 'tcp', 'tls', 'ws', 'wss'] },
  codec: { ...audio, value: ['PCMU', 'PCMA', 'G722', 'L16', 'OPUS'] },
  srtp: { ...audio, ...flag },
  srtpSuite: { ...audio, ...text },
  audio: { ...audio, value: ['both', 'received', 'sent', 'none'] },
  packets: { ...audio, ...number },
  lossPercent: { ...audio, ...number },
  jitterMs: { ...audio, ...number },
  rttMs: { ...audio, ...number },
  mos: { ...audio, ...number },
  levelDbfs: { ...audio, ...number },
  silencePercent: { ...audio, ...number },
  digits: { ...digits, ...text },
  dtmfMethod: { ...digits, value: ['rfc4733', 'info', 'inband'] },
  digitMs: { ...digits, ...number },
  gapMs: { ...digits, ...number },
  recordingMs: { ...recording, ...number },
  recordingDbfs: { ...recording, ...number },
  recordingHas: { ...recording, ...number, named: true },
  heard: { ...listening, ...text },
  latencyMs: { ...listening, ...number },
  greetingMs: { ...listening, ...number },
  talkOverMs: { ...listening, ...number },
  deadAirMs: { ...listening, ...number },
  bargeInMs: { ...listening, ...number },
  msg: { ...message, value: 'any', named: true },
  jsonata: { ...message, value: 'any', named: true },
  error: { ...message, ...text },
} as const satisfies Readonly<Record<string, SubjectField>>;
