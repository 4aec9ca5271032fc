// What is written of a system, in the shape a form begins with.
import type { SystemFacts } from '../../api/systemQueries';

export type Zone = SystemFacts['zones'][number];
export type Served = SystemFacts['services'][number];
export type Staff = SystemFacts['staff'][number];

export const types = ['internal', 'public', 'infrastructure', 'industrial', 'other'] as const;
export const deployments = ['none', 'partly', 'full'] as const;
export const transitions = ['none', 'kept', 'building', 'unlevelled'] as const;
export const states = ['planned', 'operating', 'retired'] as const;
export const levels = ['0', '1', '2', '3', '4', '5'] as const;

export const assetKinds = ['host', 'device', 'service', 'software'] as const;
export const assetMarks = ['foreign', 'donated', 'vietnamese'] as const;

export const freshFacts = (unit: string): SystemFacts => ({
  name: '',
  purpose: '',
  serves: '',
  type: 'public',
  unit,
  operatorUnit: unit,
  operator: { name: '', mandate: '', head: '', title: '', address: '', phone: '', mail: '' },
  extent: '',
  scale: '',
  zones: [],
  domains: [],
  services: [],
  data: { basic: 0, sensitive: 0, important: false, core: false, secret: false },
  dataCentre: '',
  staff: [],
  regulation: { number: '', date: '', issuer: '' },
  deployment: 'none',
  plannedApproval: '',
  plannedDeployment: '',
  critical: false,
  transition: 'none',
});

export const freshZone = (): Zone => ({ name: '', private: [], public: [] });
export const freshService = (): Served => ({ name: '', server: '', os: '', purpose: '' });
export const freshStaff = (): Staff => ({ name: '', title: '', phone: '', mail: '', certificate: '', issued: '', ends: '' });

/** The lines of a text field. */
export const linesOf = (text: string) => text.split('\n');
