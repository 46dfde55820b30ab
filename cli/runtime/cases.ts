import { processTests, type TestCase } from '../../lib/testing';
import { NodeRedRefusal, type NodeRed, type RunningNode } from './node-red';
import type { CaseInfo } from './protocol';

/** A test case as its node defines it. */
export interface NodeCase extends TestCase {
  /** @throws SipflowError for a table that cannot be used */
  readRows?(): Promise<readonly object[] | undefined>;
}

/** A phone while it starts. */
interface PhoneNode extends RunningNode {
  readonly started?: Promise<unknown>;
}

/** How long phones have to open their sockets, in milliseconds. */
const PHONES_WITHIN_MS = 10_000;

/** The test cases of the running flows. */
export function nodeCases(): readonly NodeCase[] {
  return processTests.cases;
}

/**
 * What the command has to know of the test cases before it runs any.
 *
 * @throws NodeRedRefusal for a case whose fields or table cannot be used
 */
export async function describeCases(): Promise<CaseInfo[]> {
  const described: CaseInfo[] = [];
  for (const one of nodeCases()) {
    const { id, title, tags, timeout } = one;
    try {
      const phones = one.phones().map((phone) => phone.id);
      const rows = (await one.readRows?.())?.map((_row, index) => index + 1) ?? [null];
      described.push({ id, title, tags: [...tags], phones, timeout, rows });
    } catch (error) {
      throw new NodeRedRefusal(`Test case "${title}": ${sentenceOf(error)}`);
    }
  }
  return described;
}

/**
 * Waits until the phones of the cases have opened their sockets.
 *
 * @throws NodeRedRefusal for a phone that cannot start: wrong fields, an occupied port
 */
export async function phonesStarted(nodeRed: NodeRed, cases: readonly CaseInfo[]): Promise<void> {
  const needed = new Set(cases.flatMap(({ phones }) => phones));
  const started = phoneNodes(nodeRed)
    .filter(({ id }) => needed.has(id))
    .map(async ({ id, name, started: opened }) => {
      try {
        await opened;
      } catch (error) {
        throw new NodeRedRefusal(`Phone "${name || id}" cannot start: ${sentenceOf(error)}`);
      }
    });
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, PHONES_WITHIN_MS);
  });
  try {
    await Promise.race([Promise.all(started), late]);
  } finally {
    clearTimeout(timer);
  }
}

function phoneNodes(nodeRed: NodeRed): readonly PhoneNode[] {
  return nodeRed.running().filter(({ type }) => type === 'sip-instance');
}

export function sentenceOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
