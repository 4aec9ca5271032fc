/** Where what a message is about is shown. */
export interface Place {
  to: string;
  search?: Record<string, string>;
}

const pathOf = (id: string) => id.split('/').map(encodeURIComponent).join('/');

/** By the kind of the object. */
const places: Record<string, (id: string) => Place> = {
  warning: (id) => ({ to: `/warnings/${pathOf(id)}` }),
  inspection: (id) => ({ to: `/inspections/${encodeURIComponent(id)}` }),
  'inspection-plan': (unit) => ({ to: '/inspections', search: { unit } }),
  antimalware: () => ({ to: '/antimalware', search: { tab: 'infections', state: 'open' } }),
  'cleaning-campaign': (id) => ({ to: '/antimalware', search: { tab: 'campaigns', id } }),
  alert: (id) => ({ to: `/alerts/${encodeURIComponent(id)}` }),
  incident: (id) => ({ to: `/incidents/${encodeURIComponent(id)}` }),
  system: (id) => ({ to: `/systems/${encodeURIComponent(id)}` }),
  'system-layers': (id) => ({ to: `/systems/${encodeURIComponent(id)}`, search: { tab: 'layers' } }),
  'system-requirements': (id) => ({ to: `/systems/${encodeURIComponent(id)}`, search: { tab: 'requirements' } }),
  'unit-vulnerabilities': (id) => ({ to: '/vulnerabilities', search: { unit: id } }),
  agenda: (id) => {
    const [day = '', kind = ''] = id.split('/');
    return { to: '/agenda', search: { month: day.slice(0, 7), day, kind } };
  },
  'level-call': (id) => ({ to: '/dossiers', search: { system: id } }),
  dossier: (id) => ({ to: `/dossiers/${encodeURIComponent(id)}` }),
  document: (id) => ({ to: `/documents/${encodeURIComponent(id)}` }),
  obligation: (id) => ({ to: '/obligations', search: { id } }),
  'call-up': (id) => ({ to: '/response', search: { tab: 'calls', id } }),
  ask: (id) => ({ to: '/response', search: { tab: 'asks', id } }),
  handover: (id) => ({ to: '/response', search: { tab: 'asks', id } }),
};

/** Undefined where there is nothing to open. */
export function placeOf(object: string): Place | undefined {
  const at = object.indexOf(':');
  const id = object.slice(at + 1);
  return at > 0 && id !== '' ? places[object.slice(0, at)]?.(id) : undefined;
}
