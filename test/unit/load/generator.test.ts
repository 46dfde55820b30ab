import assert from 'node:assert/strict';
import {
  casesWithinLimit,
  descriptorFault,
  GeneratorWatch,
  limitSigns,
  type SystemFiles,
} from '../../../lib/load';

const LIMITS =
  'Limit                     Soft Limit           Hard Limit           Units\nMax open files            1024                 4096                 files\n';

/** Files of a machine that the test changes. */
class PlayedFiles implements SystemFiles {
  files: Record<string, string> = {};
  own = new Set<string>();

  read(path: string): string | undefined {
    return this.files[path];
  }

  socketInodes(): Set<string> {
    return this.own;
  }

  /** @param drops by inode */
  drop(total: number, drops: Record<string, number>): void {
    this.files['/proc/net/snmp'] =
      `Ip: Forwarding\nIp: 1\nUdp: InDatagrams NoPorts RcvbufErrors\nUdp: 7 0 ${total}\n`;
    const lines = Object.entries(drops).map(
      ([inode, count]) =>
        ` 5676: 0100007F:1770 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 ${inode} 2 0000 ${count}`,
    );
    this.files['/proc/net/udp'] = ['  sl  local_address …', ...lines].join('\n');
  }
}

describe('the health of a load generator', () => {
  it('has the share of the time that its event loop was busy', () => {
    const watch = new GeneratorWatch(new PlayedFiles());
    const busyUntil = performance.now() + 30;
    while (performance.now() < busyUntil);
    const { loopBusy = 0 } = watch.read();
    assert.ok(loopBusy > 0.5, `${loopBusy}`);
  });

  it('tells what the control group and the host took away since it was last asked', () => {
    const files = new PlayedFiles();
    files.files['/sys/fs/cgroup/cpu.stat'] = 'usage_usec 1\nthrottled_usec 5000\n';
    files.files['/proc/stat'] = 'cpu  100 0 100 700 0 0 0 100 0 0\ncpu0 1 2\n';
    const watch = new GeneratorWatch(files);
    files.files['/sys/fs/cgroup/cpu.stat'] = 'usage_usec 1\nthrottled_usec 12000\n';
    files.files['/proc/stat'] = 'cpu  150 0 120 790 0 0 0 140 9 0\ncpu0 1 2\n';
    const health = watch.read();
    assert.equal(health.throttledMs, 7);
    assert.equal(health.stolenShare, 0.2);
    assert.equal(watch.read().throttledMs, 0);
  });

  it('counts the datagrams that its own sockets dropped, and not those of others', () => {
    const files = new PlayedFiles();
    files.own = new Set(['11', '12']);
    files.drop(5, { '11': 5 });
    const watch = new GeneratorWatch(files, 1);
    assert.equal(watch.read().droppedDatagrams, 0, 'what was before is none of it');
    files.drop(20, { '11': 8, '99': 12 });
    assert.equal(watch.read().droppedDatagrams, 3);
    files.drop(23, { '11': 8, '12': 3, '99': 12 });
    assert.equal(watch.read().droppedDatagrams, 3);
    assert.equal(watch.read().droppedDatagrams, 0);
  });

  it('looks at the sockets now and then, and at the end', () => {
    const files = new PlayedFiles();
    files.own = new Set(['11']);
    const watch = new GeneratorWatch(files, 3);
    files.drop(2, { '11': 2 });
    const read = (isLast?: boolean): unknown => watch.read(undefined, isLast).droppedDatagrams;
    assert.deepEqual([read(), read(), read()], [0, 0, 2]);
    files.drop(5, { '11': 3, '99': 2 });
    assert.deepEqual([read(), read(true)], [0, 1]);
  });

  it('counts the deadlines that the media skipped since it was last asked', () => {
    const watch = new GeneratorWatch(new PlayedFiles());
    const counts = (skippedDeadlines: number, kept: number): object => ({
      skippedDeadlines,
      lag: { boundsMs: [1, 5], counts: [kept, 0, 0] },
    });
    const read = (skipped: number, kept: number): unknown[] => {
      const health = watch.read(counts(skipped, kept) as Parameters<GeneratorWatch['read']>[0]);
      return [health.skippedDeadlines, health.deadlines];
    };
    assert.deepEqual(read(40, 100), [0, 0]);
    assert.deepEqual(read(47, 193), [7, 100]);
  });

  it('knows how late audio packets were, by the bounds of their classes', () => {
    const watch = new GeneratorWatch(new PlayedFiles());
    const late = (skippedDeadlines: number, ...counts: number[]): number | undefined =>
      watch.read({ skippedDeadlines, lag: { boundsMs: [1, 5], counts } }).mediaLateP99Ms;
    assert.equal(late(0, 500, 70, 3), undefined, 'what was before is none of it');
    assert.equal(late(0, 1490, 80, 3), 1);
    assert.equal(late(0, 1500, 170, 3), 5);
    assert.equal(late(2, 1500, 270, 4), 5);
    assert.equal(late(2, 1500, 270, 4), undefined, 'there was none');
  });

  it('is good with one skipped deadline in two thousand, and not with three, unless they are less than five', () => {
    assert.deepEqual(limitSigns({ skippedDeadlines: 10, deadlines: 20_000 }, 10), []);
    assert.equal(limitSigns({ skippedDeadlines: 30, deadlines: 20_000 }, 10)[0].code, 'MEDIA_DEADLINES');
    assert.deepEqual(limitSigns({ skippedDeadlines: 4, deadlines: 400 }, 10), []);
  });

  it('says nothing of what a machine does not tell', () => {
    const health = new GeneratorWatch(new PlayedFiles()).read();
    assert.deepEqual(
      [health.throttledMs, health.stolenShare, health.droppedDatagrams],
      [undefined, undefined, 0],
    );
  });

  it('knows how many cases the descriptors last for, and how many are needed', () => {
    assert.equal(casesWithinLimit(1, LIMITS), 412);
    assert.equal(casesWithinLimit(2, LIMITS), 206);
    assert.equal(casesWithinLimit(1, ''), Infinity);
    assert.equal(descriptorFault(412, 1, LIMITS), undefined);
    assert.match(descriptorFault(2000, 1, LIMITS) ?? '', /may open 1024 files.*ulimit -n 4200/);
  });
});
