import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';
import { ERROR_CODES } from '../../lib/common/errors';
import { root } from './support/node-red';

const FOLDER = join(root, 'docs', 'library');
const pages = readdirSync(FOLDER).filter((file) => file.endsWith('.md'));
const textOf = (page: string): string => readFileSync(join(FOLDER, page), 'utf8');

/** What an example may use that does not make it itself. */
const AROUND = `import type { IncomingCall, OutgoingCall, Phone, World } from '@sipflow/node-red-sipflow';
declare const world: World;
declare const phone: Phone;
`;
const CALL = 'declare const call: IncomingCall | OutgoingCall;\n';

/** The code blocks of a page, each as a module of its own. */
function examples(page: string): string[] {
  return [...textOf(page).matchAll(/^```ts\n([\s\S]*?)^```$/gm)].map(([, code]) => {
    if (code.startsWith('import')) return code;
    return `${AROUND}${/^const call\b/m.test(code) ? '' : CALL}${code}export {};\n`;
  });
}

/** Interfaces whose members a page must name, and the page. */
const DESCRIBED: Record<string, string> = {
  WorldOptions: 'world.md',
  World: 'world.md',
  CallLookup: 'world.md',
  Tombstone: 'world.md',
  PhoneOptions: 'phone.md',
  PhoneTls: 'phone.md',
  Phone: 'phone.md',
  DialOptions: 'phone.md',
  IncomingOptions: 'phone.md',
  PhoneEvents: 'phone.md',
  CallEventReport: 'phone.md',
  AudioInfo: 'phone.md',
  CallRef: 'call.md',
  CallRecording: 'call.md',
  CallInfo: 'call.md',
  CallEvents: 'call.md',
  SipReport: 'call.md',
  TextMessage: 'call.md',
  Call: 'call.md',
  IncomingCall: 'incoming-call.md',
  AnswerOptions: 'incoming-call.md',
  RejectOptions: 'incoming-call.md',
  EarlyMediaOptions: 'incoming-call.md',
  OutgoingCall: 'outgoing-call.md',
  PlayOptions: 'playback.md',
  PlaybackReport: 'playback.md',
  RecordOptions: 'recording.md',
  RecordingReport: 'recording.md',
  GatherOptions: 'digits.md',
  MenuOptions: 'digits.md',
  MenuChoice: 'digits.md',
  MenuResult: 'digits.md',
  SendDigitsOptions: 'digits.md',
  DtmfResult: 'digits.md',
  DigitEvent: 'digits.md',
  ListenOptions: 'listening.md',
  ListenReport: 'listening.md',
  Heard: 'listening.md',
  Conference: 'conference.md',
  ConferenceStay: 'conference.md',
  ConferenceReport: 'conference.md',
  RunningBridge: 'conference.md',
  BridgeReport: 'conference.md',
  DialThroughOptions: 'dial-through.md',
  DialAttempt: 'dial-through.md',
  DialThrough: 'dial-through.md',
  WorldLoad: 'world.md',
  MediaLoad: 'world.md',
  Telemetry: 'telemetry.md',
  ObserveOptions: 'telemetry.md',
  MetricsPage: 'telemetry.md',
  LadderInput: 'ladder.md',
  LadderCall: 'ladder.md',
  LadderStep: 'ladder.md',
  LadderCheck: 'ladder.md',
  LadderMark: 'ladder.md',
  Ladder: 'ladder.md',
  LadderLane: 'ladder.md',
  LadderMessageRow: 'ladder.md',
  LadderMediaRow: 'ladder.md',
  LadderMarkRow: 'ladder.md',
  LadderGapRow: 'ladder.md',
  LadderFlow: 'ladder.md',
  LadderTextOptions: 'ladder.md',
  LadderSvgOptions: 'ladder.md',
};

describe('the pages of the library', function () {
  this.timeout(60_000);
  let program: ts.Program;
  const sources = new Map<string, string>();

  before(() => {
    for (const page of pages) {
      examples(page).forEach((code, n) =>
        sources.set(join(root, 'examples', 'lib', `${page}-${n}.mts`), code),
      );
    }
    const { config } = ts.readConfigFile(join(root, 'tsconfig.json'), (path) => ts.sys.readFile(path)) as {
      config: { compilerOptions: object };
    };
    const { options } = ts.convertCompilerOptionsFromJson(
      { ...config.compilerOptions, noUnusedLocals: false, noUnusedParameters: false },
      root,
    );
    const host = ts.createCompilerHost(options);
    const disk = { ...host };
    host.fileExists = (file) => sources.has(file) || disk.fileExists(file);
    host.readFile = (file) => sources.get(file) ?? disk.readFile(file);
    host.getSourceFile = (file, ...rest) => {
      const code = sources.get(file);
      return code === undefined
        ? disk.getSourceFile(file, ...rest)
        : ts.createSourceFile(file, code, ts.ScriptTarget.ES2022, true);
    };
    program = ts.createProgram([...sources.keys(), join(root, 'lib/index.ts')], options, host);
  });

  it('have examples', () => assert.ok(sources.size >= pages.length, String(sources.size)));

  it('have examples that compile', () => {
    const faults = [...sources.keys()].flatMap((file) => {
      const source = program.getSourceFile(file);
      return [...program.getSyntacticDiagnostics(source), ...program.getSemanticDiagnostics(source)];
    });
    const host = { getCanonicalFileName: String, getCurrentDirectory: () => root, getNewLine: () => '\n' };
    assert.equal(ts.formatDiagnostics(faults, host), '');
  });

  it('name every member of what is public', () => {
    const checker = program.getTypeChecker();
    const entry = program.getSourceFile(join(root, 'lib/index.ts'));
    const module = entry && checker.getSymbolAtLocation(entry);
    const exported = new Map(module && checker.getExportsOfModule(module).map((each) => [each.name, each]));
    const missing = Object.entries(DESCRIBED).flatMap(([name, page]) => {
      const symbol = exported.get(name);
      assert.ok(symbol, `${name} is exported`);
      const target = symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol;
      // Members that an interface has from another one are described where that is.
      const own = (target.declarations ?? []).flatMap((declaration) =>
        ts.isInterfaceDeclaration(declaration) ? [...declaration.members] : [],
      );
      const text = textOf(page);
      return own
        .map((member) => member.name?.getText() ?? '')
        .filter((member) => !new RegExp(`\\b${member}\\b`).test(text))
        .map((member) => `${page}: ${name}.${member}`);
    });
    assert.deepEqual(missing, []);
  });

  it('explain every error code', () => {
    const text = textOf('errors.md');
    assert.deepEqual(
      ERROR_CODES.filter((code) => !text.includes(`\`${code}\``)),
      [],
    );
  });

  it('are all linked from the first one', () => {
    const first = textOf('README.md');
    assert.deepEqual(
      pages.filter((page) => page !== 'README.md' && !first.includes(`(${page})`)),
      [],
    );
  });
});
