import type { MediaSession } from '../../media';
import type { CallContext } from '../call-context';
import type { CallCapture } from '../types';

/**
 * What is kept of the packets of a call, now.
 *
 * @param callIds of all its legs
 */
export async function captureOf(
  { phone, captureTrace }: Pick<CallContext, 'phone' | 'captureTrace'>,
  callIds: readonly string[],
  session: MediaSession | undefined,
): Promise<CallCapture> {
  const { messages, leftOut } = captureTrace(callIds);
  const media = await session?.capture();
  return {
    mode: phone.capture ?? 'off',
    messages,
    packets: media?.packets ?? [],
    leftOut: { messages: leftOut, packets: media?.leftOut ?? 0 },
  };
}
