// Which fields of events and alerts name a machine, an account, an address …; the
// server's package entity has the same table.

export const entityTypes = ['host', 'user', 'address', 'domain', 'hash', 'process'] as const;
export type EntityType = (typeof entityTypes)[number];

const fields: Record<EntityType, readonly string[]> = {
  host: ['host', '_host', 'hostname', 'Computer', 'ComputerName'],
  user: [
    'user', 'User', 'USER', 'target_user', 'TargetUserName', 'SubjectUserName', 'UserName', 'AccountName', 'SourceUser', 'TargetUser',
    'ParentUser', 'cs-username', 'srcuser', 'dstuser', 'acct',
  ],
  address: [
    'src_ip', 'dst_ip', 'peer', '_peer', 'IpAddress', 'SourceIp', 'DestinationIp', 'SourceIP', 'DestinationIP', 'SourceAddress', 'DestAddress',
    'c-ip', 's-ip', 'ClientAddress', 'ClientIP', 'client_ip', 'srcip', 'dstip', 'remip', 'SRC', 'DST',
  ],
  domain: ['query', 'QueryName', 'cs-host', 'DestinationHostname', 'domain', 'server_name'],
  hash: ['md5', 'sha1', 'sha256', 'Imphash', 'hash'],
  process: ['Image', 'NewProcessName', 'ParentImage', 'ProcessName', 'ParentProcessName', 'exe'],
};

const byField = new Map(entityTypes.flatMap((type) => fields[type].map((field) => [field, type] as const)));

const nobody = new Set(['', '-', '?', '*', 'unknown', 'n/a']);

/** The type of entity a field's value names; undefined where it names none. */
export function entityOf(field: string, value: string): EntityType | undefined {
  if (nobody.has(value.trim().toLowerCase()) || value.length > 500) return undefined;
  return byField.get(field);
}

export const isEntityType = (text: string): text is EntityType => (entityTypes as readonly string[]).includes(text);
