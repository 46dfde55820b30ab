import { hostname } from 'node:os';
import { InvalidArgumentError, type Command } from 'commander';
import { text, texts, UsageError, wholeNumber } from '../arguments';
import type { Terminal } from '../command';
import { queueUrl, type QueueAddress } from './redis';

/** Options that reach the queue of a fleet. */
export interface QueueArguments {
  queue?: URL;
  queueCa?: string;
}

/** Options of a command that runs on a fleet. */
export interface FleetArguments extends QueueArguments {
  workers?: number;
  labels?: Record<string, string>;
  run?: string;
  with?: string[];
}

const MOST_WORKERS = 1000;

/** Adds the options that reach the queue. */
export function withQueueOptions(command: Command): Command {
  return command
    .option(
      '--queue <URL>',
      'Redis of the fleet: redis://host:6379/0, or rediss:// with TLS; a password may stand in SIPFLOW_REDIS_PASSWORD',
      address,
    )
    .option('--queue-ca <FILE>', 'certificate of the authority of the Redis, for rediss://', text);
}

/** Adds the options of a command that may run on the workers of a fleet. */
export function withFleetOptions(command: Command): Command {
  return withQueueOptions(command)
    .option(
      '--workers <N>',
      'workers of the fleet; all that are free when absent',
      wholeNumber(1, MOST_WORKERS),
    )
    .option('--labels <NAME=VALUE>', 'only workers with this label; repeatable', labels)
    .option(
      '--run <NAME>',
      'name of the run: the same command with it goes on after the first was killed',
      runName,
    )
    .option('--with <PATH>', 'file or folder beside the flow that travels with it; repeatable', texts);
}

/** Reads labels, `name=value`. */
export function labels(typed: string, before: Record<string, string> = {}): Record<string, string> {
  const { name, value } = /^(?<name>[\w.-]{1,60})=(?<value>.{0,200})$/.exec(text(typed))?.groups ?? {};
  if (name === undefined) throw new InvalidArgumentError('It takes a name and a value, such as site=berlin.');
  return { ...before, [name]: value };
}

/** Names of workers and runs become parts of keys. */
export function runName(typed: string): string {
  if (/^[\w.-]{1,80}$/.test(text(typed))) return typed;
  throw new InvalidArgumentError('It takes letters, digits, dots, dashes and underscores, at most 80.');
}

/** Where the queue is. @throws UsageError when it was not said */
export function queueAddress({ queue, queueCa }: QueueArguments, env: Terminal['env']): QueueAddress {
  if (!queue) throw new UsageError('Say where the Redis of the fleet is: --queue redis://host.');
  const password = env.SIPFLOW_REDIS_PASSWORD;
  return { url: queue, caFile: queueCa, ...(password ? { password } : {}) };
}

/** A name that no other worker has. */
export function usualName(): string {
  const host = hostname()
    .replace(/[^\w.-]/g, '-')
    .slice(0, 60);
  return `${host}-${process.pid}`;
}

function address(typed: string): URL {
  try {
    return queueUrl(text(typed));
  } catch (error) {
    throw error instanceof InvalidArgumentError ? error : new InvalidArgumentError((error as Error).message);
  }
}
