// Addresses and networks as people type them, one a line; the server decides again.

const octet = /^(0|[1-9]\d{0,2})$/;

const isV4 = (text: string) => {
  const parts = text.split('.');
  return parts.length === 4 && parts.every((part) => octet.test(part) && Number(part) <= 255);
};

function isV6(text: string): boolean {
  if (!text.includes(':') || !/^[0-9a-f:.]+$/i.test(text)) return false;
  const halves = text.split('::');
  if (halves.length > 2) return false;
  const groups = halves.flatMap((half) => (half === '' ? [] : half.split(':')));
  const last = groups.at(-1) ?? '';
  const v4 = last.includes('.');
  if (v4 && !isV4(last)) return false;
  const hex = v4 ? groups.slice(0, -1) : groups;
  if (!hex.every((group) => /^[0-9a-f]{1,4}$/i.test(group))) return false;
  const count = hex.length + (v4 ? 2 : 0);
  return halves.length === 2 ? count < 8 : count === 8;
}

/** An address, or a network in CIDR form. */
export function isNetwork(text: string): boolean {
  const [address = '', bits, ...more] = text.split('/');
  if (more.length > 0) return false;
  const most = isV4(address) ? 32 : isV6(address) ? 128 : -1;
  return most >= 0 && (bits === undefined || (/^(0|[1-9]\d{0,2})$/.test(bits) && Number(bits) <= most));
}

export interface NetworkLines {
  networks: string[];
  /** Lines that are neither, with their number from 1. */
  wrong: { line: number; text: string }[];
}

export function readNetworks(text: string): NetworkLines {
  const read: NetworkLines = { networks: [], wrong: [] };
  text.split('\n').forEach((raw, at) => {
    const line = raw.trim();
    if (line === '') return;
    if (isNetwork(line)) read.networks.push(line);
    else read.wrong.push({ line: at + 1, text: line });
  });
  return read;
}
