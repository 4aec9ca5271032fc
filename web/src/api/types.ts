// The words the console and the server share. Pages import from here only, so
// that the source of these types can change in one place.

export type Level = 'critical' | 'high' | 'medium' | 'low' | 'informational';
export type AlertStatus = 'new' | 'in_progress' | 'closed';
export type CloseReason = 'true_positive' | 'false_positive' | 'benign' | 'duplicate' | 'other';
export type Role = 'administrator' | 'analyst';

export interface User {
  id: string;
  username: string;
  displayName: string;
  role: Role;
  unit: string;
}

export interface Session {
  user: User;
  mustChangePassword: boolean;
  version: string;
  serverTime: string;
}

export interface Source {
  unit: string;
  input: string;
  peer: string;
  host: string;
  format: string;
  product: string;
  service: string;
  firstSeen: string;
  lastSeen: string;
  events: number;
  unparsed: number;
  status: 'ok' | 'silent';
}

export interface Health {
  spoolPending: number;
  spoolBytes: number;
  lagSeconds: number;
  diskFreeBytes: number;
  rules: { loaded: number; refused: number };
}

export interface SeriesPoint {
  t: string;
  count: number;
}

export interface Overview {
  now: string;
  eventsPerSecond: number;
  eventsTotal: number;
  series: SeriesPoint[];
  bucketSeconds: number;
  alertsByLevel: Record<Level, number>;
  alertsNew: number;
  unparsed: number;
  sources: Source[];
  recentAlerts: Alert[];
  health: Health;
}

export interface Unparsed {
  unit: string;
  input: string;
  peer: string;
  host: string;
  count: number;
  lastSeen: string;
  samples: string[];
}

export interface LogEvent {
  id: string;
  time: string;
  received: string;
  unit: string;
  host: string;
  input: string;
  peer: string;
  format: string;
  product: string;
  category: string;
  service: string;
  skewed: boolean;
  rules: string[];
  raw: string;
  fields: Record<string, string | string[]>;
}

export interface SearchRequest {
  query: string;
  from: string;
  to: string;
  limit?: number;
  cursor?: string;
  order?: 'desc' | 'asc';
}

export interface SearchResult {
  events: LogEvent[];
  nextCursor?: string;
  tookMs: number;
  scannedSegments: number;
  partial?: string;
}

export interface Histogram {
  bucketSeconds: number;
  total: number;
  buckets: SeriesPoint[];
  tookMs: number;
}

export interface FieldSummary {
  name: string;
  count: number;
  top: { value: string; count: number }[];
}

export interface FieldsResult {
  fields: FieldSummary[];
  sampled: number;
}

export type Validation =
  | { ok: true }
  | { ok: false; offset: number; length: number; message: string; expected: string[]; code?: string };

export interface Alert {
  id: string;
  ruleId: string;
  title: string;
  titleVi: string;
  level: Level;
  status: AlertStatus;
  unit: string;
  unitName: string;
  entityField: string;
  entityValue: string;
  count: number;
  firstSeen: string;
  lastSeen: string;
  createdAt: string;
  updatedAt: string;
  assignee: { id: string; displayName: string } | null;
  reason: CloseReason | null;
  note: string;
  tags: string[];
  version: number;
}

export interface AlertHistory {
  at: string;
  by: string;
  action: string;
  from: string;
  to: string;
  reason: string;
  note: string;
}

export interface AlertRule {
  id: string;
  title: string;
  description: string;
  explanationVi: string;
  checksVi: string[];
  tags: string[];
  level: Level;
  references: string[];
  falsepositives: string[];
  fields: string[];
}

export interface AlertDetail extends Alert {
  rule: AlertRule;
  history: AlertHistory[];
}

export interface AlertList {
  items: Alert[];
  nextCursor?: string;
  total: number;
  byStatus: Record<AlertStatus, number>;
  byLevel: Record<Level, number>;
}

export interface AlertEvents {
  events: LogEvent[];
  query: string;
  from: string;
  to: string;
}

export interface AlertChange {
  status?: AlertStatus;
  reason?: CloseReason | null;
  note?: string;
  assigneeId?: string | null;
}

export interface BulkResult {
  updated: number;
  alerts: Alert[];
}

export interface RuleSummary {
  id: string;
  title: string;
  level: Level;
  status: string;
  product: string;
  category: string;
  service: string;
  tags: string[];
  pack: string;
  hits24h: number;
}

export interface RefusedRule {
  file: string;
  line: number;
  reason: string;
  remedy: string;
}

export interface RuleList {
  items: RuleSummary[];
  nextCursor?: string;
  total: number;
  refused: RefusedRule[];
  loadedAt: string;
}

export interface RuleDetail extends RuleSummary {
  description: string;
  explanationVi: string;
  checksVi: string[];
  source: string;
  references?: string[];
  falsepositives?: string[];
}

export interface Unit {
  id: string;
  name: string;
  kind: string;
  createdAt: string;
}

export interface Token {
  id: string;
  name: string;
  unit: string;
  scope: 'ingest' | 'api';
  createdAt: string;
  expiresAt: string | null;
  lastUsedAt: string | null;
  revoked: boolean;
}

export interface Account extends User {
  disabled?: boolean;
  createdAt?: string;
  lastSignInAt?: string | null;
}

export interface AuditRecord {
  seq: number;
  at: string;
  actor: string;
  action: string;
  object: string;
  detail: string;
  ip: string;
}

export interface LiveStats {
  now: string;
  eventsPerSecond: number;
  spoolPending: number;
  lagSeconds: number;
}

export interface LiveAlert {
  kind: 'created' | 'updated';
  alert: Alert;
}
