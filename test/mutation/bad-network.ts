import dgram from 'node:dgram';

/** What becomes of RTP that a phone sends. */
export type RtpFault = 'none' | 'loss-10' | 'loss-4' | 'jitter' | 'gap';

/** First RTP port of the phone whose audio has the fault; each has 500 of them. */
export const RTP_PORTS: Readonly<Record<RtpFault, number>> = {
  none: 40_000,
  'loss-10': 40_500,
  'loss-4': 41_000,
  jitter: 41_500,
  gap: 42_000,
};
export const PORTS_EACH = 500;

/** Milliseconds by which every other packet is late. */
const LATE_MS = 90;
/** Packets of the gap: three quarters of a second. */
const GAP = { from: 40, to: 78 };

type Send = (...args: unknown[]) => void;

/** Harms the RTP of this thread's sockets by the range of their port. */
export function harmRtp(): void {
  const prototype = dgram.Socket.prototype as unknown as { send: Send };
  const { send } = prototype;
  const counts = new WeakMap<object, number>();
  prototype.send = function (this: dgram.Socket, ...args: unknown[]) {
    const fault = isOpen(this) ? faultOf(this.address().port) : undefined;
    const bytes = args[0] as Uint8Array;
    // RTCP, which has odd ports, and STUN go through.
    if (!fault || bytes[0] >> 6 !== 2) return send.apply(this, args);
    const count = counts.get(this) ?? 0;
    counts.set(this, count + 1);
    const done = args.at(-1);
    if (isLost(fault, count)) {
      if (typeof done === 'function') setImmediate(done as () => void);
      return;
    }
    if (fault !== 'jitter' || count % 4 !== 0) return send.apply(this, args);
    const copy = [Uint8Array.prototype.slice.call(bytes), ...args.slice(1)];
    setTimeout(() => {
      if (isOpen(this)) send.apply(this, copy);
    }, LATE_MS);
  };
}

/** A socket that was closed has no address any more. */
function isOpen(socket: dgram.Socket): boolean {
  try {
    return socket.address().port > 0;
  } catch {
    return false;
  }
}

function faultOf(port: number): RtpFault | undefined {
  if (port % 2 !== 0) return undefined;
  const ranges = Object.entries(RTP_PORTS) as [RtpFault, number][];
  return ranges.find(([, first]) => port >= first && port < first + PORTS_EACH)?.[0];
}

function isLost(fault: RtpFault, count: number): boolean {
  switch (fault) {
    case 'none':
      return true;
    case 'loss-10':
      return count % 10 === 5;
    case 'loss-4':
      return count % 25 === 12;
    case 'gap':
      return count >= GAP.from && count < GAP.to;
    case 'jitter':
      return false;
  }
}
