// What the page of units keeps in its address.
const text = (value: unknown) => (typeof value === 'string' && value !== '' ? value : undefined);

const statuses = ['active', 'planned', 'ended'] as const;
const tabs = ['info', 'contacts', 'record', 'history'] as const;
const dialogs = ['new', 'template', 'import', 'reorganise'] as const;

export interface UnitsParams {
  q?: string | undefined;
  group?: string | undefined;
  status?: (typeof statuses)[number] | undefined;
  /** A day, yyyy-mm-dd: the units in force then. */
  at?: string | undefined;
  sort?: string | undefined;
  /** The unit beside the list. */
  id?: string | undefined;
  tab?: (typeof tabs)[number] | undefined;
  /** What is open over the list. */
  do?: (typeof dialogs)[number] | undefined;
}

export function readUnitsParams(search: Record<string, unknown>): UnitsParams {
  const params: UnitsParams = {
    q: text(search.q),
    group: text(search.group),
    status: statuses.find((value) => value === search.status),
    at: /^\d{4}-\d{2}-\d{2}$/.test(String(search.at)) ? text(search.at) : undefined,
    sort: text(search.sort),
    id: text(search.id),
    tab: tabs.find((value) => value === search.tab),
    do: dialogs.find((value) => value === search.do),
  };
  return Object.fromEntries(Object.entries(params).filter(([, value]) => value !== undefined));
}
