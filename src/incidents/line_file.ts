import { mkdirSync } from 'node:fs';
import { type FileHandle, open } from 'node:fs/promises';
import { dirname } from 'node:path';

/** Appends a value to a file of lines of JSON, behind a line that was cut short by a kill; resolves when it will last. */
export async function appendLine(path: string, value: object): Promise<void> {
  mkdirSync(dirname(path), { recursive: true });
  const file = await open(path, 'a+');
  try {
    await file.appendFile(`${(await isCutShort(file)) ? '\n' : ''}${JSON.stringify(value)}\n`);
    await file.datasync();
  } finally {
    await file.close();
  }
}

/** Whether the file ends in the middle of a line. */
async function isCutShort(file: FileHandle): Promise<boolean> {
  const { size } = await file.stat();
  if (size === 0) return false;
  const { buffer } = await file.read(Buffer.alloc(1), 0, 1, size - 1);
  return buffer.toString() !== '\n';
}
