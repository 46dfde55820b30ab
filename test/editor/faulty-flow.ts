import type { ErrorCode } from '../../lib/common/errors';
import { catalogue, lookUp, nodeSets } from '../package/support/editor';

/** What a node shows in the end, in either language of editor and runtime. */
export type Shown = Record<'en-US' | 'ko', string | RegExp>;

type Fields = Record<string, unknown>;

/** What starts a node: the button, the same three times over, or a call that is answered, over, or the only one allowed. */
type Cause = 'go' | 'thrice' | 'answered' | 'ended' | 'full';

interface Case {
  node: Fields & { id: string; type: string };
  shows: Shown;
  /** None where the node starts by itself. */
  after?: Cause;
}

/** What the flow meets outside. */
export interface Places {
  /** `host:port` of a registrar that refuses. */
  registrar: string;
  /** A port that another program has. */
  takenPort: number;
  /** A port at which nobody listens. */
  deadPort: number;
  /** Where somebody with a certificate of his own listens. */
  tlsPort: number;
}

const PICTURE = 'tab-of-statuses';
const WORKS = 'tab-of-causes';

const same = (text: string | RegExp): Shown => ({ 'en-US': text, ko: text });
const both = (english: string | RegExp, korean: string | RegExp): Shown => ({
  'en-US': english,
  ko: korean,
});

/** The text that stands for an error code, behind the response that it came with. */
function short(code: ErrorCode, response = ''): Shown {
  const set = nodeSets().find(({ type }) => type === 'sip-instance');
  if (!set) throw new Error('the texts of error codes are those of sip-instance');
  const text = (language: string) => response + lookUp(catalogue(set, language), `short.${code}`);
  return both(text('en-US'), text('ko'));
}

/** Faults, each shown by a node of its own. */
export function faults({ deadPort, tlsPort }: Places): Case[] {
  const closed = `sip:1@127.0.0.1:${deadPort};transport=tcp`;
  const untrusted = `sip:1@127.0.0.1:${tlsPort};transport=tls`;
  return [
    { after: 'go', shows: same('404 Not Found'), node: calling('unknown', '1999') },
    { after: 'go', shows: same('486 Busy Here'), node: calling('busy', '1004') },
    {
      after: 'go',
      shows: short('TIMEOUT'),
      node: calling('unanswered', '1005', { ringTimeout: '1' }),
    },
    { after: 'go', shows: short('NO_COMMON_CODEC', '488 '), node: calling('codec', '1003') },
    {
      after: 'go',
      shows: short('SRTP_NOT_NEGOTIATED', '488 '),
      node: calling('encryption', '1002', { instance: 'phone1006' }),
    },
    {
      after: 'full',
      shows: short('MAX_CALLS'),
      node: calling('many', '1002', { instance: 'phone1007' }),
    },
    {
      after: 'go',
      shows: short('TRANSPORT'),
      node: calling('connection', closed, { instance: 'phone1008' }),
    },
    {
      after: 'go',
      shows: short('TLS'),
      node: calling('certificate', untrusted, { instance: 'phone1009' }),
    },
    {
      after: 'go',
      shows: short('DNS'),
      node: calling('address', 'sip:1@nowhere.invalid', { instance: 'phone1008' }),
    },
    {
      after: 'go',
      shows: both('invalid setting: ringTimeout', '설정 오류: ringTimeout'),
      node: calling('setting', '1002', { ringTimeout: 'soon' }),
    },
    {
      after: 'go',
      shows: short('NO_INSTANCE'),
      node: calling('phoneless', '1002', { instance: '' }),
    },
    {
      shows: both(/^port \d+ in use$/, /^포트 \d+ 사용 중$/),
      node: listening('port', '1010', { match: '1010' }),
    },
    {
      shows: both('registration: 403 Forbidden', '등록: 403 Forbidden'),
      node: listening('registration', '1011', { match: '1011' }),
    },
    {
      after: 'answered',
      shows: short('FILE_NOT_FOUND'),
      node: { id: 'file', type: 'sip-play-audio', source: 'missing.wav', wires: [[], [], [], []] },
    },
    {
      after: 'answered',
      shows: short('BAD_DIGITS'),
      node: { id: 'digits', type: 'sip-send-dtmf', digits: '12x', wires: [[], []] },
    },
    {
      after: 'ended',
      shows: short('CALL_ENDED'),
      node: { id: 'late', type: 'sip-record', wires: [[], [], []] },
    },
  ];
}

/** Nodes that do well: in one call, in several, and done. */
export const WELL: readonly Case[] = [
  { after: 'go', shows: same(/^1002 · 00:\d\d$/), node: calling('talk', '1002') },
  { after: 'thrice', shows: both('3 calls', '통화 3건'), node: calling('talks', '1002') },
  { after: 'ended', shows: same(''), node: { id: 'idle', type: 'sip-hangup', wires: [[]] } },
];

/** A flow that fails in every way of `faults` once its button `press` is pressed, while the calls of `WELL` go on. */
export function faultyFlow(places: Places): object[] {
  const cases = [...faults(places), ...WELL];
  const entry = (id: string) => `to-${id}`;
  const shown = cases.flatMap(({ node, after }, index) => {
    const place = { z: PICTURE, y: 60 + 95 * Math.floor(index / 3) };
    const x = 300 + 460 * (index % 3);
    const link = { ...place, id: entry(node.id), type: 'link in', x: x - 230, wires: [[node.id]] };
    return [...(after ? [link] : []), { name: '', ...node, ...place, x }];
  });
  return [
    { id: PICTURE, type: 'tab', label: 'statuses' },
    { id: WORKS, type: 'tab', label: 'causes' },
    ...phones(places),
    ...shown,
    ...causes((cause) => cases.filter(({ after }) => after === cause).map(({ node }) => entry(node.id))),
  ];
}

function phones({ takenPort, registrar }: Places): object[] {
  const phone = (dn: string, fields: Fields = {}) => ({
    ...{ id: `phone${dn}`, type: 'sip-instance', name: '', mode: 'simulation', dn },
    ...fields,
  });
  const network = { mode: 'network', bindAddress: '127.0.0.1', port: '0' };
  return [
    ...[phone('1001'), phone('1002'), phone('1004'), phone('1005')],
    phone('1003', { codecs: ['G722'] }),
    phone('1006', { srtp: 'required' }),
    phone('1007', { maxCalls: '1' }),
    phone('1008', network),
    phone('1009', { ...network, transport: 'tls' }),
    phone('1010', { ...network, port: String(takenPort) }),
    phone('1011', { ...network, registrar, register: true }),
  ];
}

/** What answers, refuses and lets ring, and the calls that lead to a cause; `links` tells where a cause leads. */
function causes(links: (cause: Cause) => string[]): object[] {
  const leading = (cause: Cause) => ({
    ...{ id: `link-${cause}`, type: 'link out', mode: 'link', links: links(cause), wires: [] },
  });
  const started = ['link-go', 'three', 'media', 'brief', 'only'];
  const nodes = [
    { id: 'press', type: 'inject', props: [], wires: [started] },
    leading('go'),
    {
      id: 'three',
      type: 'function',
      func: 'return [[msg, { ...msg }, { ...msg }]];',
      wires: [['link-thrice']],
    },
    leading('thrice'),
    calling('media', '1002', { wires: [['link-answered'], [], []] }),
    leading('answered'),
    calling('brief', '1002', { wires: [['hang-up'], [], []] }),
    { id: 'hang-up', type: 'sip-hangup', wires: [['link-ended']] },
    leading('ended'),
    calling('only', '1002', { instance: 'phone1007', wires: [['link-full'], [], []] }),
    leading('full'),
    listening('rings', '1002', { wires: [['pick-up']] }),
    { id: 'pick-up', type: 'sip-answer', wires: [[], []] },
    listening('engaged', '1004', { wires: [['refuse']] }),
    { id: 'refuse', type: 'sip-reject', statusCode: '486', wires: [[]] },
    listening('nobody', '1005', { wires: [[]] }),
  ];
  return nodes.map((node, index) => ({
    ...{ z: WORKS, x: 120 + 200 * (index % 4), y: 60 + 60 * Math.floor(index / 4) },
    ...node,
  }));
}

function calling(id: string, target: string, fields: Fields = {}): Case['node'] {
  return {
    ...{ id, type: 'sip-make-call', instance: 'phone1001', target, wires: [[], [], []] },
    ...fields,
  };
}

function listening(id: string, number: string, fields: Fields): Case['node'] {
  return { id, type: 'sip-incoming-call', instance: `phone${number}`, wires: [[]], ...fields };
}
