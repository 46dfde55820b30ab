import type { CallDetail } from '../server/call-detail';
import { figure } from './buttons';
import { clockText, spanText } from './times';
import { say, sayOr } from './words';

/** The figures of a call that are known. */
export function callFigures({ ref, info, phone, digits }: CallDetail): HTMLElement[] {
  const { rtp } = info;
  const started = Date.parse(info.startedAt);
  const response = info.status === null ? undefined : `${info.status} ${info.reason ?? ''}`.trim();
  const ended = info.endedBy === null ? undefined : sayOr(`endedBy.${info.endedBy}`, info.endedBy);
  const figures = [
    figure(say('figure.state'), sayOr(`callState.${info.state}`, info.state)),
    figure(say('figure.phone'), phone),
    figure(say('figure.started'), clockText(started)),
    figure(
      say('figure.setup'),
      info.answeredAt === null ? undefined : `${Date.parse(info.answeredAt) - started} ms`,
    ),
    figure(say('figure.duration'), info.answeredAt === null ? undefined : spanText(info.durationMs)),
    figure(say('figure.response'), response),
    figure(say('figure.endedBy'), ended),
    figure(
      say('figure.codec'),
      info.codec === null ? undefined : `${info.codec}${info.srtp ? ' · SRTP' : ''}`,
    ),
    figure('MOS', info.mos?.toFixed(2)),
    figure(say('figure.received'), rtp?.received.packets),
    figure(say('figure.sent'), rtp?.sent.packets),
    figure(say('figure.loss'), rtp ? lossText(rtp.received) : undefined),
    figure(say('figure.jitter'), rtp ? `${rtp.received.jitterMs.toFixed(1)} ms` : undefined),
    figure(say('figure.digits'), digits),
    figure('Call-ID', ref.callId),
  ];
  return figures.filter((each) => each !== undefined);
}

function lossText({ packets, lost }: { packets: number; lost: number }): string | undefined {
  const expected = packets + lost;
  return expected === 0 ? undefined : `${((100 * Math.max(0, lost)) / expected).toFixed(1)} %`;
}
