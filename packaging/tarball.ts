import { basename, dirname } from 'node:path';
import { run } from './command.ts';
import { SOURCE_DATE_EPOCH } from './manifest.ts';

/** Packs a directory: the same content gives the same bytes, whoever packs it. */
export function packTarball(directory: string, tarball: string): void {
  const how = ['--sort=name', '--owner=0', '--group=0', '--numeric-owner', `--mtime=@${SOURCE_DATE_EPOCH}`];
  run('tar', [
    '--create',
    '--use-compress-program=gzip -9n',
    ...how,
    '--mode=u+rwX,go+rX,go-w',
    `--file=${tarball}`,
    `--directory=${dirname(directory)}`,
    basename(directory),
  ]);
}
