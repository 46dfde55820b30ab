import type { CallInfo } from '../../../calls';
import { shortTime } from '../../../common';
import type { FigureName } from '../page/model';

/** The figures of a call that are known, as a page shows them. */
export function figuresOf(info: CallInfo): [FigureName, string][] {
  const { rtp } = info;
  const figures: [FigureName, string | undefined][] = [
    ['state', info.state],
    ['status', info.status === null ? undefined : `${info.status} ${info.reason ?? ''}`.trim()],
    ['endedBy', info.endedBy ?? undefined],
    ['setup', info.answeredAt === null ? undefined : since(info.startedAt, info.answeredAt)],
    ['duration', info.answeredAt === null ? undefined : shortTime(info.durationMs)],
    ['codec', info.codec ?? undefined],
    ['srtp', info.codec === null ? undefined : String(info.srtp)],
    ['dtmf', info.dtmfMethod ?? undefined],
    ['received', rtp ? String(rtp.received.packets) : undefined],
    ['sent', rtp ? String(rtp.sent.packets) : undefined],
    ['loss', rtp ? lossText(rtp.received) : undefined],
    ['jitter', rtp ? `${rtp.received.jitterMs.toFixed(1)} ms` : undefined],
    ['rtt', rtp?.rttMs === undefined ? undefined : `${rtp.rttMs.toFixed(1)} ms`],
    ['mos', info.mos === null ? undefined : info.mos.toFixed(2)],
    ['level', levelText(rtp?.receivedLevelDbfs)],
    ['silence', percent(rtp?.receivedSilenceShare)],
  ];
  return figures.filter(
    (figure): figure is [FigureName, string] => figure[1] !== undefined && figure[1] !== '',
  );
}

function since(from: string, to: string): string | undefined {
  const ms = Date.parse(to) - Date.parse(from);
  return Number.isFinite(ms) ? shortTime(ms) : undefined;
}

function lossText({ packets, lost }: { packets: number; lost: number }): string | undefined {
  const expected = packets + lost;
  return expected === 0 ? undefined : `${((100 * Math.max(0, lost)) / expected).toFixed(1)} % (${lost})`;
}

/** JSON has no infinity: silence is null there. */
function levelText(level: number | null | undefined): string | undefined {
  if (level === undefined) return undefined;
  return level === null || level === -Infinity ? '−∞ dBFS' : `${level.toFixed(1)} dBFS`;
}

function percent(share: number | undefined): string | undefined {
  return share === undefined ? undefined : `${Math.round(100 * share)} %`;
}
