/** Readers of what Linux tells of a process and its machine; each takes the text of a file and finds nothing in others. */

/** Microseconds in which a control group was held back, from its `cpu.stat` (version 2, or nanoseconds in version 1). */
export function throttledUs(cpuStat: string): number | undefined {
  const us = /^throttled_usec (\d+)$/m.exec(cpuStat);
  if (us) return Number(us[1]);
  const ns = /^throttled_time (\d+)$/m.exec(cpuStat);
  return ns ? Number(ns[1]) / 1000 : undefined;
}

/** Ticks of all processors since the start of the machine, and those that its host gave to others, from `/proc/stat`. */
export function processorTicks(stat: string): { all: number; stolen: number } | undefined {
  const fields = /^cpu +([\d ]+)$/m.exec(stat)?.[1].split(' ').map(Number);
  // user nice system idle iowait irq softirq steal; what follows is part of user time.
  if (!fields || fields.length < 8) return undefined;
  const counted = fields.slice(0, 8);
  return { all: counted.reduce((sum, ticks) => sum + ticks, 0), stolen: counted[7] };
}

/** Datagrams that the network namespace dropped for full sockets, from `/proc/net/snmp` or `snmp6`. */
export function fullSocketDrops(snmp: string): number | undefined {
  const six = /^Udp6RcvbufErrors\s+(\d+)$/m.exec(snmp);
  if (six) return Number(six[1]);
  const [names, values] = snmp
    .split('\n')
    .filter((line) => line.startsWith('Udp: '))
    .map((line) => line.split(' '));
  const place = names?.indexOf('RcvbufErrors') ?? -1;
  return place > 0 && values ? Number(values[place]) : undefined;
}

/** Datagrams that each socket has dropped, by its inode, from `/proc/net/udp` or `udp6`; only those that have. */
export function dropsByInode(table: string): Map<string, number> {
  const drops = new Map<string, number>();
  for (const line of table.split('\n').slice(1)) {
    const fields = line.trim().split(/\s+/);
    const count = Number(fields[12]);
    if (count > 0) drops.set(fields[9], count);
  }
  return drops;
}

/** Files that the process may open, from `/proc/self/limits`; undefined when there is no limit. */
export function openFilesLimit(limits: string): number | undefined {
  const limit = /^Max open files +(\d+)/m.exec(limits);
  return limit ? Number(limit[1]) : undefined;
}
