// After a build: the server sends what is compressed beside a file, but index.html,
// which is another in each answer. (dist/.keep, which lets Go embed the folder in a
// fresh clone, comes from public, so that a build by itself keeps it.)
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { brotliCompressSync, constants, gzipSync } from 'node:zlib';

const dist = new URL('../dist/', import.meta.url);
const minBytes = 1024;

for (const entry of readdirSync(dist, { recursive: true })) {
  if (!/\.(js|css|svg)$/.test(entry)) continue;
  const file = new URL(entry, dist);
  const content = readFileSync(file);
  if (content.length < minBytes) continue;
  writeFileSync(new URL(`${entry}.gz`, dist), gzipSync(content, { level: 9 }));
  writeFileSync(
    new URL(`${entry}.br`, dist),
    brotliCompressSync(content, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } }),
  );
}
rmSync(new URL('.vite', dist), { recursive: true, force: true });
