import type { CodecName } from '../audio/codecs';
import { diagnoseCodecs, offeredCodecNames } from '../sdp';
import type { SipResponseInfo } from '../sip/types';

/**
 * Explains a 488 or 606 from what we offered and what the peer says it allows, in its body or its Warning (pitfall 3).
 * Undefined for any other response.
 */
export function codecRefusal(response: SipResponseInfo, offered: readonly CodecName[]): string | undefined {
  if (response.status !== 488 && response.status !== 606) return undefined;
  const answerer = 'the other side';
  const allowed = response.body ? offeredCodecNames(response.body.content) : [];
  if (allowed.length > 0) return diagnoseCodecs({ offered, allowed, answerer });
  const warning = /"(.*)"/.exec(response.headers['Warning']?.[0] ?? '')?.[1];
  return warning ?? diagnoseCodecs({ offered, answerer });
}
