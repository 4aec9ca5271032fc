// Adds up what a browser must fetch before the first page shows and refuses
// to let it grow past the limit.
import { readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';

const limitBytes = 300 * 1024;
const dist = new URL('../dist/', import.meta.url);
const manifest = JSON.parse(readFileSync(new URL('.vite/manifest.json', dist), 'utf8'));

const files = new Set();
function add(key) {
  const chunk = manifest[key];
  if (files.has(chunk.file)) return;
  files.add(chunk.file);
  for (const css of chunk.css ?? []) files.add(css);
  for (const dependency of chunk.imports ?? []) add(dependency);
}
add('index.html');
// The first page after signing in and the fonts every Vietnamese page uses.
for (const key of Object.keys(manifest)) {
  if (key.includes('pages/overview/')) add(key);
}
for (const asset of manifest['index.html'].assets ?? []) files.add(asset);

let total = 0;
for (const file of files) {
  const content = readFileSync(new URL(file, dist));
  const size = file.endsWith('.woff2') ? content.length : gzipSync(content).length;
  total += size;
  console.log(`${String(Math.round(size / 1024)).padStart(5)} KB  ${file}`);
}
console.log(`first load: ${(total / 1024).toFixed(1)} KB compressed, limit ${limitBytes / 1024} KB`);
if (total > limitBytes) {
  console.error('The first load is over its limit: split something off with import().');
  process.exit(1);
}
