import {
  closeSync,
  fdatasyncSync,
  fstatSync,
  ftruncateSync,
  openSync,
  readFileSync,
  readSync,
} from 'node:fs';
import { open } from 'node:fs/promises';
import { crc32 } from 'node:zlib';
import { ByteWriter } from '../../wire/packing/byte_writer.ts';
import { writeFully } from '../segments/files.ts';

/**
 * A journal is a file header and then records:
 *
 *     header   "HZSTATJ" and the version of the format, one byte
 *     record   length of the frame (u32 LE), CRC-32 of the frame (u32 LE), a frame of the stream
 *
 * Since version 2 the frames are those of `format=msgpack-records`: one for each snapshot, and every second again
 * those that say what the values mean. In version 1 each was a whole snapshot, which is still read.
 *
 * It is only ever appended to. What a crash leaves (half a record, a tail of zeros, a flipped byte) is told by
 * the checksum, and reading goes on behind it.
 */
export const JOURNAL_VERSION = 2;
const MAGIC = Buffer.from('HZSTATJ');
const HEADER = Buffer.from([...MAGIC, JOURNAL_VERSION]);
/** Where the first record of a journal begins. */
export const JOURNAL_HEADER_BYTES = HEADER.length;
export const RECORD_HEADER_BYTES = 8;
const LARGEST_FRAME_BYTES = 16 * 1024 * 1024;
/**
 * Behind damage every byte may be the beginning of a record, and each that looks like one has its checksum made. Of
 * what was recorded that is next to nothing; of bytes somebody chose it may be all of them for each of them.
 */
const MOST_BYTES_IN_VAIN = 256 * 1024 * 1024;

/** What was found in a journal. */
export interface JournalContent {
  readonly frames: Iterable<Uint8Array>;
  /** Bytes that are no records: a torn tail, garbage in the middle. */
  readonly damagedBytes: number;
}

/** Puts frames together to records. */
export class JournalRecords {
  readonly #writer = new ByteWriter();
  #start = 0;

  /** Begins a record, whose frame is then written. */
  begin(): ByteWriter {
    this.#start = this.#writer.gap(RECORD_HEADER_BYTES);
    return this.#writer;
  }

  end(): void {
    const frame = this.#writer.since(this.#start + RECORD_HEADER_BYTES);
    this.#writer.fillGap(this.#start, frame.length);
    this.#writer.fillGap(this.#start + 4, crc32(frame));
  }

  add(frame: Uint8Array): void {
    this.begin().raw(frame);
    this.end();
  }

  /** The records since the last time. */
  take(): Uint8Array {
    return this.#writer.take();
  }
}

/** Appends records and makes them last. */
export class JournalWriter {
  readonly path: string;
  #fd: number;
  #size = HEADER.length;

  /** Throws the system's error when the disk refuses. */
  constructor(path: string) {
    this.path = path;
    this.#fd = openSync(path, 'wx', 0o640);
    try {
      writeFully(this.#fd, HEADER, 0);
    } catch (error) {
      closeSync(this.#fd);
      throw error;
    }
  }

  get bytes(): number {
    return this.#size;
  }

  /** Whether its file was removed, so that nothing written now would ever be found. */
  get isGone(): boolean {
    return this.#fd !== -1 && fstatSync(this.#fd).nlink === 0;
  }

  /** Appends records and waits until the disk has them. When it fails, the journal is as it was before. */
  append(records: Uint8Array): void {
    try {
      writeFully(this.#fd, records, this.#size);
      fdatasyncSync(this.#fd);
      this.#size += records.length;
    } catch (error) {
      ftruncateSync(this.#fd, this.#size);
      throw error;
    }
  }

  close(): void {
    if (this.#fd === -1) return;
    closeSync(this.#fd);
    this.#fd = -1;
  }
}

/**
 * Reads whatever can be read; throws only when the file cannot be opened.
 *
 * @param fromBytes where an append began, to read what came from then on; by default all is read
 * @param toBytes where one ended; what is behind it is being written and may look damaged
 */
export function readJournal(path: string, fromBytes = 0, toBytes = Number.POSITIVE_INFINITY): JournalContent {
  const bytes = readRange(path, fromBytes, toBytes);
  const starts: number[] = [];
  let damagedBytes = 0;
  let at = 0;
  if (fromBytes === 0) {
    at = Math.min(bytes.length, HEADER.length);
    if (!beginsAsJournal(bytes)) damagedBytes += at;
  }
  const search = new Search();
  while (at < bytes.length) {
    const frame = search.frameAt(bytes, at);
    if (frame === undefined) {
      damagedBytes++;
      at++;
      continue;
    }
    starts.push(at);
    at += RECORD_HEADER_BYTES + frame.length;
  }
  return { frames: new JournalFrames(bytes, starts), damagedBytes };
}

function readRange(path: string, fromBytes: number, toBytes: number): Buffer {
  if (fromBytes === 0 && toBytes === Number.POSITIVE_INFINITY) return readFileSync(path);
  const fd = openSync(path, 'r');
  try {
    const length = Math.max(0, Math.min(fstatSync(fd).size, toBytes) - fromBytes);
    const bytes = Buffer.allocUnsafe(length);
    let read = 0;
    while (read < length) {
      const count = readSync(fd, bytes, read, length - read, fromBytes + read);
      if (count === 0) break;
      read += count;
    }
    return bytes.subarray(0, read);
  } finally {
    closeSync(fd);
  }
}

/** The frames of a journal, made when they are looked at: together, they would be more than the collector likes. */
class JournalFrames implements Iterable<Uint8Array> {
  readonly #bytes: Buffer;
  readonly #starts: readonly number[];

  constructor(bytes: Buffer, starts: readonly number[]) {
    this.#bytes = bytes;
    this.#starts = starts;
  }

  *[Symbol.iterator](): Generator<Uint8Array> {
    for (const start of this.#starts) {
      const from = start + RECORD_HEADER_BYTES;
      yield this.#bytes.subarray(from, from + this.#bytes.readUInt32LE(start));
    }
  }
}

/** Whether the bytes begin as a journal of a version that can be read. */
function beginsAsJournal(bytes: Buffer): boolean {
  const version = bytes[MAGIC.length] ?? 0;
  return bytes.subarray(0, MAGIC.length).equals(MAGIC) && version >= 1 && version <= JOURNAL_VERSION;
}

const CHUNK_BYTES = 512 * 1024;

/**
 * The frames of the first `length` bytes of a journal, a chunk at a time, for readers that must not wait for the
 * disk. Damage is skipped.
 */
export async function* framesIn(path: string, length: number): AsyncGenerator<Uint8Array[]> {
  const file = await open(path, 'r');
  try {
    let carried = Buffer.alloc(0);
    const search = new Search();
    for (let position = HEADER.length; position < length; ) {
      const chunk = Buffer.allocUnsafe(Math.min(CHUNK_BYTES, length - position));
      const { bytesRead } = await file.read(chunk, 0, chunk.length, position);
      if (bytesRead === 0) return;
      position += bytesRead;
      const bytes = Buffer.concat([carried, chunk.subarray(0, bytesRead)]);
      const frames: Uint8Array[] = [];
      let at = 0;
      while (at + RECORD_HEADER_BYTES <= bytes.length) {
        const frame = search.frameAt(bytes, at);
        if (frame !== undefined) {
          frames.push(frame);
          at += RECORD_HEADER_BYTES + frame.length;
        } else if (mayContinue(bytes, at) && position < length) break;
        else at++;
      }
      carried = bytes.subarray(at);
      yield frames;
    }
  } finally {
    await file.close();
  }
}

/** Whether a record that begins here may end in bytes that have not been read yet. */
export function mayContinue(bytes: Buffer, at: number): boolean {
  const length = bytes.readUInt32LE(at);
  return length > 0 && length <= LARGEST_FRAME_BYTES && at + RECORD_HEADER_BYTES + length > bytes.length;
}

/** Looks for records, as long as that is worth it: what is left then counts as damaged. */
export class Search {
  #left = MOST_BYTES_IN_VAIN;

  /** The frame of the record that begins here, if one does. */
  frameAt(bytes: Buffer, at: number): Buffer | undefined {
    const start = at + RECORD_HEADER_BYTES;
    if (start > bytes.length || this.#left < 0) return undefined;
    const length = bytes.readUInt32LE(at);
    if (length === 0 || length > LARGEST_FRAME_BYTES || start + length > bytes.length) return undefined;
    const frame = bytes.subarray(start, start + length);
    if (crc32(frame) === bytes.readUInt32LE(at + 4)) return frame;
    this.#left -= length;
    return undefined;
  }
}
