// The one list of pages, by the job people come to do. A page of its own: a route in
// router.tsx, a line here, its words under nav.<name> in both catalogues.
import {
  IconAlertTriangle,
  IconArchive,
  IconBell,
  IconBug,
  IconBugOff,
  IconCalendarDue,
  IconCertificate,
  IconChartHistogram,
  IconChecklist,
  IconClipboardCheck,
  IconCloudUpload,
  IconDevices,
  IconFileText,
  IconFilterOff,
  IconGavel,
  IconFlame,
  IconKey,
  IconLayoutDashboard,
  IconLifebuoy,
  IconMap2,
  IconListSearch,
  IconPlugConnected,
  IconReportAnalytics,
  IconReportSearch,
  IconRouter,
  IconServer2,
  IconStack2,
  IconShieldCheck,
  IconShieldLock,
  IconSitemap,
  IconSpeakerphone,
  IconSwords,
  IconTable,
  IconTargetArrow,
  IconUsers,
  IconVirusSearch,
} from '@tabler/icons-react';

/** An action of the server's permission table, such as "alert.triage". */
export type Action = string;

export type Group = 'monitor' | 'respond' | 'warn' | 'systems' | 'plan' | 'people' | 'admin';

export interface NavigationPage {
  to: string;
  /** Its words are nav.<name>. */
  name: string;
  icon: typeof IconUsers;
  /** The second key of "g …", of this page alone; never g, which with itself is the top of a list. */
  key?: string;
  /** Whoever may not do this is not shown the page. */
  action: Action;
  group: Group;
  /** Reached through another page, by "g …" and the palette; not in the side bar. */
  inner?: true;
  /** Shows one unit only where the address names one. */
  byUnit?: true;
}

/** Groups in the order of the side bar; one without pages is not shown. */
export const groups: readonly Group[] = ['monitor', 'respond', 'warn', 'systems', 'plan', 'people', 'admin'];

export const pages = [
  { to: '/', name: 'overview', icon: IconLayoutDashboard, key: 'o', action: 'alert.read', group: 'monitor' },
  { to: '/dashboards', name: 'dashboards', icon: IconChartHistogram, key: 'b', action: 'dashboard.read', group: 'monitor', byUnit: true },
  { to: '/search', name: 'search', icon: IconListSearch, key: 's', action: 'event.read', group: 'monitor' },
  { to: '/sources', name: 'sources', icon: IconPlugConnected, key: 'n', action: 'source.read', group: 'monitor', byUnit: true },
  { to: '/attack', name: 'attack', icon: IconTargetArrow, key: 'm', action: 'rule.read', group: 'monitor', byUnit: true },
  { to: '/sources/enrolments', name: 'enrolments', icon: IconRouter, key: 'c', action: 'enrol.read', group: 'monitor', inner: true, byUnit: true },
  { to: '/sources/uploads', name: 'uploads', icon: IconCloudUpload, key: 'f', action: 'upload.read', group: 'monitor', inner: true, byUnit: true },

  { to: '/today', name: 'today', icon: IconChecklist, key: 't', action: 'alert.triage', group: 'respond' },
  { to: '/alerts', name: 'alerts', icon: IconAlertTriangle, key: 'a', action: 'alert.read', group: 'respond', byUnit: true },
  { to: '/incidents', name: 'incidents', icon: IconFlame, key: 'x', action: 'incident.read', group: 'respond', byUnit: true },
  { to: '/exclusions', name: 'exclusions', icon: IconFilterOff, key: 'e', action: 'exclusion.read', group: 'respond' },
  { to: '/obligations', name: 'obligations', icon: IconGavel, key: 'd', action: 'obligation.read', group: 'respond' },
  { to: '/agenda', name: 'agenda', icon: IconCalendarDue, action: 'agenda.read', group: 'respond', byUnit: true },
  { to: '/documents', name: 'documents', icon: IconFileText, key: 'h', action: 'document.read', group: 'respond' },
  { to: '/response', name: 'response', icon: IconLifebuoy, key: 'j', action: 'coordination.read', group: 'respond' },
  { to: '/drills', name: 'drills', icon: IconSwords, key: 'z', action: 'drill.read', group: 'respond' },

  { to: '/province', name: 'province', icon: IconMap2, action: 'system.read', group: 'systems', byUnit: true },
  { to: '/systems', name: 'systems', icon: IconServer2, action: 'system.read', group: 'systems', byUnit: true },
  { to: '/assets', name: 'assets', icon: IconDevices, action: 'system.read', group: 'systems', byUnit: true },
  { to: '/requirements', name: 'requirements', icon: IconStack2, action: 'requirement.read', group: 'systems' },
  { to: '/units', name: 'units', icon: IconSitemap, key: 'u', action: 'unit.read', group: 'systems' },
  { to: '/warnings', name: 'warnings', icon: IconSpeakerphone, key: 'q', action: 'warning.read', group: 'warn' },
  { to: '/advisories', name: 'advisories', icon: IconBugOff, key: 'v', action: 'advisory.read', group: 'warn' },
  { to: '/notifications', name: 'notifications', icon: IconBell, key: 'i', action: 'notification.own', group: 'warn' },
  { to: '/inspections', name: 'inspections', icon: IconClipboardCheck, action: 'assessment.read', group: 'systems' },
  { to: '/antimalware', name: 'antimalware', icon: IconVirusSearch, action: 'antimalware.read', group: 'systems' },
  { to: '/vulnerabilities', name: 'vulnerabilities', icon: IconBug, action: 'vulnerability.read', group: 'systems', byUnit: true },
  { to: '/dossiers', name: 'dossiers', icon: IconCertificate, action: 'dossier.read', group: 'systems' },
  { to: '/form-08', name: 'form08', icon: IconReportAnalytics, action: 'dossier.read', group: 'systems' },

  { to: '/rules', name: 'rules', icon: IconShieldCheck, key: 'r', action: 'rule.read', group: 'systems' },

  { to: '/admin/users', name: 'users', icon: IconUsers, key: 'p', action: 'user.manage', group: 'admin' },
  { to: '/admin/tokens', name: 'tokens', icon: IconKey, key: 'k', action: 'token.manage', group: 'admin' },
  { to: '/admin/roles', name: 'roles', icon: IconTable, action: 'user.manage', group: 'admin', inner: true },
  { to: '/admin/policy', name: 'policy', icon: IconShieldLock, key: 'w', action: 'signin.policy', group: 'admin' },
  { to: '/admin/retention', name: 'retention', icon: IconArchive, key: 'l', action: 'retention.manage', group: 'admin' },
  { to: '/admin/audit', name: 'audit', icon: IconReportSearch, key: 'y', action: 'audit.read', group: 'admin' },
] as const satisfies readonly NavigationPage[];

export type PageName = (typeof pages)[number]['name'];

export type Page = NavigationPage & { name: PageName };

/** The pages somebody may see, each group's together. */
export function grouped(may: (action: Action) => boolean): { group: Group; pages: Page[] }[] {
  return groups
    .map((group) => ({ group, pages: pages.filter((page: Page) => page.group === group && may(page.action)) }))
    .filter((g) => g.pages.length > 0);
}

/** The keys that lead to a page: "g a". */
export const jumpOf = ({ key }: NavigationPage) => key && `g ${key}`;

/** The page of a path: the one whose address is the longest beginning of it. */
export function pageOf(path: string, among: readonly Page[] = pages): Page | undefined {
  const inside = (to: string) => path === to || (to !== '/' && path.startsWith(`${to}/`));
  return [...among].sort((a, b) => b.to.length - a.to.length).find((page) => inside(page.to));
}
