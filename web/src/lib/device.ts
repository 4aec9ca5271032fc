// What a browser calls itself, in the words people use.

const systems: [RegExp, string][] = [
  [/Android/, 'Android'],
  [/iPhone|iPad/, 'iOS'],
  [/Windows/, 'Windows'],
  [/Mac OS X/, 'macOS'],
  [/Linux/, 'Linux'],
];
const browsers: [RegExp, string][] = [
  [/Edg\//, 'Edge'],
  [/OPR\//, 'Opera'],
  [/coc_coc_browser/, 'Coc Coc'],
  [/Firefox\//, 'Firefox'],
  [/Chrome\//, 'Chrome'],
  [/Safari\//, 'Safari'],
];

const first = (agent: string, of: [RegExp, string][]) => of.find(([pattern]) => pattern.test(agent))?.[1];

/** "Chrome · Windows"; "" where nothing is recognised. */
export function deviceOf(agent: string): string {
  return [first(agent, browsers), first(agent, systems)].filter(Boolean).join(' · ');
}
