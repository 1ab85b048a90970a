import { resolve } from 'node:path';
import { HzstatError } from '../../base/errors.ts';

/** Where a lake is: a directory, or a bucket and what all keys in it begin with. */
export type LakePlace =
  | { readonly kind: 'directory'; readonly path: string }
  | { readonly kind: 's3'; readonly bucket: string; readonly prefix: string };

/** What S3 takes for the name of a bucket. */
const BUCKET = /^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$/;

/** `/srv/lake` or `s3://bucket/prefix`. @throws HzstatError BAD_FLAG */
export function parseLakePlace(text: string): LakePlace {
  const [, scheme, rest = ''] = /^([a-z][a-z0-9+.-]*):\/\/(.*)$/i.exec(text) ?? [];
  if (scheme === undefined) {
    if (text === '')
      throw new HzstatError('BAD_FLAG', '"" names no lake: write a directory or s3://bucket/prefix');
    return { kind: 'directory', path: resolve(text) };
  }
  const [bucket = '', ...folders] = rest.split('/');
  if (scheme !== 's3' || !BUCKET.test(bucket)) {
    throw new HzstatError('BAD_FLAG', `"${text}" names no lake: write a directory or s3://bucket/prefix`);
  }
  const prefix = folders.filter((folder) => folder !== '').join('/');
  return { kind: 's3', bucket, prefix };
}

/** A lake as its user names it. */
export function lakeTitle(place: LakePlace): string {
  if (place.kind === 'directory') return place.path;
  return `s3://${[place.bucket, ...(place.prefix === '' ? [] : [place.prefix])].join('/')}`;
}
