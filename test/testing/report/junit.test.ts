import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { junitXml, type Report } from '../../../lib/testing';
import { attempt, evidence, failedAttempt, hostileReport, mixedReport, report, verdict } from './reports';

/** An element as the XML parser of Python has it. */
interface Element {
  tag: string;
  attributes: Record<string, string>;
  text: string;
  children: Element[];
}

const READER = `
import json, sys
import xml.etree.ElementTree as tree
def plain(e):
    return {'tag': e.tag, 'attributes': e.attrib, 'text': e.text or '', 'children': [plain(c) for c in e]}
print(json.dumps(plain(tree.fromstring(sys.stdin.buffer.read()))))
`;

/** Elements that may stand in another one, in this order: the schema of Surefire, with `testsuites` around it. */
const CHILDREN: Record<string, string[]> = {
  testsuites: ['testsuite'],
  testsuite: ['properties', 'testcase'],
  properties: ['property'],
  testcase: ['failure', 'rerunFailure', 'flakyFailure', 'skipped', 'system-out'],
  rerunFailure: ['stackTrace'],
  flakyFailure: ['stackTrace'],
};
const REQUIRED: Record<string, string[]> = {
  testsuite: ['name', 'time', 'tests', 'errors', 'skipped', 'failures'],
  testcase: ['name', 'classname', 'time'],
  property: ['name', 'value'],
  failure: ['message', 'type'],
  rerunFailure: ['message', 'type'],
  flakyFailure: ['message', 'type'],
  skipped: ['message'],
};

/** What of an element the schema does not allow. */
function faultsOf(element: Element): string[] {
  const { tag, attributes, children } = element;
  const places = children.map((child) => (CHILDREN[tag] ?? []).indexOf(child.tag));
  const isOrdered = places.every((place, index) => place >= 0 && place >= (places[index - 1] ?? 0));
  return [
    ...(isOrdered ? [] : [`${tag} holds ${children.map((child) => child.tag).join()}`]),
    ...(REQUIRED[tag] ?? [])
      .filter((name) => attributes[name] === undefined)
      .map((name) => `${tag} has no ${name}`),
    ...(attributes.time === undefined || /^\d+\.\d{3}$/.test(attributes.time)
      ? []
      : [`time ${attributes.time}`]),
    ...children.flatMap(faultsOf),
  ];
}

function find(element: Element, tag: string): Element[] {
  return [
    ...(element.tag === tag ? [element] : []),
    ...element.children.flatMap((child) => find(child, tag)),
  ];
}

describe('JUnit XML, read by the parser of Python', () => {
  before(function () {
    if (spawnSync('python3', ['--version']).status !== 0) this.skip();
  });

  function read(source: Report): Element {
    const { stdout, stderr } = spawnSync('python3', ['-c', READER], {
      input: junitXml(source, { link: (file) => `out/${file}` }),
      encoding: 'utf8',
      maxBuffer: 1e9,
    });
    assert.equal(stderr, '');
    return JSON.parse(stdout) as Element;
  }

  it('has a suite for each file and a case for each row, with their counts', () => {
    const root = read(mixedReport());
    assert.deepEqual(faultsOf(root), []);
    assert.deepEqual(
      find(root, 'testsuite').map(({ attributes: { name, tests, failures, skipped } }) => [
        name,
        tests,
        failures,
        skipped,
      ]),
      [
        ['flows/pbx.regression.json', '3', '1', '1'],
        ['flows/transfer.json', '1', '0', '0'],
      ],
    );
    assert.deepEqual(
      find(root, 'testcase').map(({ attributes: { name, classname } }) => [name, classname]),
      [
        ['Busy', 'flows.pbx_regression'],
        ['Busy [row 2]', 'flows.pbx_regression'],
        ['Later', 'flows.pbx_regression'],
        ['Transfer', 'flows.transfer'],
      ],
    );
  });

  it('says what was wanted and got in message and text of a failure', () => {
    const [failure] = find(read(mixedReport()), 'failure');
    assert.deepEqual(failure.attributes, {
      type: 'CHECK',
      message: 'codec is G722. (codec is PCMU, got G722)',
    });
    assert.match(
      failure.text,
      /^step: Right codec \(sip-expect\)\nat: 1\.234 s\ncheck: codec is PCMU\nwanted: PCMU\ngot: G722$/m,
    );
  });

  it('has the earlier attempts of a failed and of a flaky case, and the reason of a skipped one', () => {
    const root = read(mixedReport());
    const inCase = (tag: string): string[] =>
      find(root, 'testcase')
        .filter((each) => find(each, tag).length > 0)
        .map(({ attributes }) => attributes.name);
    assert.deepEqual(inCase('rerunFailure'), ['Busy [row 2]']);
    assert.deepEqual(inCase('flakyFailure'), ['Transfer']);
    assert.deepEqual(
      find(root, 'skipped').map(({ attributes }) => attributes.message),
      ['No trunk today.'],
    );
  });

  it('has steps, the ladder of what failed, and each file in a line of its own', () => {
    const call = evidence({ recordings: ['heard.wav'], pcap: 'call.pcap' });
    const root = read(report([verdict({ attempts: [failedAttempt({ calls: [call] }), failedAttempt()] })]));
    const [{ text }] = find(root, 'system-out');
    assert.match(text, /^0\.010 s {2}Call 1002: answered$/m);
    assert.match(text, /─ INVITE · 1002 ─+▶/);
    assert.match(text, /^\[\[ATTACHMENT\|out\/heard\.wav\]\]\n\[\[ATTACHMENT\|out\/call\.pcap\]\]$/m);
  });

  it('is XML whatever the network, a table or a file said', () => {
    const root = read(hostileReport());
    assert.deepEqual(faultsOf(root), []);
    const [script, , , ansi] = find(root, 'testcase');
    assert.equal(script.attributes.name, '</script><script>window.pwned = 1</script> [row 1]');
    assert.equal(ansi.attributes.name, '␛[31mred␛[2J␛]0;title␇ [row 1]');
    assert.match(find(root, 'testcase')[8].attributes.name, /^line\r\nbreak/);
  });

  it('of no verdicts has no suite', () => assert.deepEqual(read(report([])).children, []));

  it('has a case of a verdict whose attempts are lost', () => {
    const lost = verdict({
      attempts: [],
      status: 'failed',
      reason: { code: 'TIMEOUT', message: 'Late.', atMs: 1 },
    });
    const [failure] = find(read(report([lost, verdict({ attempts: [attempt()] })])), 'failure');
    assert.deepEqual(failure.attributes, { message: 'Late.', type: 'TIMEOUT' });
  });
});
