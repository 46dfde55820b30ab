import { createRequire } from 'node:module';
import { join } from 'node:path';
import type * as Bullmq from 'bullmq';
import type * as Ioredis from 'ioredis';
import { peerDependencies } from '../../package.json';
import { UsageError } from '../arguments';

/** The packages of a fleet, which only those install who have one. */
export interface FleetPackages {
  readonly bullmq: typeof Bullmq;
  readonly ioredis: typeof Ioredis;
}

let loaded: FleetPackages | undefined;

/**
 * Loads the packages, which lie beside this one or in the current folder.
 *
 * @throws UsageError with the command that installs them
 */
export function fleetPackages(): FleetPackages {
  loaded ??= {
    bullmq: load('bullmq') as typeof Bullmq,
    ioredis: load('ioredis') as typeof Ioredis,
  };
  return loaded;
}

function load(name: 'bullmq' | 'ioredis'): unknown {
  for (const place of [__filename, join(process.cwd(), 'any.js')]) {
    try {
      return createRequire(place)(name);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'MODULE_NOT_FOUND') throw error;
    }
  }
  const { bullmq, ioredis } = peerDependencies;
  throw new UsageError(
    `A fleet needs the package ${name}, which is not installed. Install what it needs where this package is: ` +
      `npm install bullmq@${bullmq} ioredis@${ioredis}`,
  );
}
