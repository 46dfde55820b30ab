import { SipflowError } from '../../lib/common';
import { type LoadReport, type LoadRequest, runLoad } from '../../lib/load';
import { processTests, type TestCase } from '../../lib/testing';

/**
 * The test case with that id.
 *
 * @throws SipflowError BAD_CONFIG for an id of none
 */
export function caseOf(id: string): TestCase {
  const found = processTests.cases.find((testCase) => testCase.id === id);
  if (found) return found;
  throw new SipflowError(
    'BAD_CONFIG',
    id === ''
      ? 'The field "case" is empty: choose the test case that the load runs.'
      : 'The field "case" names a test case that is not deployed.',
    { field: 'case' },
  );
}

/**
 * Runs a case of this Node-RED as load, until its plan or the signal ends it, or the case is gone.
 *
 * @throws SipflowError as `runLoad`; CALL_STATE when the case runs already
 */
export async function runCase(
  request: Omit<LoadRequest, 'tests'> & { signal: AbortSignal },
): Promise<LoadReport> {
  const { testCase, signal } = request;
  const ending = new AbortController();
  const end = (): void => ending.abort();
  if (signal.aborted) end();
  signal.addEventListener('abort', end, { once: true });
  const forget = processTests.on('cases', () => {
    if (!processTests.cases.includes(testCase)) end();
  });
  try {
    return await runLoad({ ...request, tests: processTests, signal: ending.signal });
  } finally {
    forget();
    signal.removeEventListener('abort', end);
  }
}
