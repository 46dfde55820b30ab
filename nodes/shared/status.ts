import type { NodeStatusFill, NodeStatusShape } from 'node-red';
import type { Call, CallRef, SipReport } from '../../lib/calls';
import type { SipNode } from './flow-types';
import { callsText, faultText, inCallText } from './status-text';

/** Kinds of status; each name is also the last part of its i18n key `status.<name>`. */
export type StatusKind =
  | 'idle'
  | 'ready'
  | 'starting'
  | 'registering'
  | 'registered'
  | 'unregistered'
  | 'calling'
  | 'ringing'
  | 'inCall'
  | 'playing'
  | 'recording'
  | 'sending'
  | 'listening'
  | 'waiting'
  | 'running'
  | 'passed'
  | 'skipped'
  | 'hearing'
  | 'heard'
  | 'notHeard'
  | 'failed';

/** The one vocabulary of colours and shapes; a colour always means the same on every node. */
export const STATUS_LOOKS: Readonly<Record<StatusKind, { fill: NodeStatusFill; shape: NodeStatusShape }>> = {
  idle: { fill: 'grey', shape: 'ring' },
  ready: { fill: 'green', shape: 'ring' },
  starting: { fill: 'yellow', shape: 'ring' },
  registering: { fill: 'yellow', shape: 'ring' },
  registered: { fill: 'green', shape: 'dot' },
  unregistered: { fill: 'red', shape: 'ring' },
  calling: { fill: 'yellow', shape: 'ring' },
  ringing: { fill: 'yellow', shape: 'dot' },
  inCall: { fill: 'green', shape: 'dot' },
  playing: { fill: 'blue', shape: 'dot' },
  recording: { fill: 'blue', shape: 'dot' },
  sending: { fill: 'blue', shape: 'dot' },
  listening: { fill: 'blue', shape: 'dot' },
  waiting: { fill: 'blue', shape: 'dot' },
  running: { fill: 'blue', shape: 'dot' },
  passed: { fill: 'green', shape: 'dot' },
  skipped: { fill: 'grey', shape: 'ring' },
  hearing: { fill: 'blue', shape: 'dot' },
  heard: { fill: 'green', shape: 'dot' },
  notHeard: { fill: 'red', shape: 'ring' },
  failed: { fill: 'red', shape: 'ring' },
};

/** While a load runs, a node shows its status at most so often: each change goes to every editor and Status node. */
const CALM_MS = 1000;
let loads = 0;

/** Nodes show their statuses at most once a second from now on, until the returned function is called. */
export function calmStatuses(): () => void {
  loads += 1;
  let isOver = false;
  return () => {
    if (!isOver) loads -= 1;
    isOver = true;
  };
}

/** How often the time of a call is shown anew: each time goes to every open editor and to Status nodes. */
const REFRESH_MS = 5000;

/** One call or message that a node is busy with. Ending it twice does nothing. */
export interface Activity {
  /** `text` says more than the text of the kind. */
  set(kind: StatusKind, text?: string): void;
  end(): void;
  /** Ends, and leaves the node's status at why until it is busy again. */
  fail(error: unknown, sip?: SipReport): void;
  /** Shows with whom the node is in a call, and for how long, until the call ends. */
  follow(call: Call): void;
}

/** Status of an activity. */
interface Shown {
  kind: StatusKind;
  text?: string | undefined;
  /** The call that a node is in, and since when (milliseconds of the monotonic clock). */
  call?: { ref: CallRef; since: number };
}

/** Status of an idle node; the text is that of the kind when absent. */
interface Rest {
  kind: StatusKind;
  text?: string | (() => string) | undefined;
}

/**
 * A node's status: how it rests, the one thing that it is busy with, or how many calls. Shown at once on
 * construction, because Node-RED keeps the old status over a deploy. An idle node shows nothing.
 */
export class NodeStatus {
  readonly #active = new Map<Activity, Shown>();
  /** Status when nothing runs and nothing failed. */
  #home: Rest;
  #resting: Rest;
  /** Undefined at first: the node of before the deploy has left its own status. */
  #shown: string | undefined;
  #closed = false;
  /** Runs while the time of one call is shown. */
  #refresh: NodeJS.Timeout | undefined;
  /** Runs until a status of a load is shown. */
  #calm: NodeJS.Timeout | undefined;

  constructor(
    private readonly node: SipNode,
    resting: StatusKind = 'idle',
  ) {
    this.#home = { kind: resting };
    this.#resting = this.#home;
    this.#show();
    // After a deploy another node has this id; a call that ends late must not write over its status.
    node.on('close', () => {
      this.#closed = true;
      clearInterval(this.#refresh);
      clearTimeout(this.#calm);
    });
  }

  /** Marks the beginning of something that takes time. */
  begin(kind: StatusKind): Activity {
    const change = (shown: Shown): void => {
      if (!this.#active.has(activity)) return;
      this.#active.set(activity, shown);
      this.#show();
    };
    const activity: Activity = {
      set: (next, text) => change({ kind: next, text }),
      end: () => this.#finish(activity, this.#home),
      fail: (error, sip) => this.#finish(activity, { kind: 'failed', text: faultText(error, sip) }),
      follow: (call) => {
        if (call.state === 'ended') return activity.end();
        change({ kind: 'inCall', call: { ref: call.ref, since: performance.now() } });
        call.on('ended', () => activity.end());
      },
    };
    this.#active.set(activity, { kind });
    this.#show();
    return activity;
  }

  /** Shows how the node is while nothing runs. A text that costs something may be a function. */
  rest(kind: StatusKind, text?: string | (() => string)): void {
    this.#resting = { kind, text };
    this.#show();
  }

  /** Shows this from now on while nothing runs, and after each activity that ends well. */
  restAs(kind: StatusKind, text?: string): void {
    this.#home = { kind, text };
    this.rest(kind, text);
  }

  /** Something could not even begin. */
  failed(error: unknown, sip?: SipReport): void {
    this.rest('failed', faultText(error, sip));
  }

  #finish(activity: Activity, resting: Rest): void {
    if (!this.#active.delete(activity)) return;
    this.#resting = resting;
    this.#show();
  }

  #show(): void {
    if (loads === 0) return this.#draw();
    this.#calm ??= setTimeout(() => {
      this.#calm = undefined;
      this.#draw();
    }, CALM_MS).unref();
  }

  #draw(): void {
    if (this.#closed) return;
    const active = [...this.#active.values()];
    const latest = active.at(-1);
    const timed = active.length === 1 ? latest?.call : undefined;
    this.#keepTime(timed !== undefined);
    const { kind } = latest ?? this.#resting;
    const text = this.#text(active, kind);
    const look = STATUS_LOOKS[kind];
    const shown = kind === 'idle' && !latest ? '' : `${look.fill} ${look.shape} ${text}`;
    if (shown === this.#shown) return;
    this.#shown = shown;
    this.node.status(shown === '' ? {} : { ...look, text });
  }

  #text(active: readonly Shown[], kind: StatusKind): string {
    const [first] = active;
    if (active.length > 1) return callsText(active.length);
    if (first?.call) return inCallText(first.call.ref, performance.now() - first.call.since);
    const { text = `status.${kind}` } = active.at(0) ?? this.#resting;
    return typeof text === 'function' ? text() : text;
  }

  #keepTime(wanted: boolean): void {
    if (wanted === (this.#refresh !== undefined)) return;
    clearInterval(this.#refresh);
    this.#refresh = wanted ? setInterval(() => this.#show(), REFRESH_MS).unref() : undefined;
  }
}
