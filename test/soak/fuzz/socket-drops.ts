import { readFileSync } from 'node:fs';

/**
 * Datagrams that the system dropped at the UDP socket with that local port, because nobody fetched them in time;
 * undefined where the system does not tell.
 */
export function droppedAt(port: number): number | undefined {
  const hex = port.toString(16).toUpperCase().padStart(4, '0');
  try {
    const line = readFileSync('/proc/net/udp', 'utf8')
      .split('\n')
      .find((each) => each.trim().split(/\s+/)[1]?.endsWith(`:${hex}`));
    return line === undefined ? undefined : Number(line.trim().split(/\s+/).at(-1));
  } catch {
    return undefined;
  }
}
