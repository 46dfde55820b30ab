import type { PhoneAnswers } from './phone-protocol';

/** Resource usage of this process so far: processor time in milliseconds, memory in bytes. */
export function processUsage(): Pick<
  PhoneAnswers['usage'],
  'cpuMs' | 'heapBytes' | 'externalBytes' | 'rssBytes'
> {
  const { user, system } = process.cpuUsage();
  const { heapUsed, external, rss } = process.memoryUsage();
  return { cpuMs: (user + system) / 1000, heapBytes: heapUsed, externalBytes: external, rssBytes: rss };
}
