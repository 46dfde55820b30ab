import assert from 'node:assert/strict';
import { parseWavHeader } from '../../../lib/audio/wav-header';
import { SipflowError } from '../../../lib/common/errors';
import { seededRandom } from '../../support/random';
import { RecordingFile, type RecordingFs } from '../../../lib/media/files/recording-file';

/** A disk in memory. `capacity` bytes of it can be written in all. */
class FakeDisk implements RecordingFs {
  readonly files = new Map<string, Buffer>();
  readonly open = new Map<number, string>();
  readonly folders: string[] = [];
  readonly writes: string[] = [];
  capacity = Infinity;
  looks = 0;
  #lastFd = 0;

  mkdir(folder: string): void {
    this.folders.push(folder);
  }

  create(file: string): number {
    if (this.files.has(file)) throw Object.assign(new Error('exists'), { code: 'EEXIST' });
    this.files.set(file, Buffer.alloc(0));
    this.open.set(++this.#lastFd, file);
    return this.#lastFd;
  }

  taken(file: string): boolean {
    this.looks++;
    return this.files.has(file);
  }

  write(fd: number, bytes: Uint8Array, position: number): number {
    const file = this.open.get(fd);
    assert.ok(file, 'write after close');
    const old = this.files.get(file)!;
    const growth = Math.max(0, position + bytes.length - old.length);
    if (growth > 0 && this.capacity <= 0) throw Object.assign(new Error('full'), { code: 'ENOSPC' });
    const count = bytes.length - Math.max(0, growth - this.capacity);
    this.capacity -= Math.min(growth, this.capacity);
    const next = Buffer.alloc(Math.max(old.length, position + count));
    old.copy(next);
    next.set(bytes.subarray(0, count), position);
    this.files.set(file, next);
    this.writes.push(position === 0 ? 'header' : 'data');
    return count;
  }

  close(fd: number): void {
    assert.ok(this.open.delete(fd), 'closed twice');
  }

  format(file: string): ReturnType<typeof parseWavHeader> {
    const bytes = this.files.get(file)!;
    return parseWavHeader({ size: bytes.length, read: (from, count) => bytes.subarray(from, from + count) });
  }
}

const REQUEST = { file: '/calls/today/one.wav', channels: 2 as const, sampleRate: 8000 };

function create(disk: FakeDisk): RecordingFile {
  return RecordingFile.create(REQUEST, disk);
}

describe('media: recording file', () => {
  it('pitfall 11: begins with a valid header and is playable after each block', () => {
    const disk = new FakeDisk();
    const recording = create(disk);
    assert.deepEqual(disk.folders, ['/calls/today']);
    assert.equal(disk.format(REQUEST.file).frames, 0);
    recording.append(0, new Uint8Array(400));
    assert.equal(disk.format(REQUEST.file).frames, 100);
    recording.append(0, new Uint8Array(8));
    const format = disk.format(REQUEST.file);
    assert.deepEqual([format.frames, format.channels, format.sampleRate], [102, 2, 8000]);
    recording.finish();
    assert.equal(disk.open.size, 0);
  });

  it('pitfall 11: samples come before the header that counts them', () => {
    const disk = new FakeDisk();
    const recording = create(disk);
    recording.append(0, new Uint8Array(4));
    assert.deepEqual(disk.writes, ['header', 'data', 'header']);
    recording.finish();
  });

  it('pitfall 4: a name that is taken gets a counter before the extension', () => {
    const disk = new FakeDisk();
    const names = [1, 2, 3].map(() => create(disk).file);
    assert.deepEqual(names, ['/calls/today/one.wav', '/calls/today/one-2.wav', '/calls/today/one-3.wav']);
  });

  it('pitfall 4: the ten thousandth recording of a name is found in few looks', () => {
    const disk = new FakeDisk();
    const takeUpTo = (count: number): void => {
      for (let n = 1; n <= count; n++)
        disk.files.set(`/calls/today/one${n === 1 ? '' : `-${n}`}.wav`, Buffer.alloc(0));
    };
    for (const count of [1000, 9999, 10_000, 100_000]) {
      takeUpTo(count);
      disk.looks = 0;
      assert.equal(create(disk).file, `/calls/today/one-${count + 1}.wav`);
      assert.ok(disk.looks <= 36, `${disk.looks} looks among ${count}`);
    }
  });

  it('pitfall 4: never takes a name that exists, whatever was deleted in between', () => {
    const random = seededRandom(7);
    const disk = new FakeDisk();
    for (let n = 2; n < 400; n++)
      if (random() < 0.7) disk.files.set(`/calls/today/one-${n}.wav`, Buffer.from('old'));
    for (let n = 0; n < 200; n++) create(disk);
    const old = [...disk.files.values()].filter((bytes) => bytes.toString() === 'old');
    assert.equal(disk.files.size, old.length + 200);
  });

  it('pitfall 4: another program that takes names at the same time is passed by', () => {
    const disk = new FakeDisk();
    create(disk);
    const really = (file: string): number => FakeDisk.prototype.create.call(disk, file);
    disk.create = (file) => {
      if (/one-[2-9]\.wav$/.test(file)) throw Object.assign(new Error('exists'), { code: 'EEXIST' });
      return really(file);
    };
    assert.equal(create(disk).file, '/calls/today/one-10.wav');
  });

  it('says what to do when every name is taken', () => {
    const disk = new FakeDisk();
    disk.create = () => {
      throw Object.assign(new Error('exists'), { code: 'EEXIST' });
    };
    disk.taken = () => true;
    assert.throws(
      () => create(disk),
      (error: SipflowError) => error.code === 'FILE_ACCESS' && /Put \{\{timestamp\}\}/.test(error.message),
    );
  });

  it('writes silence of the length that an overflow dropped', () => {
    const disk = new FakeDisk();
    const recording = create(disk);
    recording.append(200_000, new Uint8Array([1, 0, 1, 0]));
    recording.finish();
    assert.equal(disk.format(REQUEST.file).frames, 50_001);
    assert.equal(disk.files.get(REQUEST.file)!.at(-2), 1);
  });

  it('a full disk is FILE_ACCESS, and the file keeps whole frames', () => {
    const disk = new FakeDisk();
    const recording = create(disk);
    recording.append(0, new Uint8Array(400));
    disk.capacity = 101;
    assert.throws(
      () => recording.append(0, new Uint8Array(400)),
      (error: SipflowError) => error.code === 'FILE_ACCESS' && /disk is full/.test(error.message),
    );
    recording.abandon();
    assert.equal(disk.open.size, 0);
    const bytes = disk.files.get(REQUEST.file)!;
    const header = bytes.subarray(0, 80);
    assert.equal(header.readUInt32LE(76), 500);
  });

  it('a disk that is full from the start leaves no descriptor open', () => {
    const disk = new FakeDisk();
    disk.capacity = 0;
    assert.throws(() => create(disk), /disk is full/);
    assert.equal(disk.open.size, 0);
  });

  it('says what to do when the folder cannot be written', () => {
    const disk = new FakeDisk();
    disk.create = () => {
      throw Object.assign(new Error('no'), { code: 'EACCES' });
    };
    assert.throws(() => create(disk), /one\.wav cannot be written: this process has no permission/);
  });

  it('becomes RF64 when it grows past 4 GB, and every header on the way claims what is there', () => {
    // A disk that keeps only the header and the size.
    const header = Buffer.alloc(80);
    let size = 0;
    const disk: RecordingFs = {
      mkdir: () => undefined,
      create: () => 1,
      taken: () => false,
      close: () => undefined,
      write(_fd, bytes, position) {
        if (position === 0) header.set(bytes);
        size = Math.max(size, position + bytes.length);
        return bytes.length;
      },
    };
    const recording = RecordingFile.create(REQUEST, disk);
    const block = new Uint8Array(64 * 1024);
    const containers: string[] = [];
    for (const gigabytes of [1, 1, 1, 1, 1]) {
      recording.append(gigabytes * 2 ** 30 - block.length, block);
      const format = parseWavHeader({ size, read: (from, count) => header.subarray(from, from + count) });
      assert.equal(format.dataBytes, recording.dataBytes);
      assert.equal(format.dataBytes, size - 80);
      containers.push(format.container);
    }
    recording.finish();
    assert.deepEqual(containers, ['RIFF', 'RIFF', 'RIFF', 'RF64', 'RF64']);
  });
});
