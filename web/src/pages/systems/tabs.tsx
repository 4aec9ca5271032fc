// The tabs of a system's page, in their order. A part of the product that has something
// to say of a system adds a line here, and its word under tab.<id> in both catalogues.
import { type ComponentType, lazy } from 'react';

import type { System } from '../../api/systemQueries';
import type { Action } from '../../app/nav';
import { AssetsTab } from './AssetsTab';
import { History } from './History';
import { SystemLayersTab } from '../requirements/SystemLayersTab';
import { SystemRequirementsTab } from '../requirements/SystemRequirementsTab';
import { Overview } from './Overview';

export interface TabProps {
  system: System;
}

interface SystemTab {
  id: string;
  /** Whoever may not do this is not shown the tab. */
  action: Action;
  view: ComponentType<TabProps>;
}

// The parts that other pages lend come when they are opened.
const AlertsTab = lazy(() => import('./around/AlertsTab').then((m) => ({ default: m.AlertsTab })));
const IncidentsTab = lazy(() => import('./around/IncidentsTab').then((m) => ({ default: m.IncidentsTab })));
const SourcesTab = lazy(() => import('./around/SourcesTab').then((m) => ({ default: m.SourcesTab })));
const VulnerabilitiesTab = lazy(() => import('./around/VulnerabilitiesTab').then((m) => ({ default: m.VulnerabilitiesTab })));
const DossierTab = lazy(() => import('./around/DossierTab').then((m) => ({ default: m.DossierTab })));
const ConnectionsTab = lazy(() => import('./around/ConnectionsTab').then((m) => ({ default: m.ConnectionsTab })));
const DutiesTab = lazy(() => import('./around/DutiesTab').then((m) => ({ default: m.DutiesTab })));

export const systemTabs = [
  { id: 'overview', action: 'system.read', view: Overview },
  { id: 'assets', action: 'system.read', view: AssetsTab },
  { id: 'connections', action: 'system.read', view: ConnectionsTab },
  { id: 'alerts', action: 'alert.read', view: AlertsTab },
  { id: 'incidents', action: 'incident.read', view: IncidentsTab },
  { id: 'vulnerabilities', action: 'vulnerability.read', view: VulnerabilitiesTab },
  { id: 'sources', action: 'source.read', view: SourcesTab },
  { id: 'dossier', action: 'dossier.read', view: DossierTab },
  { id: 'requirements', action: 'requirement.read', view: SystemRequirementsTab },
  { id: 'layers', action: 'readiness.read', view: SystemLayersTab },
  { id: 'duties', action: 'obligation.read', view: DutiesTab },
  { id: 'history', action: 'system.read', view: History },
] as const satisfies readonly SystemTab[];

