import assert from 'node:assert/strict';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { SipNodeDef } from '../../nodes/shared/flow-types';
import { migrated, MIGRATIONS, STORED_VERSION } from '../../nodes/shared/migrations';
import { toPhoneOptions } from '../../nodes/sip-instance/options';
import { TABLES } from '../../nodes/tables';
import { migratedByEditor, nodeSets } from '../package/support/editor';
import { root } from '../package/support/node-red';

const node = (stored: object): SipNodeDef => ({ id: '1', ...stored }) as unknown as SipNodeDef;

describe('nodes that were stored by an older version', () => {
  it('say what the absence of a field meant then, and keep what they say', () => {
    const old = node({ type: 'sip-instance', dn: '1001', transferPolicy: 'auto', version: 1 });
    const now = migrated(old);
    assert.equal(now.version, STORED_VERSION);
    assert.equal(now.transferPolicy, 'auto');
    assert.equal(now.listenTcp, true);
    assert.equal(now.acceptFrom, 'any');
    assert.equal(now.maxCallDuration, '7200');
    assert.deepEqual(old, { id: '1', type: 'sip-instance', dn: '1001', transferPolicy: 'auto', version: 1 });
  });

  it('carry a status of a refusal to its present name, with its type, unless that is used', () => {
    const early = { type: 'sip-reject', status: 'wish', statusType: 'msg' };
    assert.deepEqual(migrated(node(early)), {
      ...{ id: '1', type: 'sip-reject', version: STORED_VERSION },
      ...{ statusCode: 'wish', statusCodeType: 'msg' },
    });
    assert.equal(migrated(node({ ...early, statusCode: '603' })).statusCode, '603');
  });

  it('stay as they are when they are of the present or of the future', () => {
    for (const version of [STORED_VERSION, STORED_VERSION + 1]) {
      const stored = node({ type: 'sip-instance', dn: '1001', version, tomorrow: { a: 1 } });
      assert.deepEqual(migrated(stored), stored);
    }
  });

  it('become the same in the editor as at run time, but for the version, which they get when they are saved', () => {
    const early = { status: '603', statusType: 'num', transferPolicy: 'ask', listenTcp: null, tomorrow: 'x' };
    for (const { type, definition } of nodeSets()) {
      for (const version of [undefined, 1, STORED_VERSION, STORED_VERSION + 1]) {
        const stored = { id: '1', type, ...early, ...(version && { version }) };
        const atRunTime = { ...migrated(node(stored)), version: 0 };
        const inEditor = { ...migratedByEditor(stored, definition), version: 0 };
        assert.deepEqual(inEditor, atRunTime, `${type} ${version}`);
      }
    }
  });

  it('keep a field that no version knows', () => {
    assert.equal(migrated(node({ type: 'sip-wait', tomorrow: 'x' })).tomorrow, 'x');
  });

  it('of the flows of 0.1.0 and of today keep all that they say, and phones their settings', () => {
    const ages = [
      ['test/fixtures/flows-0.1.0', 1],
      ['examples', STORED_VERSION],
    ] as const;
    for (const [folder, version] of ages) {
      const files = readdirSync(join(root, folder)).filter((file) => file.endsWith('.json'));
      const nodes = files
        .flatMap((file) => JSON.parse(readFileSync(join(root, folder, file), 'utf8')) as SipNodeDef[])
        .filter(({ type }) => TABLES.has(type));
      assert.ok(nodes.length > 100, folder);
      for (const stored of nodes) {
        assert.equal(stored.version, version);
        const now = migrated(stored);
        assert.deepEqual({ ...now, ...stored, version: STORED_VERSION }, now, stored.id);
        assert.deepEqual(migrated(now), now);
        if (version === STORED_VERSION) assert.deepEqual(now, stored);
        if (stored.type === 'sip-instance' && !String(stored.dn).includes('$'))
          assert.deepEqual(
            toPhoneOptions(now, { folders: { sounds: '/data', recordings: '/data' } }),
            toPhoneOptions(stored, { folders: { sounds: '/data', recordings: '/data' } }),
          );
      }
    }
  });

  it('say of every field that 0.1.0 did not have what its absence means', () => {
    for (const { type, fields } of TABLES.values()) {
      const meant = Object.assign({}, ...(MIGRATIONS[type] ?? []).map(({ absent }) => absent)) as object;
      for (const [name, field] of Object.entries(fields)) {
        if (field.since === undefined) continue;
        assert.ok(name in meant, `${type} ${name}`);
        if (field.kind === 'typed') assert.ok(`${name}Type` in meant, `${type} ${name}Type`);
      }
    }
  });

  it('change in steps that rise to the present version, and to fields that there are', () => {
    for (const [type, steps] of Object.entries(MIGRATIONS)) {
      const { fields = {} } = TABLES.get(type) ?? {};
      assert.deepEqual(
        steps.map(({ to }) => to),
        steps.map(({ to }) => to).sort((a, b) => a - b),
      );
      for (const { to, renamed = {}, absent = {} } of steps) {
        assert.ok(to > 1 && to <= STORED_VERSION, type);
        for (const name of [...Object.values(renamed), ...Object.keys(absent)])
          assert.ok(name in fields || name.replace(/Type$/, '') in fields, `${type} ${name}`);
      }
    }
  });
});
