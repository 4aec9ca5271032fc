// The tabs of a system's page, in their order. A part of the product that has something
// to say of a system adds a line here, and its word under tab.<id> in both catalogues.
import type { ComponentType } from 'react';

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

export const systemTabs = [
  { id: 'overview', action: 'system.read', view: Overview },
  { id: 'assets', action: 'system.read', view: AssetsTab },
  { id: 'requirements', action: 'requirement.read', view: SystemRequirementsTab },
  { id: 'layers', action: 'readiness.read', view: SystemLayersTab },
  { id: 'history', action: 'system.read', view: History },
] as const satisfies readonly SystemTab[];

