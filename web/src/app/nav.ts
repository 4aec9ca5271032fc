import {
  IconAlertTriangle,
  IconLayoutDashboard,
  IconListSearch,
  IconPlugConnected,
  IconSettings,
  IconShieldCheck,
} from '@tabler/icons-react';

// Navigation by job. The key is the second of "g …"; a page is shown to who may
// do one of its actions.
const groups = [
  {
    group: 'monitor',
    pages: [
      { to: '/', name: 'overview', icon: IconLayoutDashboard, key: 'o', actions: ['alert.read'] },
      { to: '/alerts', name: 'alerts', icon: IconAlertTriangle, key: 'a', actions: ['alert.read'] },
      { to: '/search', name: 'search', icon: IconListSearch, key: 's', actions: ['event.read'] },
    ],
  },
  {
    group: 'collect',
    pages: [
      { to: '/sources', name: 'sources', icon: IconPlugConnected, key: 'n', actions: ['source.read'] },
      { to: '/rules', name: 'rules', icon: IconShieldCheck, key: 'r', actions: ['rule.read'] },
    ],
  },
  { group: 'manage', pages: [{ to: '/admin', name: 'admin', icon: IconSettings, key: 'q', actions: ['user.manage', 'token.manage', 'unit.manage', 'retention.manage', 'audit.read'] }] },
] as const;

export type NavigationPage = (typeof groups)[number]['pages'][number];

export const navigation: readonly { group: (typeof groups)[number]['group']; pages: readonly NavigationPage[] }[] = groups;
