// The words the console and the server share, by the names the pages use.
// Everything comes from the server's OpenAPI description; "npm run types"
// writes it. The live stream and the fixed words are the only additions.
import type { components } from './schema.gen';

type Schemas = components['schemas'];

export type Alert = Schemas['Alert'];
export type AlertChange = Omit<Schemas['ChangeAlertRequest'], 'version' | '$schema'>;
export type AlertDetail = Schemas['AlertDetail'];
export type AlertEvents = Schemas['AlertEvents'];
export type AlertExplanation = Schemas['AlertExplanation'];
export type AlertHistory = Schemas['AlertStep'];
export type AlertList = Schemas['AlertPage'];
export type Account = Schemas['Account'];
export type AuditPage = Schemas['AuditPage'];
export type BulkResult = Schemas['ChangedAlerts'];
export type ExplainedField = Schemas['ExplainedField'];
export type ExplainedPart = Schemas['ExplainedPart'];
export type ExplainedRule = Schemas['ExplainedRule'];
export type FieldsResult = Schemas['Fields'];
export type FieldSummary = Schemas['FieldStats'];
export type Histogram = Schemas['Histogram'];
export type LogEvent = Schemas['Event'];
export type Overview = Schemas['Overview'];
export type Person = Schemas['Person'];
export type RuleDetail = Schemas['RuleDetail'];
export type RuleList = Schemas['RulePage'];
export type RuleTest = Schemas['RuleTest'];
export type RuleTestResult = Schemas['RuleTestResult'];
export type RuleTestSample = Schemas['RuleTestSample'];
export type SearchRequest = Schemas['SearchRequest'];
export type SearchResult = Schemas['EventPage'];
export type Session = Schemas['Session'];
export type Enrolled = Schemas['Enrolled'];
export type TotpSetup = Schemas['TotpSetup'];
export type Ceremony = Schemas['Ceremony'];
export type Factors = Schemas['Factors'];
export type OwnSession = Schemas['OwnSession'];
export type SignInMethods = Schemas['SignInMethods'];
export type Source = Schemas['Source'];
export type Token = Schemas['Token'];
export type Unit = Schemas['Unit'];
export type Unparsed = Schemas['Unparsed'];
export type Validation = Schemas['Validation'];

/** A value of a table; null where there was nothing to compute from. */
export type Cell = string | number | null;
export type Table = Omit<Schemas['Table'], 'rows'> & { rows: Cell[][] };
export type FieldNames = Schemas['FieldNames'];
export type FieldValues = Schemas['FieldValues'];
export type Export = Schemas['Export'];
export type HistoryEntry = Schemas['HistoryEntry'];
export type Saved = Schemas['Saved'];
export type TailEvents = Schemas['TailEvents'];
export type TailPlace = Schemas['TailPlace'];
export type UnknownField = Schemas['UnknownField'];

export type AlertStatus = Alert['status'];
export type Level = Alert['level'];
export type Role = Session['user']['role'];

/** Sent every two seconds on the live stream. */
export interface LiveStats {
  now: string;
  eventsPerSecond: number;
  spoolPending: number;
  lagSeconds: number;
}

/** Sent on the live stream whenever an alert is raised or changes. */
export interface LiveAlert {
  kind: 'created' | 'updated';
  alert: Alert;
}
