import type { CaptureRecords } from './protocol';
import type { CapturedMedia } from './types';
import { OUTGOING, readRecords, RTCP_PORT } from './worker/capture/record';

/** The packets of a capture, from what its worker has told. */
export function capturedMedia({
  records,
  endpoints,
  local,
  wallOffsetMs,
  leftOut,
}: CaptureRecords): CapturedMedia {
  const remotes = endpoints.map(({ address, port }) => withPort(address, port));
  const locals = [withPort(local.address, local.rtpPort), withPort(local.address, local.rtpPort + 1)];
  const packets: CapturedMedia['packets'] = [];
  for (const { at, length, endpoint, flags, bytes } of readRecords(records)) {
    packets.push({
      atMs: wallOffsetMs + at,
      direction: (flags & OUTGOING) === 0 ? 'in' : 'out',
      local: locals[(flags & RTCP_PORT) === 0 ? 0 : 1],
      remote: remotes[endpoint],
      bytes,
      length,
    });
  }
  return { packets, leftOut };
}

function withPort(address: string, port: number): string {
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}
