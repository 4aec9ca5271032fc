import {
  IconAlertTriangle,
  IconLayoutDashboard,
  IconListSearch,
  IconPlugConnected,
  IconSettings,
  IconShieldCheck,
} from '@tabler/icons-react';

// Navigation by job. The key is the second of "g …".
const groups = [
  {
    group: 'monitor',
    pages: [
      { to: '/', name: 'overview', icon: IconLayoutDashboard, key: 'o' },
      { to: '/alerts', name: 'alerts', icon: IconAlertTriangle, key: 'a' },
      { to: '/search', name: 'search', icon: IconListSearch, key: 's' },
    ],
  },
  {
    group: 'collect',
    pages: [
      { to: '/sources', name: 'sources', icon: IconPlugConnected, key: 'n' },
      { to: '/rules', name: 'rules', icon: IconShieldCheck, key: 'r' },
    ],
  },
  { group: 'manage', pages: [{ to: '/admin', name: 'admin', icon: IconSettings, key: 'q' }] },
] as const;

export type NavigationPage = (typeof groups)[number]['pages'][number];

export const navigation: readonly { group: (typeof groups)[number]['group']; pages: readonly NavigationPage[] }[] = groups;
