// Reads [[width, height, base64 of RGBA], …] from stdin, writes each one's ThumbHash in hexadecimal.
import { readFileSync } from 'node:fs';
import { rgbaToThumbHash } from 'thumbhash';

const pictures = JSON.parse(readFileSync(0, 'utf8'));
const hashes = pictures.map(([width, height, rgba]) =>
  Buffer.from(rgbaToThumbHash(width, height, Buffer.from(rgba, 'base64'))).toString('hex'));
console.log(JSON.stringify(hashes));
