// Adds up what a browser must fetch before the first page shows, signed in or
// not, and refuses to let it grow past the limit.
import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';

const limitBytes = 300 * 1024;
const dist = new URL('../dist/', import.meta.url);
const manifest = JSON.parse(readFileSync(new URL('.vite/manifest.json', dist), 'utf8'));

function sizeOf(file) {
  const content = readFileSync(new URL(file, dist));
  return file.endsWith('.woff2') ? content.length : gzipSync(content).length;
}

function collect(key, files) {
  const chunk = manifest[key];
  if (files.has(chunk.file)) return;
  files.add(chunk.file);
  // Fonts are named by the style sheets; the Vietnamese and Latin files are all there are.
  for (const other of [...(chunk.css ?? []), ...(chunk.assets ?? [])]) files.add(other);
  for (const dependency of chunk.imports ?? []) collect(dependency, files);
}

for (const page of ['src/pages/signin/SignInPage.tsx', 'src/pages/overview/OverviewPage.tsx']) {
  const files = new Set();
  collect('index.html', files);
  collect(page, files);
  const total = [...files].reduce((sum, file) => sum + sizeOf(file), 0);
  console.log(`first load of ${page}: ${(total / 1024).toFixed(1)} KB compressed, limit ${String(limitBytes / 1024)} KB`);
  if (total > limitBytes) {
    console.error('The first load is over its limit: split something off with import().');
    process.exitCode = 1;
  }
}
