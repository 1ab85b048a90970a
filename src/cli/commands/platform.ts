import { HzstatError } from '../../base/errors.ts';

/** @throws HzstatError UNSUPPORTED_PLATFORM where there is no Linux kernel to read */
export function requireLinux(): void {
  if (process.platform === 'linux') return;
  throw new HzstatError(
    'UNSUPPORTED_PLATFORM',
    `sampling reads the Linux kernel and this is ${process.platform}; "hzstat stream" and "hzstat query" work here against a server on Linux (--url)`,
  );
}
